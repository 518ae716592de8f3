//! Trade-offs: what other targets, dates and limits of carbon would cost.

use ::plan::{Case, Month, Scenario};
use plotters::prelude::*;
use serde::Serialize;

use super::{Options, Solved};
use crate::failure::Outcome;

/// A plan for one thing moved, and all else as in the scenario.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Point {
    /// `computing`, `carbon` or `date`.
    pub(super) moved: &'static str,
    /// The first target, in PFLOPS.
    pub(super) computing_pflops: f64,
    /// Its date.
    pub(super) date: String,
    /// What is emitted over the horizon, in kt.
    pub(super) carbon_kt: Option<f64>,
    /// What is built, in yuan; none where there is no plan.
    pub(super) built_yuan: Option<f64>,
    /// The objective, in yuan, discounted.
    pub(super) objective_yuan: Option<f64>,
    /// How much cheaper a plan might be.
    pub(super) gap: Option<f64>,
}

fn point(scenario: &Scenario, moved: &'static str, target: f64, period: usize, solved: &Solved) -> Point {
    let plan = solved.plan.as_ref();
    let last = Month(scenario.start.0 + (period as i32 + 1) * scenario.months - 1);
    Point {
        moved,
        computing_pflops: target,
        date: last.to_string(),
        carbon_kt: plan.map(|plan| plan.totals(&solved.case).carbon.iter().sum()),
        built_yuan: plan.map(|plan| plan.cost(&solved.case).built() * 1e6),
        objective_yuan: plan.map(|plan| plan.cost(&solved.case).objective * 1e6),
        gap: plan.map(|_| solved.answer.standing.gap()),
    }
}

/// So many points on each of three lines: more or less computing, ever less carbon, earlier and later dates.
pub(super) fn frontier(options: &Options, scenario: &Scenario, points: usize, base: &Solved) -> Outcome<Vec<Point>> {
    let Some(aim) = base.case.aims.first() else { return Ok(Vec::new()) };
    let target = scenario.targets[0].computing.range.likely;
    let gap = options.gap.max(0.01);
    let mut found = Vec::new();
    let solve = |case: Case, what: &str| options.solve(what, case, gap, base.answer.values.as_deref());
    for at in 0..points {
        // From half of what is to be added to half as much again.
        let part = 0.5 + at as f64 / (points.max(2) - 1) as f64;
        let mut case = base.case.clone();
        case.aims[0].wanted = aim.wanted * part;
        case.aims[0].held.iter_mut().for_each(|held| *held += aim.wanted * (part - 1.0));
        let target = target + aim.wanted * (part - 1.0);
        found.push(point(scenario, "computing", target, aim.period, &solve(case, "frontier of computing")?));
    }
    let emitted: Vec<f64> = base.plan.as_ref().map(|plan| plan.totals(&base.case).carbon).unwrap_or_default();
    for at in 1..=points {
        let part = 1.0 - 0.2 * at as f64 / points as f64;
        let mut case = base.case.clone();
        for y in 0..case.years() {
            let year: f64 =
                (0..case.periods).filter(|t| case.year[*t] == y).map(|t| emitted.get(t).copied().unwrap_or(0.0)).sum();
            case.most_carbon[y] = case.most_carbon[y].min(year * part);
        }
        found.push(point(scenario, "carbon", target, aim.period, &solve(case, "frontier of carbon")?));
    }
    let begin = aim.period.saturating_sub(points / 2);
    for period in (begin..base.case.periods).take(points) {
        let mut case = base.case.clone();
        case.aims[0].period = period;
        found.push(point(scenario, "date", target, period, &solve(case, "frontier of dates")?));
    }
    Ok(found)
}

/// Cost over computing power, carbon and date, side by side.
pub(super) fn picture(points: &[Point]) -> Result<String, String> {
    let mut text = String::new();
    {
        let whole = SVGBackend::with_string(&mut text, (1200, 420)).into_drawing_area();
        whole.fill(&WHITE).map_err(|problem| problem.to_string())?;
        let parts = whole.split_evenly((1, 3));
        let dates: Vec<&String> = points.iter().filter(|point| point.moved == "date").map(|point| &point.date).collect();
        for (part, (moved, across)) in parts.iter().zip([
            ("computing", "target, EFLOPS"),
            ("carbon", "carbon over the horizon, kt"),
            ("date", "target met by"),
        ]) {
            let mine = || points.iter().filter(move |point| point.moved == moved);
            let curve: Vec<(f64, f64)> = mine()
                .enumerate()
                .filter_map(|(at, point)| {
                    let x = match moved {
                        "computing" => point.computing_pflops / 1000.0,
                        "carbon" => point.carbon_kt?,
                        _ => at as f64,
                    };
                    Some((x, point.objective_yuan? / 1e9))
                })
                .collect();
            draw(part, across, &curve, if moved == "date" { &dates } else { &[] })?;
        }
        whole.present().map_err(|problem| problem.to_string())?;
    }
    Ok(text)
}

fn draw(
    area: &DrawingArea<SVGBackend, plotters::coord::Shift>,
    across: &str,
    curve: &[(f64, f64)],
    dates: &[&String],
) -> Result<(), String> {
    let span = |pick: fn(&(f64, f64)) -> f64| {
        let (low, high) =
            curve.iter().map(pick).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| (low.min(one), high.max(one)));
        let edge = ((high - low) * 0.08).max(high.abs() * 0.01).max(1e-6);
        if low.is_finite() { low - edge..high + edge } else { 0.0..1.0 }
    };
    let blue = RGBColor(0, 114, 178);
    let told = |problem: &dyn std::fmt::Display| problem.to_string();
    let mut chart = ChartBuilder::on(area)
        .margin(14)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(span(|point| point.0), span(|point| point.1))
        .map_err(|problem| told(&problem))?;
    let label = |x: &f64| match dates.get(x.round() as usize) {
        Some(date) if (x - x.round()).abs() < 1e-6 => (*date).clone(),
        _ if dates.is_empty() => super::show::amount((x * 10.0).round() / 10.0),
        _ => String::new(),
    };
    chart
        .configure_mesh()
        .x_desc(across)
        .y_desc("cost, bn yuan")
        .x_labels(if dates.is_empty() { 5 } else { dates.len().max(2) })
        .x_label_formatter(&label)
        .light_line_style(WHITE)
        .draw()
        .map_err(|problem| told(&problem))?;
    let mut curve = curve.to_vec();
    curve.sort_by(|left, right| left.0.total_cmp(&right.0));
    chart.draw_series(LineSeries::new(curve.iter().copied(), blue.stroke_width(2))).map_err(|problem| told(&problem))?;
    chart.draw_series(curve.iter().map(|point| Circle::new(*point, 4, blue.filled()))).map_err(|problem| told(&problem))?;
    Ok(())
}
