//! The year's report: what a hub has and how it grew, from published figures and from what was counted, each with its source.

use std::collections::BTreeMap;

use measure::{Span, Time};
use serde::Serialize;

use crate::contradict::round;
use crate::count::{TargetRow, count, target_row};
use crate::{Bound, Census, ClaimKind, Count, HOLDS, PoolCount, Published, Series, SeriesKey, SeriesKind, Stated, TariffKind};

/// A figure with its sentence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Headline {
    /// What it is of: `compute_total`, `data_centres` and the like.
    pub metric: String,
    /// What it is called.
    pub title: String,
    /// The figure in a sentence, with its bound in words.
    pub sentence: String,
    /// As published, with its bound.
    pub stated: Stated,
    /// The number alone.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// The precision of a computing power, or `unstated`; null for anything else.
    pub precision: Option<String>,
    /// What it covers.
    pub scope: String,
    /// The date it holds for.
    pub date: String,
    /// How good the source is.
    pub quality: String,
    /// Where it was published.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

/// How a figure grew.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Growth {
    /// Of what.
    pub metric: String,
    /// A year before, as published.
    pub before: Stated,
    /// Of which date.
    pub before_date: String,
    /// Now, as published.
    pub now: Stated,
    /// Of which date.
    pub now_date: String,
    /// Now over before, of the numbers at their edges.
    pub ratio: f64,
    /// What was published of it, in the source's words.
    pub claimed: Option<String>,
    /// All of it in a sentence.
    pub sentence: String,
}

/// A published figure over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Of what.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// Dates, numbers, and as published.
    pub points: Vec<(String, f64, Stated)>,
}

/// A dated factor or price that the report rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Factor {
    /// What it is.
    pub kind: String,
    /// For where.
    pub scope: String,
    /// Of when.
    pub valid_from: String,
    /// At which hours of the day; empty for all.
    pub hours: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// How good the source is.
    pub grade: String,
    /// Where it was published.
    pub source: String,
}

/// The report of a hub as of a date.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The hub's name.
    pub hub: String,
    /// Its name in Chinese.
    pub hub_zh: String,
    /// The date reported for.
    pub as_of: String,
    /// What a reader sees first.
    pub headlines: Vec<Headline>,
    /// Growth on the year before.
    pub growth: Vec<Growth>,
    /// Targets that are due later than the date, and those that were due in its year.
    pub targets: Vec<TargetRow>,
    /// Published figures over time.
    pub lines: Vec<Line>,
    /// Everything counted.
    pub count: Count,
    /// Site names by their stage.
    pub sites: BTreeMap<String, Vec<String>>,
    /// Energy prices and carbon factors that hold on the date.
    pub factors: Vec<Factor>,
    /// How it was counted, a paragraph each.
    pub method: Vec<String>,
    /// Every source used, with the figures it stands for.
    pub sources: BTreeMap<String, Vec<String>>,
}

/// What a hub's own figures are called, in the order of the report.
const TITLES: [(&str, &str); 12] = [
    ("compute_total", "Computing power"),
    ("intelligent_share", "Share of intelligent computing"),
    ("data_centres", "Data centres"),
    ("providers_on_hub", "Computing and data service providers"),
    ("fixed_asset_investment_year", "Investment in the year"),
    ("ai_chips", "AI chips"),
    ("domestic_chip_share", "Share of domestic chips"),
    ("rack_utilisation", "Rack utilisation"),
    ("pue", "Power usage effectiveness"),
    ("storage", "Storage"),
    ("outbound_bandwidth", "Outbound bandwidth"),
    ("computing_transactions", "Computing-power transactions"),
];

