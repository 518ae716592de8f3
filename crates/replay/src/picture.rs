//! A picture of runs under several policies: use and queue over time, and how long jobs waited.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::world::Outcome;

const SIZE: (u32, u32) = (1100, 1000);
/// Told apart by people who do not see all colours, too.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(60, 60, 60),
];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Curve = (String, Vec<(f64, f64)>);

/// Draws runs as SVG: the share of devices allocated and the jobs waiting over time in days, and the share of jobs that
/// waited longer than a time in hours.
///
/// # Errors
/// In words, where the drawing cannot be made.
pub fn picture(runs: &[(String, Outcome)]) -> Result<String, String> {
    let mut text = String::new();
    {
        let whole = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        whole.fill(&WHITE).map_err(|problem| problem.to_string())?;
        let parts = whole.split_evenly((3, 1));
        let over_time = |value: &dyn Fn(&Outcome, u64, u64) -> f64| -> Vec<Curve> {
            let curve = |(name, outcome): &(String, Outcome)| {
                let points = &outcome.figures.series.points;
                let begin = points.first().map_or(0, |(at, ..)| at.0);
                // Each value holds until the next one.
                let steps = points.windows(2).flat_map(|pair| {
                    let (from, to) = ((pair[0].0.0 - begin) as f64 / 86.4e6, (pair[1].0.0 - begin) as f64 / 86.4e6);
                    let held = value(outcome, pair[0].1, pair[0].2);
                    [(from, held), (to, held)]
                });
                (name.clone(), steps.collect())
            };
            runs.iter().map(curve).collect()
        };
        let allocated = over_time(&|outcome, held, _| held as f64 / 10.0 / outcome.figures.devices().max(1) as f64);
        draw(&parts[0], "devices allocated", "days", "%", &allocated)?;
        draw(&parts[1], "jobs waiting", "days", "jobs", &over_time(&|_, _, waiting| waiting as f64))?;
        let waits: Vec<Curve> = runs.iter().map(|(name, outcome)| (name.clone(), longer_than(outcome))).collect();
        draw(&parts[2], "jobs that waited longer", "hours waited", "% of jobs", &waits)?;
        whole.present().map_err(|problem| problem.to_string())?;
    }
    Ok(text)
}

/// Hours, and the per cent of finished jobs that waited longer.
fn longer_than(outcome: &Outcome) -> Vec<(f64, f64)> {
    let mut waits: Vec<f64> = outcome.figures.waits.iter().map(|wait| wait.as_seconds() / 3600.0).collect();
    waits.sort_by(f64::total_cmp);
    let count = waits.len().max(1) as f64;
    let every = (waits.len() / 1000).max(1);
    let shown = waits.iter().enumerate().filter(|(at, _)| at % every == 0 || at + 1 == waits.len());
    shown.map(|(at, wait)| (*wait, (count - 1.0 - at as f64) * 100.0 / count)).collect()
}

fn draw(area: &Area, title: &str, across: &str, up: &str, curves: &[Curve]) -> Result<(), String> {
    let told = |problem: DrawingAreaErrorKind<_>| -> String { problem_text(&problem) };
    let most =
        |pick: fn(&(f64, f64)) -> f64| curves.iter().flat_map(|(_, points)| points).map(pick).fold(0.0, f64::max).max(1e-9);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..most(|point| point.0), 0.0..most(|point| point.1) * 1.05)
        .map_err(told)?;
    chart.configure_mesh().x_desc(across).y_desc(up).light_line_style(WHITE).draw().map_err(told)?;
    for (at, (name, points)) in curves.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(1)))
            .map_err(told)?
            .label(name.as_str())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(3)));
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3)).draw().map_err(told)
}

fn problem_text<E: std::error::Error + Send + Sync>(problem: &DrawingAreaErrorKind<E>) -> String {
    problem.to_string()
}
