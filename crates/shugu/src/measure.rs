//! `shugu measure`: runs a benchmark on a pool through its own executor, and enters what it found beside the makers' peak.

use std::io::Read;
use std::time::Duration;

use clap::Args;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use serve::view::{JobView, PoolList, Submitted};

use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, note};
use crate::print_json;

#[derive(Debug, Args)]
#[command(
    after_help = "On cores, products of matrices are made by this program, which must lie at the same path on the nodes. On accelerators name \
                  the command, and the text before the number in what it prints:\n  shugu measure --pool east --devices 8 --precision fp16 --read 'TFLOPS:' -- ./gemm-bench --all"
)]
pub(crate) struct Options {
    /// The pool.
    #[arg(long)]
    pool: String,
    /// Cores to measure on; one if left out.
    #[arg(long, value_name = "CORES")]
    cpus: Option<u32>,
    /// Devices to measure on, of one node.
    #[arg(long, value_name = "N", requires = "command")]
    devices: Option<u32>,
    /// fp64, fp32, tf32, fp16, fp8, fp4 or int8.
    #[arg(long, default_value = "fp32")]
    precision: String,
    /// For how long, of the program's own benchmark.
    #[arg(long, default_value_t = 5.0, value_name = "SECONDS")]
    seconds: f64,
    /// The text that stands before the number in what the command prints; the last one counts.
    #[arg(long, value_name = "TEXT", requires = "command")]
    read: Option<String>,
    /// The unit of that number: gflops, tflops or pflops.
    #[arg(long, default_value = "tflops", value_name = "UNIT")]
    unit: String,
    /// Give up after so long.
    #[arg(long, default_value = "30m", value_name = "SPAN")]
    timeout: measure::Span,
    /// Where this program lies on the pool's nodes; where it lies here if left out.
    #[arg(long, value_name = "PATH", conflicts_with = "command")]
    program: Option<String>,
    /// The provider's own benchmark, after `--`.
    #[arg(last = true, value_name = "CMD", requires = "read")]
    command: Vec<String>,
}

/// The number after the last time a text is printed.
fn after(printed: &str, text: &str) -> Option<f64> {
    let (_, rest) = printed.rsplit_once(text)?;
    let rest = rest.trim_start_matches([' ', '"', ':', '=', '\t']);
    let number: String = rest.chars().take_while(|letter| letter.is_ascii_digit() || ".eE+-".contains(*letter)).collect();
    number.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0)
}

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    let per_tera = match options.unit.as_str() {
        "gflops" => 1e-3,
        "tflops" => 1.0,
        "pflops" => 1e3,
        other => return Err(Failure::Wrong(format!("--unit: `{other}` is none of gflops, tflops and pflops"))),
    };
    let precision: measure::Precision =
        options.precision.parse().map_err(|problem: measure::Malformed| Failure::Wrong(format!("--precision: {problem}")))?;
    let client = Client::of(place)?;
    let pools: PoolList = client.get("/v1/pools")?;
    let pool = pools.pools.iter().find(|pool| pool.name == options.pool);
    let pool = pool.ok_or_else(|| Failure::Refused(format!("there is no pool {}", options.pool)))?;
    let cpus = options.cpus.unwrap_or(1);
    let (command, read, method) = match options.command.is_empty() {
        false => (options.command.clone(), options.read.clone().unwrap_or_default(), options.command.join(" ")),
        true if pool.model.is_some() => {
            return Err(Failure::Wrong(format!(
                "{} has accelerators: name the command that measures them, and --read",
                pool.name
            )));
        }
        true => {
            let own = std::env::current_exe().map_err(|error| Failure::Failed(error.to_string()))?;
            let program = options.program.clone().unwrap_or_else(|| own.display().to_string());
            let words = [
                "bench",
                "matmul",
                "--precision",
                &options.precision,
                "--threads",
                &cpus.to_string(),
                "--seconds",
                &options.seconds.to_string(),
            ];
            let command = std::iter::once(program).chain(words.map(str::to_owned)).chain(["--json".to_owned()]).collect();
            (command, "\"tflops\":".to_owned(), format!("shugu bench matmul {} for {} s", options.precision, options.seconds))
        }
    };
    let mut form = json!({
        "name": format!("measure-{}", pool.name), "tenant": "measure", "command": command, "pools": [pool.name], "time_limit": options.timeout.to_string(),
    });
    match options.devices {
        Some(devices) => form["devices"] = json!(devices),
        None => form["cpus"] = json!(cpus),
    }
    let submitted: Submitted = client.post("/v1/jobs", &form)?;
    let id = submitted.id.clone();
    note(&format!("{id} measures {} at {precision}", pool.name));
    let bar = indicatif::ProgressBar::new_spinner().with_message(id.clone());
    bar.enable_steady_tick(Duration::from_millis(200));
    let begun = std::time::Instant::now();
    let job = loop {
        let job: JobView = client.get(&format!("/v1/jobs/{}", encode(&id)))?;
        if job.ended_at.is_some() && job.cost_yuan.is_some() {
            break job;
        }
        if begun.elapsed() > Duration::from_millis(options.timeout.0.max(0).unsigned_abs()) + Duration::from_secs(60) {
            let _: Value = client.post(&format!("/v1/jobs/{}/cancel", encode(&id)), &json!({}))?;
            return Err(Failure::Failed(format!("{id} did not end within {}; it is cancelled", options.timeout)));
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    bar.finish_and_clear();
    let mut printed = String::new();
    client
        .stream(&format!("/v1/jobs/{}/logs", encode(&id)))?
        .read_to_string(&mut printed)
        .map_err(|error| Failure::Failed(format!("what {id} wrote cannot be read: {error}")))?;
    if job.state != "done" {
        let told = job.end.unwrap_or(job.state);
        return Err(Failure::Failed(format!("{id} {told}; it wrote:\n{}", printed.trim_end())));
    }
    let found = after(&printed, &read)
        .ok_or_else(|| Failure::Failed(format!("{id} printed no number after `{read}`; it wrote:\n{}", printed.trim_end())))?;
    #[derive(serde::Serialize)]
    struct Form<'a> {
        job: &'a str,
        precision: String,
        tflops: Box<RawValue>,
        method: String,
    }
    let text = measure::print_scaled((found * per_tera * 1e6).round() as i64, 6);
    let tflops = RawValue::from_string(text.clone()).map_err(|error| Failure::Failed(error.to_string()))?;
    let measured: Value =
        client.post("/v1/measurements", &Form { job: &id, precision: precision.to_string(), tflops, method })?;
    if json {
        return print_json(&measured);
    }
    let what = options.devices.map_or_else(|| format!("{cpus} cores"), |devices| format!("{devices} devices"));
    note(&format!("{text} TFLOPS {precision} dense on {what} of {}; `shugu census` shows it beside the peak", pool.name));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn the_last_number_after_a_text_counts() {
        assert_eq!(after("TFLOPS: 1.5\nTFLOPS: 2.5 (best)\n", "TFLOPS:"), Some(2.5));
        assert_eq!(after("{\"tflops\": \"0.098\"}", "\"tflops\":"), Some(0.098));
        assert_eq!(after("rate = 3e2", "rate"), Some(300.0));
        assert_eq!(after("TFLOPS: none", "TFLOPS:"), None);
        assert_eq!(after("TFLOPS: -1", "TFLOPS:"), None);
        assert_eq!(after("", "TFLOPS:"), None);
    }
}
