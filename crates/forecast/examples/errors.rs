//! How far each model is off a day ahead on the shipped grids: `cargo run --release -p forecast --example errors`.
//!
//! From 1 April on, in thousandths of the mean reading: at every hour, and at each day's first hour only, as the model that takes long
//! to fit is asked once a day.

use std::fs::File;
use std::io::Read;

use flate2::read::GzDecoder;
use forecast::{Forecaster, Model};

const FIRST: usize = 90 * 24;

/// Hourly readings in millionths of a kilogram a kWh.
fn readings(grid: &str) -> Vec<i64> {
    let mut text = String::new();
    let file = File::open(format!("data/carbon/{grid}-2022.csv.gz")).expect("it is run in the project's folder");
    GzDecoder::new(file).read_to_string(&mut text).expect("a shipped file can be read");
    let head: Vec<&str> = text.lines().next().unwrap_or_default().split(',').collect();
    let names = ["carbon_intensity", "carbon_intensity_avg", "avg_CI", "g_per_kwh"];
    let column = head.iter().position(|name| names.contains(name)).unwrap_or(0);
    let value = |line: &str| Some((line.split(',').nth(column)?.parse::<f64>().ok()? * 1000.0) as i64);
    text.lines().skip(1).filter_map(value).collect()
}

/// Thousandths that forecasts of a day ahead were off, where they were made after so many readings each.
fn error(model: Model, readings: &[i64], every: usize) -> f64 {
    let mut forecaster = Forecaster::new(model);
    let (mut off, mut read) = (0, 0);
    for (at, value) in readings.iter().enumerate() {
        forecaster.read(*value);
        let due = at >= FIRST && (at + 1).is_multiple_of(every);
        if let Some(real) = readings.get(at + 24).filter(|_| due) {
            off += (forecaster.ahead(24)[23] - real).abs();
            read += real;
        }
    }
    off as f64 * 1000.0 / read as f64
}

fn main() {
    println!("{:<6} {:<16} {:>10} {:>10}", "grid", "model", "every hour", "once a day");
    for grid in ["CISO", "ERCO", "NYIS", "PJM"] {
        let readings = readings(grid);
        for model in Model::ALL {
            let hourly = if model == Model::Mstl { "-".to_owned() } else { format!("{:.0}", error(model, &readings, 1)) };
            println!("{grid:<6} {:<16} {hourly:>10} {:>10.0}", model.to_string(), error(model, &readings, 24));
        }
    }
}
