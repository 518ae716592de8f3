//! `shugu up`: runs a hub.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use measure::Span;
use serve::{Acme, Config, Limits, StartFault};

use crate::client::{Client, Where};
use crate::failure::{Failure, Outcome, note, print};
use crate::local::{self, LocalAgent};
use crate::policy::policy;
use crate::store::StoreOptions;
use crate::{shipped, signals};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, env = "SHUGU_LISTEN", default_value = "127.0.0.1:7878", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// A census folder to take over, or `guizhou` for the shipped one.
    #[arg(long, env = "SHUGU_CENSUS", value_name = "FOLDER")]
    census: Option<PathBuf>,
    /// Who goes next, and where: default, fair, fifo, sjf, bestfit, fgd, or a TOML file (docs/policies.md).
    #[arg(long, env = "SHUGU_POLICY", default_value = "default")]
    policy: String,
    #[command(flatten)]
    store: StoreOptions,
    /// Where other hubs of the same store, and whoever asks them for a change, reach this one [default: its own address].
    #[arg(long, env = "SHUGU_ADVERTISE", value_name = "URL")]
    advertise: Option<String>,
    /// Jobs of a pool whose agent has been silent for so long are taken for lost, and tried again elsewhere if they may be.
    /// The agent ends them before, so that none runs twice; until then they go on.
    #[arg(long, env = "SHUGU_LOST_AFTER", default_value_t = Config::LOST_AFTER, value_name = "SPAN", value_parser = lost_after)]
    lost_after: Span,
    /// Speak TLS, with a certificate of the hub's own making that stays the same; agents know it by its fingerprint.
    #[arg(long, env = "SHUGU_TLS")]
    tls: bool,
    /// A certificate with its chain, in PEM, in place of one of the hub's own making.
    #[arg(long, env = "SHUGU_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its key, in PEM.
    #[arg(long, env = "SHUGU_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A name or address by which the hub is reached, for its own certificate; may be repeated.
    #[arg(long, value_name = "NAME")]
    tls_name: Vec<String>,
    /// A public name of the hub, for which it gets and renews a certificate by ACME (Let's Encrypt): it must be reached by that name at port 443.
    /// May be repeated. Implies --tls, whose own certificate is there for whoever asks by an address.
    #[arg(long, env = "SHUGU_ACME", value_name = "NAME", value_delimiter = ',', conflicts_with = "tls_cert")]
    acme: Vec<String>,
    /// Whom the authority writes to.
    #[arg(long, env = "SHUGU_ACME_CONTACT", value_name = "EMAIL", requires = "acme")]
    acme_contact: Option<String>,
    /// The directory of another authority than Let's Encrypt.
    #[arg(long, env = "SHUGU_ACME_DIRECTORY", value_name = "URL", default_value = Acme::LETS_ENCRYPT)]
    acme_directory: String,
    /// Sources of prices, carbon, PUE and power that are followed while the hub runs: Prometheus, files, addresses (docs/census.md).
    #[arg(long, env = "SHUGU_SIGNALS", value_name = "SOURCES.toml")]
    signals: Option<PathBuf>,
    /// Who signs people in with a browser, by OpenID Connect: a TOML file (docs/hub.md).
    #[arg(long, env = "SHUGU_OIDC", value_name = "FILE.toml")]
    oidc: Option<PathBuf>,
    #[command(flatten)]
    limits: LimitOptions,
    #[command(flatten)]
    archive: ArchiveOptions,
    /// Do not make this machine a pool.
    #[arg(long)]
    no_local: bool,
}

/// Where the past is kept beside the store (docs/history.md).
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "History")]
pub(crate) struct ArchiveOptions {
    /// A folder for the archive: Parquet files with every entry of the journal. Several hubs of one store share it.
    #[arg(long, env = "SHUGU_ARCHIVE", value_name = "FOLDER")]
    archive: Option<PathBuf>,
    /// The store keeps what is in the archive for so long, and leaves it there then; nothing is lost from sight, but old jobs take a moment
    /// longer to show [default: the store keeps everything].
    #[arg(long, env = "SHUGU_KEEP", value_name = "SPAN", requires = "archive")]
    keep: Option<Span>,
    /// Entries of a file; one with fewer is made where a day brings fewer.
    #[arg(long, env = "SHUGU_ARCHIVE_ENTRIES", value_name = "N", default_value_t = serve::Archive::ENTRIES, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    archive_entries: u32,
}

