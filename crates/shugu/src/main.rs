//! The command line of Shugu. This file is its table of contents; each command has a file of its own.

mod accounts;
mod agent;
mod archive;
mod ask;
mod asked;
mod backup;
mod bench;
mod bench_dashboard;
mod bench_engine;
mod bench_history;
mod bench_matmul;
mod bench_plan;
mod bench_reads;
mod bench_settle;
mod bench_slurm;
mod bench_stores;
mod census;
mod check;
mod client;
mod data;
mod demo;
mod html;
mod jobs;
mod join;
mod local;
mod measure;
mod money;
mod plan;
mod replay;
mod report;
mod rules;
mod sbatch;
mod signals;
mod simulate;
mod store;
mod submit;
mod table;
mod top;
mod up;
mod webhook;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches as _, Parser, Subcommand};
use shugu::{failure, foreign, policy, readings, script, settings, shipped};

use crate::client::Where;
use crate::failure::{Failure, Outcome};

/// Many small things live and die in a hub; the system's own allocator took a tenth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Makes many data centres of many providers work as one: counts their computing power, runs jobs where that is
/// best, meters and settles.
#[derive(Debug, Parser)]
#[command(
    name = "shugu",
    version,
    max_term_width = 110,
    after_help = "Begin with `shugu demo`, then `shugu up` and `shugu submit -- CMD`.\nExit codes: 0 done, 1 failed, 2 wrong usage or input, 3 refused by the hub."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    place: Where,
    /// One JSON document on stdout and nothing else there.
    #[arg(long, global = true)]
    json: bool,
    /// Say more on stderr; twice for everything.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the main job for real, in a temporary folder: hub, this machine as a pool, sample jobs, money.
    Demo(demo::Options),
    /// Run a hub.
    Up(up::Options),
    /// Join a pool to a hub, from a machine of that pool.
    Agent(agent::Options),
    /// Look at a site, show what would be told to the hub, and let its pool join.
    Join(join::Options),
    /// Submit a job: a YAML file (also a Job of Kubernetes or a task of SkyPilot, as it is), or flags and a command.
    Submit(submit::Options),
    /// Submit a batch script of Slurm as it is, and say which of its `#SBATCH` lines cannot be kept.
    Sbatch(sbatch::Options),
    /// List jobs, newest first.
    Jobs(jobs::ListOptions),
    /// Watch the hub go on: jobs, pools, tenants.
    Top(top::Options),
    /// Show a job.
    Job(jobs::JobOptions),
    /// Say why a job waits.
    Why(jobs::One),
    /// Show what a job wrote.
    Logs(jobs::LogOptions),
    /// Stop jobs.
    Cancel(jobs::Many),
    /// Wait until jobs have ended; 1 if one of them did not end well.
    Wait(jobs::WaitOptions),
    /// Count computing power by class, precision and rung, beside what is published.
    Census(census::Options),
    /// Show the pools of the hub.
    Pools(ask::PoolOptions),
    /// Show what tenants are due, hold and used.
    Tenants,
    /// Say what a tenant is due; without terms, show it.
    Tenant(rules::TenantOptions),
    /// Say what a pool allows; without limits, show them.
    Limit(rules::LimitOptions),
    /// Let nothing start at a target any more; what runs there goes on.
    Cordon(rules::CordonOptions),
    /// Let nothing start at a target any more, and stop what still runs there at a deadline.
    Drain(rules::DrainOptions),
    /// Keep a target free of work between two instants.
    Window(rules::WindowOptions),
    /// Open a target again, and forget its windows.
    Open(rules::Target),
    /// Show what is closed, or will be.
    Closings,
    /// Show, set and forget data that jobs read.
    #[command(subcommand)]
    Data(data::Data),
    /// Let a pool join, or make and revoke tokens.
    #[command(subcommand)]
    Access(ask::Access),
    /// Show who asked for which change, and what came of it.
    Audit(asked::Options),
    /// Show what a tenant pays or a provider receives.
    Statement(money::Options),
    /// Write what was charged for other programs: FOCUS 1.2 or Parquet.
    Export(money::ExportOptions),
    /// Say what a tenant may spend; without an amount, show what it has, may spend and has held.
    Budget(accounts::BudgetOptions),
    /// Give a tenant a credit (a computing voucher), which pays before its own money.
    Credit(accounts::CreditOptions),
    /// Tell what a meter read of a job after it had ended; its bill is put right.
    Reading(accounts::ReadingOptions),
    /// Contest bills, settle disputes, and collect the facts behind a bill.
    #[command(subcommand)]
    Dispute(accounts::DisputeCommand),
    /// Readings of prices, carbon, PUE and power: from files, addresses and Prometheus.
    #[command(subcommand)]
    Signal(signals::SignalCommand),
    /// Who is told of what happens: webhooks, as CloudEvents.
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// What a site drew by readings of its power, what that cost and emitted.
    Energy(signals::EnergyOptions),
    /// Run a benchmark on a pool through its own executor, and enter what it found.
    Measure(measure::Options),
    /// The year's report: totals with their sources, growth, targets, contradictions, as a page to publish.
    Report(report::Options),
    /// Drive a trace, or a hub's own history, through the engine in virtual time.
    Replay(replay::Options),
    /// Find the cheapest build-out that meets a target, how likely it does, and its census.
    Plan(plan::Options),
    /// Run whole hubs on simulated time, network and disk, with everything going wrong, and say what does not hold.
    Simulate(simulate::Options),
    /// Measure.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Audit a journal, of a running hub too; changes nothing.
    Check(check::Options),
    /// Copy the hub's data to a new folder, while it runs or not, and audit the copy.
    Backup(backup::BackupOptions),
    /// Bring a copy of a hub's data back.
    Restore(backup::RestoreOptions),
    /// List what of the hub's history is in its archive.
    Archive(archive::Options),
    /// Move the journal of a stopped hub to another store, and audit it there.
    Move(store::MoveOptions),
    /// Write manual pages, one for each command.
    Man {
        /// Where to.
        #[arg(value_name = "FOLDER")]
        folder: std::path::PathBuf,
    },
    /// Print completions for a shell.
    Completions {
        /// Which.
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    // The keeper is this program under another name: one file to install.
    let mut arguments = std::env::args_os();
    if arguments.next().is_some_and(|name| name == execute::local::KEEPER_NAME) {
        return local::keep(arguments.next());
    }
    settings::default_environment();
    let cli = Cli::from_arg_matches(&numbers_may_be_negative(Cli::command()).get_matches()).unwrap_or_else(|error| error.exit());
    log_to_stderr(cli.verbose, matches!(cli.command, Command::Simulate(_)));
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

/// Takes `--weight -1` for a value, so that whoever checks it says what is wrong, and not for an unknown option.
fn numbers_may_be_negative(command: clap::Command) -> clap::Command {
    command.mut_subcommands(numbers_may_be_negative).allow_negative_numbers(true)
}

fn run(cli: Cli) -> Outcome {
    let (place, json) = (&cli.place, cli.json);
    match cli.command {
        Command::Demo(options) => demo::run(&options, json),
        Command::Up(options) => up::run(&options, place),
        Command::Agent(options) => agent::run(&options, place),
        Command::Join(options) => join::run(&options, place, json),
        Command::Submit(options) => submit::run(&options, place, json),
        Command::Top(options) => top::run(&options, place, json),
        Command::Sbatch(options) => sbatch::run(&options, place, json),
        Command::Jobs(options) => jobs::list(&options, place, json),
        Command::Job(options) => jobs::job(&options, place, json),
        Command::Why(one) => jobs::why(&one, place, json),
        Command::Logs(options) => jobs::logs(&options, place, json),
        Command::Cancel(many) => jobs::cancel(&many, place, json),
        Command::Wait(options) => jobs::wait(&options, place, json),
        Command::Census(options) => census::run(&options, place, json),
        Command::Pools(options) => ask::pools(&options, place, json),
        Command::Tenants => rules::tenants(place, json),
        Command::Tenant(options) => rules::tenant(&options, place, json),
        Command::Limit(options) => rules::limit(&options, place, json),
        Command::Cordon(options) => rules::cordon(&options, place, json),
        Command::Drain(options) => rules::drain(&options, place, json),
        Command::Window(options) => rules::window(&options, place, json),
        Command::Open(target) => rules::open(&target, place, json),
        Command::Closings => rules::closings(place, json),
        Command::Data(data) => data::run(&data, place, json),
        Command::Access(access) => ask::access(&access, place, json),
        Command::Audit(options) => asked::run(&options, place, json),
        Command::Statement(options) => money::statement(&options, place, json),
        Command::Export(options) => money::export(&options, place, json),
        Command::Budget(options) => accounts::budget(&options, place, json),
        Command::Credit(options) => accounts::credit(&options, place, json),
        Command::Reading(options) => accounts::reading(&options, place, json),
        Command::Dispute(command) => accounts::dispute(&command, place, json),
        Command::Signal(command) => signals::run(&command, place, json),
        Command::Webhook(command) => webhook::run(&command, place, json),
        Command::Energy(options) => signals::energy(&options, place, json),
        Command::Measure(options) => measure::run(&options, place, json),
        Command::Report(options) => report::run(&options, place, json),
        Command::Replay(options) => replay::run(&options, json),
        Command::Plan(options) => plan::run(&options, json),
        Command::Simulate(options) => simulate::run(&options, json),
        Command::Bench(bench) => bench::run(&bench, json),
        Command::Check(options) => check::run(&options, place, json),
        Command::Backup(options) => backup::backup(&options, place, json),
        Command::Restore(options) => backup::restore(&options, place, json),
        Command::Archive(options) => archive::run(&options, place, json),
        Command::Move(options) => store::move_store(&options, place, json),
        Command::Man { folder } => {
            let failed = |error: std::io::Error| Failure::Failed(format!("{}: {error}", folder.display()));
            std::fs::create_dir_all(&folder).map_err(failed)?;
            clap_mangen::generate_to(Cli::command(), &folder).map_err(failed)
        }
        Command::Completions { shell } => {
            let mut bytes = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "shugu", &mut bytes);
            failure::print(&String::from_utf8_lossy(&bytes))
        }
    }
}

fn log_to_stderr(verbose: u8, quiet: bool) {
    let level = match verbose {
        // What a simulated hub warns of is what is simulated.
        0 if quiet => tracing::Level::ERROR,
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        _ => tracing::Level::DEBUG,
    };
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt().with_max_level(level).with_target(false).with_ansi(terminal).with_writer(std::io::stderr).init();
}

/// Prints a document as JSON.
fn print_json<T: serde::Serialize>(value: &T) -> Outcome {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Failed(error.to_string()))?;
    failure::print(&format!("{text}\n"))
}
