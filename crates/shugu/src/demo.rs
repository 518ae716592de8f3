//! `shugu demo`: the main job for real. A hub that knows Guizhou's data centres, this machine as a pool, sample jobs
//! of three sample tenants run to their end, and every one of them money on both sides of a book.

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;
use dispatch::Policy;
use owo_colors::OwoColorize;
use serde_json::{Value, json};
use serve::view::{BookView, JobView, Statement, Submitted};
use serve::{Config, SubmitForm};

use crate::census::shown as census_shown;
use crate::client::{Client, encode};
use crate::failure::{Failure, Outcome, print};
use crate::jobs::{jobs_table, until_ended};
use crate::local::{self, LocalAgent};
use crate::{money, print_json, shipped, up};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// End when the sample jobs have ended, instead of staying with the dashboard open.
    #[arg(long)]
    exit: bool,
}

/// A sample job and how it is meant to end.
struct Sample {
    tenant: &'static str,
    form: SubmitForm,
    ends: &'static str,
    exit_code: Option<i32>,
}

fn shell(tenant: &'static str, name: &str, cpus: &str, script: &str, ends: &'static str, exit_code: Option<i32>) -> Sample {
    let form = SubmitForm {
        name: Some(name.to_owned()),
        tenant: Some(tenant.to_owned()),
        command: ["sh", "-c", script].map(str::to_owned).to_vec(),
        cpus: Some(serve::Plain(cpus.to_owned())),
        ..SubmitForm::default()
    };
    Sample { tenant, form, ends, exit_code }
}

/// The name of the job that is cancelled while it runs.
const ENDLESS: &str = "sample-endless-crawl";

fn samples() -> Vec<Sample> {
    let primes = "awk 'BEGIN { for (n = 2; n < 40000; n++) { prime = 1; for (d = 2; d * d <= n; d++) if (n % d == 0) { prime = 0; break } count += prime } print count, \"primes below 40000\" }'";
    let words = "seq 1 200000 | awk '{ print $1 % 977 }' | sort -n | uniq -c | sort -rn | head -3";
    let replica = "echo \"replica $RANK of $WORLD_SIZE, peers $SHUGU_PEERS\"; sleep 1; echo \"replica $RANK leaves together with the others\"";
    let mut gang = shell("sample-llm-lab", "sample-gang-of-two", "0.25", replica, "done", Some(0));
    gang.form.replicas = Some(2);
    let mut limited =
        shell("sample-genomics", "sample-too-long", "0.1", "echo 'this takes longer than it may'; sleep 600", "failed", None);
    limited.form.time_limit = Some(serve::Plain("1s".to_owned()));
    let mut urgent =
        shell("sample-render-farm", "sample-urgent-frame", "0.5", "sleep 0.3; echo 'frame 1 drawn'", "done", Some(0));
    urgent.form.priority = Some(50);
    vec![
        shell("sample-llm-lab", "sample-count-primes", "1", primes, "done", Some(0)),
        gang,
        shell("sample-genomics", "sample-word-count", "1", words, "done", Some(0)),
        shell("sample-genomics", "sample-missing-input", "0.5", "echo 'cannot open reads.fastq' >&2; exit 3", "failed", Some(3)),
        shell(
            "sample-render-farm",
            ENDLESS,
            "0.1",
            "trap 'echo asked to stop; exit 0' TERM; while :; do sleep 0.1; done",
            "cancelled",
            None,
        ),
        limited,
        urgent,
        shell("sample-render-farm", "sample-frame-2", "1", "sleep 0.3; echo 'frame 2 drawn'", "done", Some(0)),
        shell("sample-llm-lab", "sample-evaluate", "1", primes, "done", Some(0)),
    ]
}

fn step(text: &str) {
    anstream::eprintln!("{} {text}", "▸".cyan());
}

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    let folder = tempfile::Builder::new().prefix("shugu-demo-").tempdir();
    let folder = folder.map_err(|error| Failure::Failed(format!("cannot make a temporary folder: {error}")))?;
    let runtime = up::runtime()?;
    let outcome = runtime.block_on(host(options, json, folder.path()));
    drop(folder);
    outcome
}

async fn host(options: &Options, json: bool, folder: &Path) -> Outcome {
    let listen = "127.0.0.1:0".parse().expect("it is an address");
    let census = Some(shipped::guizhou_with_sample_prices());
    let config = Config {
        folder: folder.to_owned(),
        listen,
        store: serve::Store::in_folder(folder),
        advertise: None,
        census,
        first_census: None,
        policy: Policy::default(),
        lost_after: Config::LOST_AFTER,
        tls: None,
        oidc: None,
        program: std::env::current_exe().ok(),
        limits: serve::Limits::default(),
        archive: None,
        scenarios: shipped::scenarios(),
    };
    let server = serve::start(config).await.map_err(|fault| up::failed(&fault))?;
    let token = server.admit_pool(local::join()).await.map_err(Failure::Failed)?;
    let agent = LocalAgent::start(server.url(), None, &token, folder);
    let client = Client::new(server.url(), &server.operator_token().unwrap_or_default(), None);
    let url = format!("{}/#token={}", server.url(), server.operator_token().unwrap_or_default());
    step(&format!("a hub with the Guizhou census serves at {}", server.url()));
    let stay = !options.exit;
    let shown = tokio::task::spawn_blocking(move || show(&client, json, stay, &url));
    let mut ended = tokio::select! {
        shown = shown => shown.unwrap_or_else(|_| Err(Failure::Failed("the demo panicked".to_owned()))),
        () = up::asked_to_end() => Err(Failure::Failed("interrupted".to_owned())),
        () = server.failed() => Err(Failure::Failed("the hub's store failed".to_owned())),
    };
    if ended.is_ok() && stay {
        up::asked_to_end().await;
    }
    tokio::task::block_in_place(|| {
        agent.stop();
        execute::local::quit(&local::agent_folder(folder));
    });
    if let Err(fault) = server.stop().await {
        ended = ended.and(Err(up::failed(&fault)));
    }
    ended
}