impl ArchiveOptions {
    fn archive(&self) -> Outcome<Option<serve::Archive>> {
        let Some(folder) = &self.archive else { return Ok(None) };
        let folder = std::path::absolute(folder).map_err(|error| Failure::Wrong(format!("--archive: {error}")))?;
        Ok(Some(serve::Archive { folder, keep: self.keep, entries: self.archive_entries }))
    }
}

/// How much is taken from whom; 0 is no limit. What is more is answered with 429, and when to ask again.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitOptions {
    /// Requests a second that one token may make in the long run; agents have no such limit.
    #[arg(long, env = "SHUGU_RATE", default_value_t = Limits::default().rate, value_name = "N")]
    rate: u32,
    /// Requests that one token may make at once.
    #[arg(long, env = "SHUGU_BURST", default_value_t = Limits::default().burst, value_name = "N")]
    burst: u32,
    /// Requests without a good token that one address may make a minute.
    #[arg(long, env = "SHUGU_FAILURES", default_value_t = Limits::default().strangers, value_name = "N")]
    failures: u32,
    /// Changes that may wait to be decided at a time; each job of a batch is one.
    #[arg(long, env = "SHUGU_WAITING", default_value_t = Limits::default().waiting, value_name = "N")]
    waiting: u32,
}

impl LimitOptions {
    fn limits(&self) -> Limits {
        Limits { rate: self.rate, burst: self.burst, strangers: self.failures, waiting: self.waiting }
    }
}

impl Options {
    fn tls(&self) -> Option<serve::Tls> {
        let files = self.tls_cert.clone().zip(self.tls_key.clone());
        let acme = (!self.acme.is_empty()).then(|| Acme {
            names: self.acme.clone(),
            directory: self.acme_directory.clone(),
            contact: self.acme_contact.clone(),
        });
        let wanted = self.tls || files.is_some() || acme.is_some() || !self.tls_name.is_empty();
        wanted.then(|| serve::Tls { files, names: self.tls_name.clone(), acme })
    }
}

fn lost_after(text: &str) -> Result<Span, String> {
    let span: Span = text.parse().map_err(|problem: measure::Malformed| problem.to_string())?;
    if span < Span::seconds(5) { Err("is at least 5s".to_owned()) } else { Ok(span) }
}

/// What a fault means to whoever started the hub.
pub(crate) fn failed(fault: &StartFault) -> Failure {
    match fault {
        StartFault::Exposed(_) | StartFault::Tls(_) => Failure::Wrong(fault.to_string()),
        _ => Failure::Failed(fault.to_string()),
    }
}

/// A runtime for the hub's HTTP side; the hub itself is one thread.
pub(crate) fn runtime() -> Outcome<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| Failure::Failed(format!("cannot start threads: {error}")))
}

/// Resolves when the process is asked to end: from now on, and not only once it is waited for.
pub(crate) fn asked_to_end() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else { return };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// How a hub ended.
enum Ended {
    /// It was asked to.
    Asked,
    /// Another hub of the same store took over.
    Fenced,
}

/// Each stream of events and each agent that waits is an open file: as many as the system lets this process have.
fn allow_many_files() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // What is allowed already is enough for most.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}

