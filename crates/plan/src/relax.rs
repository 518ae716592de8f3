//! Why there is no plan: which limits contradict each other, and the least by which they would have to give way.

use serde::Serialize;

use crate::case::Case;
use crate::highs::{End, Options, Watch, solve};
use crate::milp::{About, Family, Milp};

/// A limit that stands in the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// In words.
    pub limit: String,
    /// Where it stands, in its unit.
    pub is: f64,
    /// Where it would have to stand for there to be a plan, with the least change over all; none where others may give way instead.
    pub needed: Option<f64>,
    /// Its unit.
    pub unit: &'static str,
}

/// The limits that conflict: first those that would have to give way, then those that pull against them. `None` where even giving way
/// helps nothing, or the search was stopped.
pub fn conflicts(case: &Case, milp: &Milp, watch: &dyn Watch) -> Option<Vec<Conflict>> {
    let limits: Vec<usize> = (0..milp.rows()).filter(|row| milp.about[*row].family.is_limit()).collect();
    let elastic = elastic(milp, &limits);
    let begin = milp.columns();
    // First with any numbers, whose duals tell what pulls against what; then with whole ones, for how much.
    let relaxed = solve(&elastic, &Options { relaxed: true, ..Options::default() }, None, watch);
    if relaxed.end != End::Solved {
        return None;
    }
    let whole = solve(&elastic, &Options { gap: 0.01, nodes: 5000, ..Options::default() }, None, watch);
    let values = whole.values?;
    let given = |at: usize| values[begin + at];
    let mut found: Vec<(f64, usize, Option<f64>)> = Vec::new();
    for (at, row) in limits.iter().enumerate() {
        let scale = scale(milp, *row);
        if given(at) > 1e-6 {
            found.push((given(at), *row, Some(given(at) * scale)));
        } else if relaxed.duals[*row].abs() > 1e-7 {
            found.push((0.0, *row, None));
        }
    }
    found.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    Some(found.into_iter().map(|(_, row, by)| conflict(case, milp, row, by)).collect())
}

/// What a change of 1 means for a row: its own limit where it has one that is not nothing.
fn scale(milp: &Milp, row: usize) -> f64 {
    let limit = if milp.row_upper[row].is_finite() { milp.row_upper[row] } else { milp.row_lower[row] };
    if limit.abs() > 1e-6 { limit.abs() } else { 1.0 }
}

/// The same rows, in which limits may give way, and nothing else costs anything. Whatever a row's limit is, it gives way by parts of it.
fn elastic(milp: &Milp, limits: &[usize]) -> Milp {
    // What follows from rows that may give way does not follow any more.
    let milp = milp.unhelped();
    let mut elastic = Milp::with_room(milp.columns() + limits.len(), milp.rows(), milp.index.len() + limits.len());
    for column in 0..milp.columns() {
        let new = elastic.column(0.0, milp.lower[column], milp.upper[column]);
        elastic.integer[new as usize] = milp.integer[column];
    }
    let gives: Vec<u32> = limits.iter().map(|_| elastic.column(1.0, 0.0, f64::INFINITY)).collect();
    let mut next = 0;
    for row in 0..milp.rows() {
        let gives_way = (limits.get(next) == Some(&row)).then(|| gives[next]);
        next += usize::from(gives_way.is_some());
        for at in milp.start[row] as usize..milp.start[row + 1] as usize {
            elastic.entry(milp.index[at] as u32, milp.value[at]);
        }
        if let Some(column) = gives_way {
            let sign = if milp.row_upper[row].is_finite() { -1.0 } else { 1.0 };
            elastic.entry(column, sign * scale(&milp, row));
        }
        elastic.row(milp.about[row], milp.row_lower[row], milp.row_upper[row]);
    }
    elastic
}

fn conflict(case: &Case, milp: &Milp, row: usize, by: Option<f64>) -> Conflict {
    let about = milp.about[row];
    let above = milp.row_upper[row].is_finite();
    let row_limit = if above { milp.row_upper[row] } else { milp.row_lower[row] };
    // A budget's row has what is paid anyway already taken off, a target's what is there anyway: people know the whole.
    let is = match about.family {
        Family::Budget => case.budget[usize::from(about.when.unwrap_or_default())],
        _ => row_limit,
    };
    let needed = by.map(|by| if above { is + by } else { is - by });
    Conflict { limit: words(case, about), is, needed, unit: about.family.unit() }
}

/// A row in words: family, site, thing, time.
pub fn words(case: &Case, about: About) -> String {
    let which = |names: &[String]| about.which.map(|which| names[usize::from(which)].clone());
    let what = match about.family {
        Family::Space => which(&case.cooling_names),
        Family::Supply | Family::Running | Family::Retired | Family::Service | Family::Flow | Family::Counted => {
            which(&case.technology_names)
        }
        Family::Demand => which(&case.demand_names),
        Family::Target => about.which.map(|which| case.aims[usize::from(which)].id.clone()),
        _ => None,
    };
    let site = about.site.map(|s| format!(" at {}", case.site_names[usize::from(s)]));
    let when = about.when.map(|when| match about.family {
        Family::Budget | Family::Carbon | Family::Green => format!(" in {}", case.year_names[usize::from(when)]),
        _ => format!(" in {}", case.period_names[usize::from(when)]),
    });
    let what = what.map(|what| format!(" {what}"));
    [Some(about.family.name().to_owned()), what, site, when].into_iter().flatten().collect()
}
