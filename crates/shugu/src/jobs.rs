//! What a tenant asks about its jobs.

use std::io::{Read, Write};
use std::time::Duration;

use clap::Args;
use serve::life::{Life, LifeEvent};
use serve::view::{JobList, JobView, WhyView};

use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, note, print};
use crate::print_json;
use crate::table::{number, or_dash, seconds, table};

#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// Only in this state, or in one of these: waiting, placed, running, stopping, done, failed, cancelled, lost.
    #[arg(long, value_name = "STATES")]
    state: Option<String>,
    /// Only this tenant's.
    #[arg(long)]
    tenant: Option<String>,
    /// Only at this pool.
    #[arg(long)]
    pool: Option<String>,
    /// Only at pools of this site.
    #[arg(long)]
    site: Option<String>,
    /// Only of this name.
    #[arg(long)]
    name: Option<String>,
    /// Only with this in its name, large and small letters alike; or the job of this id.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only those submitted then or later: an instant such as 2026-12-31T08:00:00Z, or a day, month or year of the hub's own time.
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,
    /// Only those submitted before that instant, or up to the end of that day, month or year: 2026-12-31 includes the 31st.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 30)]
    limit: u32,
    /// Only those before this job (`next` of the page before).
    #[arg(long, value_name = "JOB")]
    after: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// The job.
    #[arg(value_name = "JOB")]
    id: String,
}