pub(crate) fn run(options: &Options, place: &Where) -> Outcome {
    allow_many_files();
    let folder = place.folder();
    let folder = std::path::absolute(&folder).map_err(|error| Failure::Failed(error.to_string()))?;
    let store = options.store.of(&folder)?;
    let signals = options.signals.as_deref().map(signals::read).transpose()?;
    let policy = policy(&options.policy)?;
    let oidc = options.oidc.as_deref().map(serve::Oidc::read).transpose().map_err(Failure::Wrong)?;
    let census = options.census.as_deref().map(shipped::census_at).transpose()?;
    let new = matches!(&store, serve::Store::Sqlite(path) if !path.exists());
    if new && census.is_none() {
        note("this hub has no census: nothing is counted and nothing has a price; --census FOLDER gives it one");
    }
    let mut config = Config {
        folder: folder.clone(),
        listen: options.listen,
        store,
        advertise: options.advertise.clone(),
        census,
        first_census: Some(shipped::nothing_known()),
        policy,
        lost_after: options.lost_after,
        tls: options.tls(),
        oidc,
        program: std::env::current_exe().ok(),
        scenarios: shipped::scenarios(),
        limits: options.limits.limits(),
        archive: options.archive.archive()?,
    };
    let runtime = runtime()?;
    loop {
        match runtime.block_on(serve_once(options, config.clone(), signals.as_deref()))? {
            Ended::Asked => return Ok(()),
            // It stands by from now on, where it was.
            Ended::Fenced => config.census = None,
        }
    }
}

async fn serve_once(options: &Options, config: Config, signals: Option<&[crate::readings::Source]>) -> Outcome<Ended> {
    let folder = config.folder.clone();
    // Whoever reads that it is ready may end it at once.
    let asked_to_end = asked_to_end();
    let server = serve::start(config).await.map_err(|fault| failed(&fault))?;
    let mut agent = None;
    // Where another hub wrote a moment ago, it is clear soon whether it still does.
    let leads = tokio::time::timeout(std::time::Duration::from_secs(4), server.leads()).await.is_ok();
    if leads {
        agent = lead(options, &server, &folder, signals).await?;
    }
    print(&format!("ready {}\n", server.url()))?;
    if let Some(fingerprint) = server.fingerprint() {
        note(&format!("its certificate is {fingerprint}"));
    }
    note(&format!("data, and the operator's token, in {}; Ctrl-C stops the hub, its jobs go on", folder.display()));
    let turn = async {
        if leads {
            return std::future::pending().await;
        }
        if let Some(writer) = server.writer() {
            let who = if writer.is_empty() { String::new() } else { format!(": the hub at {writer} writes") };
            note(&format!("it stands by{who}"));
        }
        server.leads().await;
        note("it writes from now on");
        agent = lead(options, &server, &folder, signals).await?;
        std::future::pending::<Outcome>().await
    };
    let ended = tokio::select! {
        () = asked_to_end => Ok(()),
        () = server.failed() => Ok(()),
        ended = turn => ended,
    };
    if let Some(agent) = agent {
        tokio::task::block_in_place(|| agent.stop());
    }
    let stopped = server.stop().await;
    ended?;
    match stopped {
        Ok(()) => Ok(Ended::Asked),
        Err(fault) if fault.is_fenced() => {
            note("another hub of the same store writes now");
            Ok(Ended::Fenced)
        }
        Err(fault) => Err(failed(&fault)),
    }
}

/// What a hub that writes does beside: this machine as a pool, and sources that are followed.
async fn lead(
    options: &Options,
    server: &serve::Server,
    folder: &std::path::Path,
    signals: Option<&[crate::readings::Source]>,
) -> Outcome<Option<LocalAgent>> {
    let mut agent = None;
    if !options.no_local {
        let token = server.admit_pool(local::join()).await.map_err(Failure::Failed)?;
        agent = Some(LocalAgent::start(server.url(), server.fingerprint(), &token, folder));
    }
    if let Some(sources) = signals {
        let token = std::fs::read_to_string(folder.join("operator.token")).map_err(|error| Failure::Failed(error.to_string()))?;
        let client = Client::new(server.url(), token.trim(), server.fingerprint());
        let sources = sources.to_vec();
        // It ends with the process: what it was told is durable, and asked for again at the next start.
        std::thread::spawn(move || signals::follow(&client, &sources, false));
    }
    Ok(agent)
}