/// Plays the tenants, and says whether everything ended as it was meant to.
fn show(client: &Client, json: bool, stay: bool, url: &str) -> Outcome {
    let begun = Instant::now();
    wait_for_pool(client)?;
    let samples = samples();
    let mut ids = Vec::new();
    for sample in &samples {
        let submitted: Submitted = client.post("/v1/jobs", &sample.form)?;
        ids.push(submitted.id);
    }
    step(&format!("{} sample jobs of three sample tenants submitted; this machine runs them as real processes", ids.len()));
    let endless = samples.iter().position(|sample| sample.form.name.as_deref() == Some(ENDLESS)).expect("it is among them");
    wait_for_start(client, &ids[endless])?;
    let _: JobView = client.post(&format!("/v1/jobs/{}/cancel", ids[endless]), &json!({}))?;
    step(&format!("{} runs and is cancelled", ids[endless]));
    let jobs = until_ended(client, &ids, Some(Duration::from_secs(120)))?;
    step(&format!("every job has ended, {:.1} s after the hub was ready", begun.elapsed().as_secs_f64()));

    let census: Value = client.get("/v1/census")?;
    let book: BookView = client.get("/v1/books?period=all")?;
    let balance = book.balance_yuan;
    if json {
        let short = |job: &JobView| {
            json!({
                "id": job.id, "name": job.name, "tenant": job.tenant, "state": job.state, "pool": job.pool, "wait_s": job.wait_s,
                "run_s": job.run_s, "energy_kwh": job.energy_kwh, "carbon_kg": job.carbon_kg, "cost_yuan": job.cost_yuan,
                "exit_code": job.exit_code, "end": job.end,
            })
        };
        let jobs: Vec<Value> = jobs.iter().map(short).collect();
        print_json(&json!({ "url": url, "jobs": jobs, "census": census, "postings_balance_yuan": balance }))?;
    } else {
        print(&format!("\n{}\n{}\n", census_shown(&census, false), jobs_table(&jobs)))?;
        let mut tenants: Vec<&str> = samples.iter().map(|sample| sample.tenant).collect();
        tenants.dedup();
        tenants.sort_unstable();
        tenants.dedup();
        for tenant in tenants {
            let statement: Statement = client.get(&format!("/v1/statements?tenant={}", encode(tenant)))?;
            print(&format!("{}\n", money::shown(&statement)))?;
        }
        let statement: Statement = client.get(&format!("/v1/statements?provider={}", local::LOCAL))?;
        print(&format!("{}\n", money::shown(&statement)))?;
        print(&format!(
            "{} postings, and the book sums to {} yuan. Prices are samples; energy is modelled from core-time.\n",
            book.postings,
            balance.0.yuan()
        ))?;
        if stay {
            print(&format!("\nDashboard: {url}\nCtrl-C ends the demo and removes everything it made.\n"))?;
        }
    }
    let wrong: Vec<String> = samples
        .iter()
        .zip(&jobs)
        .filter(|(sample, job)| sample.ends != job.state || sample.exit_code != job.exit_code)
        .map(|(sample, job)| {
            format!("{} is {} ({}) and should be {}", job.name, job.state, job.end.as_deref().unwrap_or("–"), sample.ends)
        })
        .collect();
    if balance.0 != measure::Money::ZERO {
        return Err(Failure::Failed(format!("the book does not balance: {}", balance.0)));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Failed(wrong.join("; "))) }
}

fn wait_for_pool(client: &Client) -> Outcome {
    let begun = Instant::now();
    loop {
        let list: serve::view::PoolList = client.get("/v1/pools")?;
        if list.pools.iter().any(|pool| pool.contact) {
            return Ok(());
        }
        if begun.elapsed() > Duration::from_secs(30) {
            return Err(Failure::Failed("the local agent did not join within 30 s".to_owned()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn wait_for_start(client: &Client, id: &str) -> Outcome {
    let begun = Instant::now();
    loop {
        let job: JobView = client.get(&format!("/v1/jobs/{id}"))?;
        if job.started_at.is_some() {
            return Ok(());
        }
        if begun.elapsed() > Duration::from_secs(60) {
            return Err(Failure::Failed(format!("{id} did not start within 60 s")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
