//! Figures that cannot all be true, each with the reason in a sentence that gives its numbers. Nothing is averaged.
//!
//! A figure with a bound is an interval; two contradict each other only where their intervals do not meet. A quotient of two
//! figures that are both known as lower bounds proves nothing, so it is told as what the numbers at their edges come to.

use measure::{Name, Time};
use serde::Serialize;

use crate::{Census, Claim, Published, SiteStatus, Stated};

/// Figures that cannot all hold, or that do not mean what they are set beside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// By which rule it was found.
    pub rule: &'static str,
    /// Which figures.
    pub figures: Vec<Name>,
    /// Why, in a sentence.
    pub what: String,
}

/// `>150 EFLOPS of Guizhou (2025-12-31)`.
fn shown(figure: &Published) -> String {
    let value = figure.value.map_or("unknown".to_owned(), |value| value.to_string());
    let unit = if figure.unit == "fraction" || figure.unit == "count" { String::new() } else { format!(" {}", figure.unit) };
    format!("{value}{unit} of {} ({})", figure.scope, figure.date)
}

/// At most so many decimals, without zeros at the end: for sentences only.
pub(crate) fn round(number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn apart(one: Stated, other: Stated) -> bool {
    one.least() > other.most() || other.least() > one.most()
}

/// What contradicts what in a census, of what was published by an instant.
pub fn contradictions(census: &Census, at: Time) -> Vec<Contradiction> {
    let known_by = |date: &str| Time::parse_date(date).is_ok_and(|date| date <= at);
    let published: Vec<&Published> = census.published.values().filter(|figure| known_by(&figure.date)).collect();
    let mut found = Vec::new();
    disputed(&published, &mut found);
    parts(census, &published, &mut found);
    shares(&published, &mut found);
    claims(census, at, &published, &mut found);
    loads(census, &published, &mut found);
    counts(census, at, &published, &mut found);
    targets(census, &mut found);
    found
}

/// Figures of one metric, scope and date that differ, and those that a person marked.
fn disputed(published: &[&Published], found: &mut Vec<Contradiction>) {
    for (at, one) in published.iter().enumerate() {
        for other in &published[at + 1..] {
            let named = one.disputes.contains(&other.id) || other.disputes.contains(&one.id);
            let same = one.metric == other.metric && one.scope == other.scope && one.date == other.date && one.unit == other.unit;
            let differ =
                one.precision == other.precision && one.value.zip(other.value).is_some_and(|(one, other)| apart(one, other));
            if !(named || same && differ) {
                continue;
            }
            let metric =
                if one.metric == other.metric { one.metric.clone() } else { format!("{} and {}", one.metric, other.metric) };
            let why = [one, other].iter().find_map(|figure| Some(figure.note.split_once("Dispute: ")?.1.trim_end_matches('.')));
            let why = why.map_or_else(String::new, |why| format!("; {why}"));
            let what = format!("{metric}: {} against {}{why}.", shown(one), shown(other));
            found.push(Contradiction { rule: "disputed", figures: vec![one.id.clone(), other.id.clone()], what });
        }
    }
}

/// Amounts of which a part cannot exceed the whole.
const ADDITIVE: [&str; 9] = [
    "compute_total",
    "compute_intelligent",
    "data_centres",
    "ai_chips",
    "racks",
    "servers",
    "electricity_year",
    "storage",
    "max_load",
];

/// A total below one of its parts: of the same metric for a scope within, or of intelligent computing within all computing.
fn parts(census: &Census, published: &[&Published], found: &mut Vec<Contradiction>) {
    for whole in published.iter().filter(|figure| ADDITIVE.contains(&figure.metric.as_str())) {
        for part in published {
            let metrics = match part.metric == whole.metric {
                true => census.within(&part.scope, &whole.scope),
                false => part.metric == "compute_intelligent" && whole.metric == "compute_total" && part.scope == whole.scope,
            };
            // What grows is compared with a whole that is no older.
            let comparable = part.unit == whole.unit && part.precision == whole.precision && part.date <= whole.date;
            let Some((small, large)) = part.value.zip(whole.value).filter(|_| metrics && comparable) else { continue };
            if small.least() > large.most() {
                let what = format!("{}: {} is a part of {} and is larger than it.", whole.metric, shown(part), shown(whole));
                found.push(Contradiction {
                    rule: "part above its total",
                    figures: vec![part.id.clone(), whole.id.clone()],
                    what,
                });
            }
        }
    }
}

/// Shares of one thing that are told of different totals: what is left of each total shows whether they go together.
fn shares(published: &[&Published], found: &mut Vec<Contradiction>) {
    let total = |share: &Published| {
        let alike =
            |figure: &&&Published| figure.metric == "compute_total" && figure.scope == share.scope && figure.date == share.date;
        published.iter().find(alike).copied()
    };
    let mut shares: Vec<(&Published, &Published)> = published
        .iter()
        .filter(|figure| figure.metric == "intelligent_share")
        .filter_map(|share| Some((*share, total(share)?)))
        .collect();
    // Each with the next one of its time.
    shares.sort_by(|(one, _), (other, _)| (&one.scope, &one.date).cmp(&(&other.scope, &other.date)));
    for pair in shares.windows(2) {
        let [(share, base), (other, other_base)] = pair else { continue };
        let (Some(one), Some(two), Some(of_one), Some(of_two)) = (share.value, other.value, base.value, other_base.value) else {
            continue;
        };
        if share.scope != other.scope || one.micro == two.micro || base.id == other_base.id {
            continue;
        }
        let rest = |share: Stated, base: Stated| (1.0 - share.as_f64()) * base.as_f64();
        let what = format!(
            "intelligent_share: {} is told of {} and {} of {}: shares of different totals, whose precision is {}. Taken at \
             their edges they leave {} and {} {} of other computing.",
            shown(share),
            shown(base),
            shown(other),
            shown(other_base),
            base.precision.map_or("unstated".to_owned(), |precision| precision.to_string()),
            round(rest(one, of_one), 2),
            round(rest(two, of_two), 2),
            base.unit,
        );
        let figures = [share, base, other, other_base].map(|figure| figure.id.clone()).to_vec();
        found.push(Contradiction { rule: "shares of different totals", figures, what });
    }
}

/// Sentences that relate two figures, against what the figures come to.
fn claims(census: &Census, at: Time, published: &[&Published], found: &mut Vec<Contradiction>) {
    let known = |id: &Name| published.iter().find(|figure| figure.id == *id).copied();
    let dated = |claim: &&Claim| Time::parse_date(&claim.date).is_ok_and(|date| date <= at);
    for claim in census.claims.values().filter(dated) {
        let (Some(figure), Some(base)) = (known(&claim.figure), known(&claim.base)) else { continue };
        let (Some(over), Some(under)) = (figure.value, base.value) else { continue };
        if under.micro == 0 {
            continue;
        }
        let quotient = over.as_f64() / under.as_f64();
        let unlike = figure.precision != base.precision || figure.unit != base.unit;
        let off = (quotient - claim.value.as_f64()).abs() > claim.value.as_f64().abs() * 0.05;
        if !unlike && !off {
            continue;
        }
        let what = match unlike {
            true => format!(
                "{} over {} is claimed to be {}, and the two are counted differently ({} against {}), so the quotient means nothing; \
                 bare division gives {}.",
                shown(figure),
                shown(base),
                claim.value,
                figure.precision.map_or("precision unstated".to_owned(), |precision| precision.to_string()),
                base.precision.map_or("precision unstated".to_owned(), |precision| precision.to_string()),
                round(quotient, 3),
            ),
            false => format!(
                "{} is claimed to be {} times {}; at their edges it is {} times, and {} times would be {} {}.",
                shown(figure),
                claim.value,
                shown(base),
                round(quotient, 2),
                claim.value,
                round(claim.value.as_f64() * under.as_f64(), 1),
                base.unit,
            ),
        };
        found.push(Contradiction { rule: "claim", figures: vec![claim.id.clone(), figure.id.clone(), base.id.clone()], what });
    }
}

/// A year's electricity that its highest load could not have drawn.
fn loads(census: &Census, published: &[&Published], found: &mut Vec<Contradiction>) {
    let place = |scope: &str| scope.split(',').next().unwrap_or(scope).to_owned();
    for energy in published.iter().filter(|figure| figure.metric.starts_with("electricity_year") && figure.unit == "TWh") {
        for load in published.iter().filter(|figure| figure.metric == "max_load" && figure.unit == "MW") {
            let within = place(&energy.scope) == place(&load.scope) || census.within(&energy.scope, &load.scope);
            let year = |date: &str| date.get(..4).map(str::to_owned);
            let Some((energy_value, load_value)) = energy.value.zip(load.value) else { continue };
            let most = load_value.as_f64() * 8784.0 / 1e6;
            if within && year(&energy.date) == year(&load.date) && energy_value.as_f64() > most {
                let what = format!(
                    "{} would need a mean load above the highest that is told, {}: that gives at most {} TWh a year.",
                    shown(energy),
                    shown(load),
                    round(most, 2),
                );
                found.push(Contradiction { rule: "energy above load", figures: vec![energy.id.clone(), load.id.clone()], what });
            }
        }
    }
}

/// A published number of centres "completed or under construction" that the list cannot fill.
fn counts(census: &Census, at: Time, published: &[&Published], found: &mut Vec<Contradiction>) {
    let stands =
        |stage| matches!(stage, SiteStatus::Building | SiteStatus::Commissioning | SiteStatus::Operating | SiteStatus::Retiring);
    let named = || census.sites.values().filter(|site| site.named);
    let short = named().filter(|site| !stands(census.stage(site, at))).count();
    let whole = |figure: &&&Published| figure.value.is_some_and(|value| value.micro == census.sites.len() as i64 * 1_000_000);
    let newest = published.iter().filter(|figure| figure.metric == "data_centres").max_by_key(|figure| &figure.date);
    if let Some(figure) = newest.filter(whole).filter(|_| short > 0) {
        let what = format!(
            "data_centres: {} are published as completed or under construction, but {short} of the {} named sites are not known to be either.",
            shown(figure),
            named().count(),
        );
        found.push(Contradiction { rule: "count", figures: vec![figure.id.clone()], what });
    }
}

/// Two targets for one thing and date.
fn targets(census: &Census, found: &mut Vec<Contradiction>) {
    let all: Vec<_> = census.targets.values().collect();
    for (at, one) in all.iter().enumerate() {
        for other in &all[at + 1..] {
            let same = (&one.metric, &one.scope, &one.due, &one.unit) == (&other.metric, &other.scope, &other.due, &other.unit);
            if let Some((a, b)) = one.value.zip(other.value).filter(|(a, b)| same && apart(*a, *b)) {
                let what = format!(
                    "{} of {} by {}: both {a} and {b} {} are published ({}; {}).",
                    one.metric, one.scope, one.due, one.unit, one.quality, other.quality
                );
                found.push(Contradiction { rule: "two targets", figures: vec![one.id.clone(), other.id.clone()], what });
            }
        }
    }
}