fn in_words(stated: Stated, unit: &str) -> String {
    let bound = match stated.bound {
        Bound::Exactly => "",
        Bound::AtLeast => "at least ",
        Bound::MoreThan => "over ",
        Bound::AtMost => "at most ",
        Bound::LessThan => "under ",
        Bound::About => "about ",
    };
    match unit {
        "fraction" => format!("{bound}{} %", round(stated.as_f64() * 100.0, 2)),
        "count" | "ratio" => format!("{bound}{}", round(stated.as_f64(), 2)),
        unit => format!("{bound}{} {unit}", round(stated.as_f64(), 2)),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Reports on `census` and the pools joined, as of `at`: of what was published by then, and of nothing later but targets.
pub fn report(census: &Census, pools: &[PoolCount], at: Time) -> Report {
    let region = census.hub.region.to_lowercase();
    let known = |figure: &&Published| Time::parse_date(&figure.date).is_ok_and(|date| date <= at);
    let scope = |figure: &Published| figure.scope.to_lowercase();
    // A figure of the whole hub before one that only names it, as the node of a network does.
    let own = |metric: &str| -> Vec<&Published> {
        let of = || census.published.values().filter(known).filter(|figure| figure.metric == metric && figure.value.is_some());
        let whole: Vec<&Published> = of().filter(|figure| scope(figure) == region).collect();
        let mut found = if whole.is_empty() { of().filter(|figure| scope(figure).contains(&region)).collect() } else { whole };
        found.sort_by(|one: &&Published, other| one.date.cmp(&other.date));
        found
    };
    let headlines = TITLES.iter().filter_map(|(metric, title)| Some(headline(title, own(metric).pop()?))).collect();
    let growth = TITLES.iter().filter_map(|(metric, title)| growth(census, title, &own(metric))).collect();
    let line = |metric: &str| {
        let points: Vec<_> =
            own(metric).iter().filter_map(|one| Some((one.date.clone(), one.value?.as_f64(), one.value?))).collect();
        let unit = own(metric).first()?.unit.clone();
        (points.len() > 1).then(|| Line { metric: metric.to_owned(), unit, points })
    };
    let year = at.date().get(..4).unwrap_or_default().to_owned();
    let published: Vec<&Published> = census.published.values().filter(known).collect();
    let mut targets: Vec<TargetRow> = census
        .targets
        .values()
        .filter(|target| target.due[..4.min(target.due.len())] >= *year)
        .map(|target| target_row(census, target, &published, at))
        .collect();
    targets.sort_by(|one, other| (&one.due, &one.metric).cmp(&(&other.due, &other.metric)));
    let count = count(census, pools, at, None);
    let mut sites: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for site in census.sites.values().filter(|site| site.named) {
        sites.entry(census.stage(site, at).to_string()).or_default().push(site.name.clone());
    }
    let mut sources: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut cite = |source: &str, what: &str| sources.entry(source.to_owned()).or_default().push(what.to_owned());
    published.iter().for_each(|figure| cite(&figure.source, figure.id.as_str()));
    targets.iter().for_each(|target| cite(&target.source, target.id.as_str()));
    count.projects.iter().for_each(|project| cite(&project.source, project.id.as_str()));
    count.effectiveness.iter().for_each(|one| cite(&one.source, one.id.as_str()));
    let factors = factors(census, at);
    factors.iter().for_each(|factor| cite(&factor.source, &factor.kind));
    Report {
        hub: census.hub.name.clone(),
        hub_zh: census.hub.name_zh.clone(),
        as_of: at.date(),
        headlines,
        growth,
        targets,
        lines: ["compute_total", "data_centres", "intelligent_share"].into_iter().filter_map(line).collect(),
        sites,
        factors,
        method: method(&count).into_iter().chain(silences(census, at)).collect(),
        count,
        sources,
    }
}

fn headline(title: &str, figure: &Published) -> Headline {
    let value = figure.value.expect("only figures with a value are asked for");
    let precision = figure.unit.contains("FLOPS").then(|| figure.precision.map_or("unstated".to_owned(), |one| one.to_string()));
    let told = in_words(value, &figure.unit);
    let precisely = precision.as_ref().map_or_else(String::new, |precision| format!(" (precision {precision})"));
    Headline {
        metric: figure.metric.clone(),
        title: title.to_owned(),
        sentence: format!("{}{precisely}", capital(&told)),
        stated: value,
        value: value.as_f64(),
        unit: figure.unit.clone(),
        precision,
        scope: figure.scope.clone(),
        date: figure.date.clone(),
        quality: figure.quality.clone(),
        source: figure.source.clone(),
        note: figure.note.clone(),
    }
}

/// From the last figure of the year before to the last of all.
fn growth(census: &Census, title: &str, figures: &[&Published]) -> Option<Growth> {
    let now = figures.last()?;
    let year = |figure: &Published| figure.date.get(..4).and_then(|year| year.parse::<i32>().ok());
    let before = figures
        .iter()
        .rev()
        .find(|figure| year(figure) == year(now).map(|year| year - 1) && figure.precision == now.precision)?;
    let (was, is) = (before.value?, now.value?);
    if was.micro == 0 || now.unit == "fraction" || now.unit == "ratio" {
        return None;
    }
    let ratio = is.as_f64() / was.as_f64();
    let claim =
        census.claims.values().find(|claim| claim.kind == ClaimKind::Ratio && claim.figure == now.id && claim.base == before.id);
    let claimed = claim.map(|claim| claim.words.clone());
    let unit = if now.unit == "count" { "" } else { &now.unit };
    let bounds = if was.bound == Bound::Exactly && is.bound == Bound::Exactly { "" } else { " at the edges of the figures" };
    let told = claimed.as_ref().map_or_else(String::new, |words| format!("published as “{words}”; "));
    let times = format!("{} times", round(ratio, 2));
    let sentence = format!(
        "{title}: {} ({}) after {} ({}); {told}{times}{bounds}.",
        format!("{is} {unit}").trim_end(),
        now.date,
        format!("{was} {unit}").trim_end(),
        before.date
    );
    let (before_date, now_date) = (before.date.clone(), now.date.clone());
    Some(Growth { metric: now.metric.clone(), before: was, before_date, now: is, now_date, ratio, claimed, sentence })
}

fn factors(census: &Census, at: Time) -> Vec<Factor> {
    let shown = |kind| match kind {
        TariffKind::Electricity => Some("yuan/kWh"),
        TariffKind::Demand => Some("yuan/kW-month"),
        TariffKind::Capacity => Some("yuan/kVA-month"),
        TariffKind::Carbon | TariffKind::ResidualCarbon => Some("kg/kWh"),
        TariffKind::DeviceHour | TariffKind::CoreHour | TariffKind::PowerCap => None,
    };
    let holds = |from: Time, to: Option<Time>| from <= at && to.is_none_or(|end| at < end);
    let rows = census.tariffs.values().filter(|row| holds(row.valid_from, row.valid_to));
    let factor = |row: &crate::Tariff| {
        let hours: Vec<String> = row.hours.iter().map(|(from, to)| format!("{from}–{to}")).collect();
        Some(Factor {
            kind: row.kind.to_string(),
            scope: row.scope.clone(),
            valid_from: row.valid_from.date(),
            hours: hours.join(", "),
            value: row.micro as f64 / 1e6,
            unit: shown(row.kind)?.to_owned(),
            grade: row.grade.clone(),
            source: row.source.clone(),
        })
    };
    rows.filter_map(factor).collect()
}

/// How long of a year up to an instant nothing was read of a series that had begun, and how long of it in a row.
fn silence(series: &Series, at: Time) -> Option<(Span, Span, Span)> {
    let year = Time::parse_date(at.date().get(..4)?).ok()?;
    let from = year.max(*series.first_key_value()?.0);
    if at <= from {
        return None;
    }
    let (mut heard, mut silent, mut longest) = (from, Span::ZERO, Span::ZERO);
    let readings = series.range(Time(from.0 - HOLDS.0)..at).map(|(when, _)| *when);
    for when in readings.chain([at]) {
        let gap = Span((when - heard).0.max(0));
        (silent, longest) = (silent + gap, longest.max(gap));
        heard = heard.max(when + HOLDS);
    }
    Some((at - from, silent, longest))
}

/// What stood in where a signal was not read, a sentence each.
fn silences(census: &Census, at: Time) -> Vec<String> {
    let told = |((kind, scope), series): (&SeriesKey, &Series)| {
        let stood_in = match kind {
            SeriesKind::Electricity | SeriesKind::Carbon => "the dated row counted, where there is one",
            SeriesKind::Pue => "the PUE that a source states counted",
            SeriesKind::Power => "what the site drew is not guessed",
            // It holds until it is told otherwise.
            SeriesKind::PowerCap => return None,
        };
        let (all, silent, longest) = silence(series, at)?;
        let hours = |span: Span| span.0.div_euclid(Span::HOUR.0);
        (hours(silent) > 0).then(|| {
            let (silent, all, longest) = (hours(silent), hours(all), hours(longest));
            format!(
                "Of {kind} of {scope}, {silent} of {all} hours of the year were not read, {longest} in a row at most: {stood_in}."
            )
        })
    };
    census.series.iter().filter_map(told).collect()
}

fn method(count: &Count) -> Vec<String> {
    let mut told = vec![
        "Computing power is told by class, precision and sparsity; figures of different kinds are never added. A published figure \
         whose precision no source gives is told as “unstated” and stands beside what was counted."
            .to_owned(),
        "A figure keeps its bound: “over”, “at least”, “about”. A quotient of such figures is that of the numbers at their edges and \
         proves neither bound."
            .to_owned(),
        "Unknown means that no source gives the figure; it is never counted as zero.".to_owned(),
        "Each rung of the ladder rests on its own evidence: announced (a document), built (it stands at a site that operates), \
         connected (an agent lists it), schedulable (a job could start there), allocated (jobs hold it), delivered (jobs were metered to \
         do it, as a mean over the day before)."
            .to_owned(),
        "Carbon is location-based where it is not called market-based: the grid's average factor, not the contracts of a site.".to_owned(),
    ];
    let placeholders = count.sites.total - count.sites.named;
    if placeholders > 0 {
        told.push(format!(
            "{placeholders} of {} sites and {} of {} providers are placeholders of a published total, of which nothing else is known.",
            count.sites.total,
            count.providers - count.providers_named,
            count.providers
        ));
    }
    told
}
