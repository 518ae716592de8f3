//! A plan in words and tables.

use std::collections::BTreeMap;

use ::plan::{Build, Capacity};

use super::frontier::Point;
use super::verify::Verified;
use crate::table::{seconds, table};

/// Money in few characters.
pub(super) fn yuan(yuan: f64) -> String {
    match yuan.abs() {
        size if size >= 1e9 => format!("{:.2} bn yuan", yuan / 1e9),
        size if size >= 1e6 => format!("{:.1} M yuan", yuan / 1e6),
        _ => unsigned_zero(format!("{yuan:.0}")) + " yuan",
    }
}

/// A number without needless digits.
pub(super) fn amount(number: f64) -> String {
    let text = format!("{number:.3}");
    unsigned_zero(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// What is printed as nothing is neither more nor less than it: solvers leave the smallest of differences.
fn unsigned_zero(text: String) -> String {
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|letter| letter == '0' || letter == '.') => rest.to_owned(),
        _ => text,
    }
}

/// Computing power in few characters.
pub(super) fn computing(pflops: f64) -> String {
    if pflops.abs() >= 1000.0 {
        format!("{:.2} EFLOPS", pflops / 1000.0)
    } else {
        unsigned_zero(format!("{pflops:.1}")) + " PFLOPS"
    }
}

/// What is built: one line for each thing ordered in a period, with its sites.
pub(super) fn builds(builds: &[Build]) -> String {
    type Key = (String, &'static str, String, String);
    let mut groups: BTreeMap<Key, Vec<&Build>> = BTreeMap::new();
    for build in builds {
        // Grid steps and openings of many sites are one line each.
        let of = if build.what == "grid" { String::new() } else { build.of.clone() };
        groups.entry((build.order.clone(), build.what, of, build.ready.clone())).or_default().push(build);
    }
    let row = |((order, what, of, ready), group): (Key, Vec<&Build>)| {
        let sum = |value: fn(&Build) -> f64| group.iter().map(|build| value(build)).sum::<f64>();
        let mut sites: Vec<&str> = group.iter().map(|build| build.site.as_str()).collect();
        sites.dedup();
        let shown = match sites.as_slice() {
            [one] => (*one).to_owned(),
            [one, two] => format!("{one}, {two}"),
            [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
            [] => String::new(),
        };
        let count = match what {
            "grid" => format!("{} MW", amount(sum(|build| build.count) / 1000.0)),
            _ => amount(sum(|build| build.count)),
        };
        let nothing = |value: f64, text: String| if value > 0.0 { text } else { String::new() };
        let (pflops, megawatts) = (sum(|build| build.computing_pflops), sum(|build| build.facility_kw) / 1000.0);
        vec![
            order,
            format!("{what} {of}").trim_end().to_owned(),
            count,
            nothing(pflops, computing(pflops)),
            nothing(megawatts, format!("{megawatts:.1} MW")),
            yuan(sum(|build| build.cost_yuan)),
            ready,
            shown,
        ]
    };
    let header = ["order", "what", "how many", "computing", "facility", "cost", "ready", "where"];
    table(&header, &["how many", "computing", "facility", "cost"], groups.into_iter().map(row))
}

/// What there is, period by period.
pub(super) fn capacity(capacity: &[Capacity]) -> String {
    let row = |one: &Capacity| {
        let missing: f64 = one.missing_pflops.values().sum();
        vec![
            one.period.clone(),
            computing(one.computing_pflops.values().sum()),
            format!("{:.1} MW", one.facility_mw),
            format!("{:.1} GWh", one.energy_gwh),
            format!("{:.1} kt", one.carbon_kt),
            yuan(one.paid_yuan),
            if missing > 1e-6 { computing(missing) } else { "none".to_owned() },
        ]
    };
    let header = ["period", "computing", "facility", "energy", "carbon", "paid", "missing"];
    table(&header, &header[1..], capacity.iter().map(row))
}

/// The frontier.
pub(super) fn frontier(points: &[Point]) -> String {
    let known = |value: Option<f64>, show: fn(f64) -> String| value.map_or_else(|| "no plan".to_owned(), show);
    let row = |point: &Point| {
        vec![
            point.moved.to_owned(),
            computing(point.computing_pflops),
            point.date.clone(),
            known(point.carbon_kt, |kt| format!("{kt:.1} kt")),
            known(point.built_yuan, yuan),
            known(point.objective_yuan, yuan),
            known(point.gap, |gap| format!("{:.2} %", gap * 100.0)),
        ]
    };
    let header = ["moved", "target", "by", "carbon", "built for", "cost", "gap"];
    table(&header, &["target", "carbon", "built for", "cost", "gap"], points.iter().map(row))
}

/// Before and after.
pub(super) fn verified(verified: &Verified) -> String {
    let closer = match verified.arrivals_closer {
        closer if closer <= 1.0 => String::new(),
        closer if closer < 1000.0 => format!("; jobs come {closer:.1} times as fast as in the trace, to fill it"),
        _ => "; jobs come all at once, to fill it".to_owned(),
    };
    let mut out = format!(
        "Proof by replay of {} under {}: today's hub scaled to {} nodes of 8 devices, the planned one to {}{}\n",
        verified.trace, verified.policy, verified.nodes_before, verified.nodes_after, closer
    );
    let spans = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), seconds);
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0));
    let row = |class: &super::verify::Class| {
        vec![
            class.class.clone(),
            class.jobs.to_string(),
            spans(class.before.mean_wait_s),
            spans(class.after.mean_wait_s),
            spans(class.before.p99_wait_s),
            spans(class.after.p99_wait_s),
            share(class.before.utilisation),
            share(class.after.utilisation),
        ]
    };
    let header = ["class", "jobs", "wait before", "after", "p99 before", "p99 after", "use before", "use after"];
    out.push_str(&table(&header, &header[1..], verified.classes.iter().map(row)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_no_sign() {
        assert_eq!([-0.0, -0.04, -0.06, 2.0].map(computing), ["0.0 PFLOPS", "0.0 PFLOPS", "-0.1 PFLOPS", "2.0 PFLOPS"]);
        assert_eq!([-0.0, -0.0001, -0.001, -10.0].map(amount), ["0", "0", "-0.001", "-10"]);
        assert_eq!(computing(-2000.0), "-2.00 EFLOPS");
    }
}