#[derive(Debug, Args)]
pub(crate) struct JobOptions {
    /// The job.
    #[arg(value_name = "JOB")]
    id: String,
    /// What happened to it, step by step.
    #[arg(long)]
    history: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Many {
    /// The jobs.
    #[arg(value_name = "JOB", required = true)]
    ids: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct WaitOptions {
    /// The jobs.
    #[arg(value_name = "JOB", required = true)]
    ids: Vec<String>,
    /// Give up after so long, with exit code 1.
    #[arg(long, value_name = "SPAN")]
    timeout: Option<measure::Span>,
}

#[derive(Debug, Args)]
pub(crate) struct LogOptions {
    /// The job.
    #[arg(value_name = "JOB")]
    id: String,
    /// Standard error instead of standard output.
    #[arg(long)]
    stderr: bool,
    /// Of which replica.
    #[arg(long, default_value_t = 0)]
    replica: u32,
    /// Go on until the job ends.
    #[arg(long, short)]
    follow: bool,
    /// Only the last so many bytes.
    #[arg(long, value_name = "BYTES")]
    tail: Option<u32>,
}

/// A word of a command as it is shown: a whole script in it is told by its first line; `--json` has all of it.
fn first_line(word: &str) -> String {
    match word.split_once('\n') {
        Some((first, _)) => format!("{first} …"),
        None => word.to_owned(),
    }
}

pub(crate) fn jobs_table(jobs: &[JobView]) -> String {
    let row = |job: &JobView| {
        vec![
            job.id.clone(),
            job.name.chars().take(32).collect(),
            job.tenant.clone(),
            job.state.clone(),
            or_dash(job.pool.clone()),
            seconds(job.wait_s),
            or_dash(job.run_s.map(seconds)),
            or_dash(job.exit_code.map(|code| code.to_string())),
            if job.ended_at.is_some() { number(job.energy_kwh) } else { or_dash(None) },
            or_dash(job.cost_yuan.map(|cost| cost.0.yuan())),
        ]
    };
    let header = ["job", "name", "tenant", "state", "pool", "waited", "ran", "exit", "kWh", "yuan"];
    table(&header, &["waited", "ran", "exit", "kWh", "yuan"], jobs.iter().map(row))
}

pub(crate) fn list(options: &ListOptions, place: &Where, json: bool) -> Outcome {
    let mut query = format!("/v1/jobs?limit={}", options.limit);
    let given = [
        ("state", &options.state),
        ("tenant", &options.tenant),
        ("pool", &options.pool),
        ("site", &options.site),
        ("name", &options.name),
        ("search", &options.search),
        ("from", &options.from),
        ("until", &options.until),
        ("after", &options.after),
    ];
    for (key, value) in given {
        if let Some(value) = value {
            query.push_str(&format!("&{key}={}", encode(value)));
        }
    }
    let page: JobList = Client::of(place)?.get(&query)?;
    if json {
        return print_json(&page);
    }
    if page.jobs.is_empty() {
        note("no jobs");
        return Ok(());
    }
    print(&jobs_table(&page.jobs))?;
    if let Some(next) = page.next {
        note(&format!("there are more: --after {next}"));
    }
    Ok(())
}

pub(crate) fn job(options: &JobOptions, place: &Where, json: bool) -> Outcome {
    let (client, path) = (Client::of(place)?, format!("/v1/jobs/{}", encode(&options.id)));
    if options.history {
        let life: Life = client.get(&format!("{path}/history"))?;
        return if json { print_json(&life) } else { print(&told(&life)) };
    }
    let job: JobView = client.get(&path)?;
    if json { print_json(&job) } else { print(&describe(&job)) }
}

fn told(life: &Life) -> String {
    let row = |event: &LifeEvent| {
        let pool = event.pool.as_ref().map(|pool| format!(" [{pool}]")).unwrap_or_default();
        vec![
            event.at.clone(),
            event.attempt.map(|attempt| attempt.to_string()).unwrap_or_default(),
            format!("{}{pool}", event.text),
        ]
    };
    table(&["at", "attempt", "what"], &["attempt"], life.events.iter().map(row))
}

fn describe(job: &JobView) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| text.push_str(&format!("{name:<12} {value}\n"));
    line("job", format!("{} ({})", job.id, job.name));
    line("tenant", job.tenant.clone());
    line(
        "state",
        match &job.end {
            Some(end) => format!("{}: {end}", job.state),
            None => job.state.clone(),
        },
    );
    if !job.command.is_empty() {
        line("command", job.command.iter().map(|word| first_line(word)).collect::<Vec<_>>().join(" "));
    }
    let mut needs = Vec::new();
    if job.devices > 0 {
        let models = if job.models.is_empty() { String::new() } else { format!(" of {}", job.models.join(" or ")) };
        needs.push(format!("{} devices{models}", job.devices));
    }
    if job.cpu > 0.0 {
        needs.push(format!("{} cores", job.cpu));
    }
    if job.memory_bytes > 0 {
        needs.push(measure::Memory(job.memory_bytes).to_string());
    }
    line("needs", format!("{} × {}", job.replicas, needs.join(", ")));
    if let Some(limit) = job.time_limit_s {
        line("time limit", seconds(limit));
    }
    line("pool", or_dash(job.pool.clone()));
    if let Some(note) = &job.note {
        line("its site", note.clone());
    }
    if !job.nodes.is_empty() {
        let mut nodes = job.nodes.clone();
        nodes.dedup();
        line("nodes", nodes.join(" "));
    }
    line("submitted", job.submitted_at.clone());
    line(
        "waited",
        match job.wait_by_choice_s.filter(|chosen| *chosen > 0.0) {
            Some(chosen) => format!("{}, {} of it by choice", seconds(job.wait_s), seconds(chosen)),
            None => seconds(job.wait_s),
        },
    );
    line("started", or_dash(job.started_at.clone()));
    line("ended", or_dash(job.ended_at.clone()));
    line("ran", or_dash(job.run_s.map(seconds)));
    if let Some(cpu) = job.cpu_s {
        line(
            "used",
            format!("{cpu:.3} core-seconds, {:.1} MiB at most", job.peak_memory_bytes.unwrap_or(0) as f64 / 1_048_576.0),
        );
        let source = job.energy_source.clone().unwrap_or_default();
        line("energy", format!("{} kWh ({source}), {} kg CO2", number(job.energy_kwh), number(job.carbon_kg)));
    }
    let told = job.emitted.as_ref().and_then(|told| told.carbon_kg.zip(told.carbon_at_once_kg));
    if let Some((was, would)) = told {
        line(
            "emitted",
            format!(
                "{} kg CO2 in all, and {} kg had it begun at once where it first fitted",
                number(Some(was)),
                number(Some(would))
            ),
        );
    }
    if let Some(cost) = job.cost_yuan {
        line("cost", cost.0.to_string());
    }
    text
}

pub(crate) fn why(one: &One, place: &Where, json: bool) -> Outcome {
    show_why(&Client::of(place)?.get(&format!("/v1/jobs/{}/why", encode(&one.id)))?, json)
}

/// `1 job is`, `2 jobs are`.
pub(crate) fn jobs_are(count: u64) -> String {
    if count == 1 { "1 job is".to_owned() } else { format!("{count} jobs are") }
}

/// Why a job waits, or would.
pub(crate) fn show_why(why: &WhyView, json: bool) -> Outcome {
    if json {
        return print_json(why);
    }
    print(&format!("{}: {}\n", why.state, why.message))?;
    if let Some(at) = &why.starts_at {
        print(&format!("starts about {at} ({})\n", why.foresight.as_deref().unwrap_or("unknown")))?;
    }
    if why.ahead_count > 0 {
        let first = if why.ahead.is_empty() { String::new() } else { format!(": {} …", why.ahead.join(", ")) };
        print(&format!("{} served before it{first}\n", jobs_are(why.ahead_count)))?;
    }
    for smaller in &why.smaller {
        let from = smaller.from.as_ref().map(|from| format!("{from} → ")).unwrap_or_default();
        print(&format!("{}: {from}{} fits now at {}\n", smaller.field, smaller.to, smaller.pool))?;
    }
    if why.pools.is_empty() {
        return Ok(());
    }
    let reason = |reason: &serde_json::Value| {
        let numbers = reason.as_object().into_iter().flatten().filter(|(key, value)| *key != "code" && !value.is_null());
        let numbers: Vec<String> = numbers.map(|(key, value)| format!("{key} {value}")).collect();
        format!("{} {}", reason["code"].as_str().unwrap_or_default(), numbers.join(", "))
    };
    let rows =
        why.pools.iter().map(|pool| vec![pool.pool.clone(), pool.fits.to_string(), or_dash(pool.reason.as_ref().map(reason))]);
    print(&table(&["pool", "fits", "short of"], &["fits"], rows))
}

pub(crate) fn logs(options: &LogOptions, place: &Where, json: bool) -> Outcome {
    let stream = if options.stderr { "stderr" } else { "stdout" };
    let mut path =
        format!("/v1/jobs/{}/logs?stream={stream}&replica={}&follow={}", encode(&options.id), options.replica, options.follow);
    if let Some(tail) = options.tail {
        path.push_str(&format!("&tail={tail}"));
    }
    let mut reader = Client::of(place)?.stream(&path)?;
    let broken = |error: std::io::Error| Failure::Failed(format!("the output broke off: {error}"));
    if json {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(broken)?;
        return print_json(&serde_json::json!({ "stream": stream, "text": String::from_utf8_lossy(&bytes) }));
    }
    let mut stdout = std::io::stdout().lock();
    let mut piece = [0; 65536];
    loop {
        let count = reader.read(&mut piece).map_err(broken)?;
        if count == 0 || stdout.write_all(&piece[..count]).and_then(|()| stdout.flush()).is_err() {
            return Ok(());
        }
    }
}

pub(crate) fn cancel(many: &Many, place: &Where, json: bool) -> Outcome {
    let client = Client::of(place)?;
    let (mut cancelled, mut refused) = (Vec::new(), None);
    for id in &many.ids {
        // One that has ended already must not keep the others running.
        match client.post::<_, JobView>(&format!("/v1/jobs/{}/cancel", encode(id)), &serde_json::json!({})) {
            Ok(job) => {
                if !json {
                    print(&format!("{} {}\n", job.id, job.state))?;
                }
                cancelled.push(job);
            }
            Err(failure) => {
                if let Some(before) = refused.replace(failure) {
                    note(&before.to_string());
                }
            }
        }
    }
    if json {
        print_json(&serde_json::json!({ "jobs": cancelled }))?;
    }
    refused.map_or(Ok(()), Err)
}

/// Waits until every job has ended, and returns them as they ended.
pub(crate) fn until_ended(client: &Client, ids: &[String], timeout: Option<Duration>) -> Outcome<Vec<JobView>> {
    let begun = std::time::Instant::now();
    let bar = indicatif::ProgressBar::new(ids.len() as u64);
    bar.set_style(
        indicatif::ProgressStyle::with_template("{pos} of {len} jobs ended {wide_bar} {elapsed}")
            .expect("the template is well formed"),
    );
    let mut ended = Vec::new();
    let mut pause = Duration::from_millis(20);
    for id in ids {
        let path = format!("/v1/jobs/{}", encode(id));
        loop {
            let job: JobView = client.get(&path)?;
            // A job is over for its owner when it is paid, too: what it cost is then known.
            if job.ended_at.is_some() && job.cost_yuan.is_some() {
                ended.push(job);
                bar.inc(1);
                break;
            }
            if timeout.is_some_and(|timeout| begun.elapsed() > timeout) {
                bar.finish_and_clear();
                return Err(Failure::Failed(format!(
                    "{id} is still {} after {}",
                    job.state,
                    seconds(begun.elapsed().as_secs_f64())
                )));
            }
            std::thread::sleep(pause);
            pause = (pause * 3 / 2).min(Duration::from_secs(1));
        }
    }
    bar.finish_and_clear();
    Ok(ended)
}

pub(crate) fn wait(options: &WaitOptions, place: &Where, json: bool) -> Outcome {
    let timeout = options.timeout.map(|span| Duration::from_millis(span.0.unsigned_abs()));
    let ended = until_ended(&Client::of(place)?, &options.ids, timeout)?;
    if json {
        print_json(&serde_json::json!({ "jobs": ended }))?;
    } else {
        print(&jobs_table(&ended))?;
    }
    went_well(&ended)
}

/// Waits until jobs have ended, however long.
pub(crate) fn wait_for(client: &Client, ids: &[String]) -> Outcome {
    went_well(&until_ended(client, ids, None)?)
}

fn went_well(ended: &[JobView]) -> Outcome {
    if ended.iter().all(|job| job.state == "done") { Ok(()) } else { Err(Failure::Told) }
}
