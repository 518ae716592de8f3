//! Starting and stopping a hub.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;

use census::Census;
use dispatch::Policy;
use execute::tls::Fingerprint;
use measure::{Name, Span};
use nix::fcntl::{Flock, FlockArg};
use tokio::sync::{broadcast, watch};

use crate::access::{self, Access, Grant, Role};
use crate::api::limits::{Gate, Limits};
use crate::api::signin::SignIn;
use crate::api::turns::Turns;
use crate::api::{self, App};
use crate::clock;
use crate::hub::standby::{Duty, Standing, Turn};
use crate::hub::{Ask, HubHandle, Shared, Writer};
use crate::logs::LogDesk;
use crate::metrics::Metrics;
use crate::notes::Notes;
use crate::oidc::Oidc;
use crate::store::{Journal, Reader, Store, StoreFault, TokenRow, Trouble};
use crate::studies::Studies;
use crate::tend::{Archive, tend};
use crate::tls::Tls;
use crate::wanted::WantedLog;
use crate::webhooks::{self, Teller};

/// How a hub is to be started.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its data folder.
    pub folder: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where its journal is kept.
    pub store: Store,
    /// Where other hubs of the same store send who wants something changed; its own address where nothing is told.
    pub advertise: Option<String>,
    /// The census to take over; `None` leaves what the journal knows.
    pub census: Option<Census>,
    /// The census of a hub whose journal is empty, where `census` tells none.
    pub first_census: Option<Census>,
    /// Who goes next.
    pub policy: Policy,
    /// Jobs of a pool whose agent has been silent for so long are taken for lost.
    pub lost_after: Span,
    /// How it is reached over TLS; `None` for loopback in the clear.
    pub tls: Option<Tls>,
    /// Who signs people in with a browser; `None` for tokens only.
    pub oidc: Option<Oidc>,
    /// The program that carries out studies, this one; `None` for a hub that has none.
    pub program: Option<PathBuf>,
    /// Plan scenarios to begin with: name and TOML.
    pub scenarios: Vec<(String, String)>,
    /// How much is taken from whom.
    pub limits: Limits,
    /// Where the past is kept beside the store.
    pub archive: Option<Archive>,
}

impl Config {
    /// How long agents may be silent where nobody says otherwise: a night and a day.
    pub const LOST_AFTER: Span = Span::seconds(24 * 3600);
}

/// Where the fingerprint of the hub's certificate lies in its folder.
pub const FINGERPRINT: &str = "hub.fingerprint";

/// A hub cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// Beyond this machine only with TLS.
    #[error("{0} is reachable from other machines, where a token must not be sent in the clear: add --tls")]
    Exposed(SocketAddr),
    /// Its certificate cannot be used.
    #[error("TLS: {0}")]
    Tls(#[source] io::Error),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}{hint}", hint = if .source.kind() == io::ErrorKind::AddrInUse { "; another program uses the port, choose one with --listen" } else { "" })]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another hub serves the folder.
    #[error("another hub already serves {}", .0.display())]
    Twice(PathBuf),
    /// The folder cannot be used.
    #[error("cannot use {}: {source}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl StartFault {
    /// Whether the hub ended because another one of the same store writes now.
    pub fn is_fenced(&self) -> bool {
        matches!(self, StartFault::Store(StoreFault::Trouble { source: Trouble::Fenced, .. }))
    }
}

/// A running hub.
pub struct Server {
    url: String,
    fingerprint: Option<Fingerprint>,
    folder: PathBuf,
    hub: HubHandle,
    app: Arc<App>,
    stop: watch::Sender<bool>,
    writer: JoinHandle<Result<(), StartFault>>,
    http: tokio::task::JoinHandle<io::Result<()>>,
    failed: watch::Receiver<bool>,
    _lock: Flock<std::fs::File>,
}

/// Starts a hub: opens and folds the journal, takes the census over, listens.
///
/// # Errors
/// See [`StartFault`]; nothing was changed except that a new folder may hold an empty journal.
pub async fn start(config: Config) -> Result<Server, StartFault> {
    if !config.listen.ip().is_loopback() && config.tls.is_none() {
        return Err(StartFault::Exposed(config.listen));
    }
    let folder_fault = |source| StartFault::Folder { path: config.folder.clone(), source };
    std::fs::create_dir_all(&config.folder).map_err(folder_fault)?;
    restrict(&config.folder).map_err(folder_fault)?;
    let lock = std::fs::File::create(config.folder.join("hub.lock")).map_err(folder_fault)?;
    let lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock).map_err(|_| StartFault::Twice(config.folder.clone()))?;
    // The port first: a hub that cannot be reached should not fold for seconds.
    let listener = tokio::net::TcpListener::bind(config.listen).await;
    let listener = listener.map_err(|source| StartFault::Listen { address: config.listen, source })?;
    let address = listener.local_addr().map_err(folder_fault)?;
    let identity = match &config.tls {
        Some(tls) => Some(tls.identity(&config.folder, config.listen.ip()).map_err(StartFault::Tls)?),
        None => None,
    };
    // Whoever asks from this machine does so by loopback.
    let here = match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port()),
        _ => address,
    };
    let url = format!("{}://{here}", if identity.is_some() { "https" } else { "http" });
    let fingerprint = identity.as_ref().map(|identity| identity.fingerprint);

    let place = config.store.clone();
    // Servers are asked by a client that waits, which must not be done here.
    let opened = tokio::task::spawn_blocking(move || Opened::of(&place));
    let opened = opened.await.map_err(|panic| folder_fault(io::Error::other(panic.to_string())))??;
    let Made { app, mut writer, inbox, mut standing, stop } = assemble(&config, &url, opened)?;
    let (hub, stopping) = (app.hub.clone(), app.stopping.clone());
    let (fail, failed) = watch::channel(false);
    let writer = std::thread::Builder::new().name("hub".to_owned()).spawn(move || {
        let _told = TellOnEnd(fail);
        match writer.follow(&inbox, &standing)? {
            Turn::Stops => return Ok(()),
            Turn::Leads => writer.begin(&mut standing)?,
        }
        let duty = standing.duty.clone();
        drop(standing);
        Ok(writer.run(&inbox, duty)?)
    });
    let writer = writer.map_err(folder_fault)?;
    // Where no other hub can write this one does at once, and is whole before it is told of.
    if !config.store.is_shared() {
        let ended = async { drop(failed.clone().wait_for(|failed| *failed).await) };
        tokio::select! {
            () = hub.leading() => {}
            () = ended => {
                let outcome = tokio::task::spawn_blocking(move || writer.join()).await;
                return Err(match outcome {
                    Ok(Ok(Err(fault))) => fault,
                    _ => folder_fault(io::Error::other("the hub's thread ended")),
                });
            }
        }
    }
    {
        // Who is told is told once, by the hub that writes.
        let (hub, reader, teller) = (hub.clone(), app.reader.clone(), app.teller.clone());
        tokio::spawn(async move {
            hub.leading().await;
            match tokio::task::spawn_blocking(move || reader.webhooks()).await {
                Ok(Ok(hooks)) => hooks.iter().for_each(|hook| teller.follow(&hook.name)),
                Ok(Err(fault)) => tracing::error!(%fault, "webhooks cannot be read: nobody is told of anything"),
                Err(_) => {}
            }
        });
    }
    let routes = api::routes(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    {
        let app = app.clone();
        tokio::spawn(async move {
            while !*app.stopping.borrow() {
                tokio::time::sleep(std::time::Duration::from_secs(30)).await;
                app.gate.tidy();
            }
        });
    }
    tokio::spawn(tend(hub.clone(), config.store.clone(), config.archive.clone(), stopping.clone()));
    tokio::spawn(app.turns.clone().ring(app.shared.changes.subscribe()));
    let mut until = stopping;
    let http = match identity {
        None => tokio::spawn(async move {
            // Small answers must not wait for the next packet.
            let listener = axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true)));
            let serve = axum::serve(listener, routes);
            serve.with_graceful_shutdown(async move { drop(until.wait_for(|stop| *stop).await) }).await
        }),
        Some(identity) => {
            // Two libraries bring two providers; this is the one that is linked.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let tls = match config.tls.as_ref().and_then(|tls| tls.acme.as_ref()) {
                Some(acme) => {
                    let server = acme.serve(&config.folder, &identity, until.clone()).map_err(StartFault::Tls)?;
                    axum_server::tls_rustls::RustlsConfig::from_config(server)
                }
                None => {
                    let tls = axum_server::tls_rustls::RustlsConfig::from_pem(identity.certificate, identity.key).await;
                    tls.map_err(StartFault::Tls)?
                }
            };
            let listener = listener.into_std().map_err(StartFault::Tls)?;
            let handle = axum_server::Handle::new();
            let stopper = handle.clone();
            tokio::spawn(async move {
                drop(until.wait_for(|stop| *stop).await);
                stopper.graceful_shutdown(Some(std::time::Duration::from_secs(3)));
            });
            let acceptor = axum_server::accept::NoDelayAcceptor::new();
            let server = axum_server::from_tcp(listener).map_err(StartFault::Tls)?;
            let server = server.acceptor(axum_server::tls_rustls::RustlsAcceptor::new(tls).acceptor(acceptor)).handle(handle);
            tokio::spawn(async move { server.serve(routes).await })
        }
    };
    // A name by which this machine's own commands know the hub's certificate.
    match fingerprint {
        Some(fingerprint) => std::fs::write(config.folder.join(FINGERPRINT), fingerprint.to_string()).map_err(folder_fault)?,
        None => drop(std::fs::remove_file(config.folder.join(FINGERPRINT))),
    }
    // Whoever looks for the hub of this folder finds its address here.
    std::fs::write(config.folder.join("hub.url"), &url).map_err(folder_fault)?;
    Ok(Server { url, fingerprint, folder: config.folder, hub, app, stop, writer, http, failed, _lock: lock })
}

/// A journal that was opened, its fold, and the tokens beside it.
pub(crate) struct Opened {
    journal: Journal,
    ledger: settle::Ledger,
    tokens: Vec<TokenRow>,
}

impl Opened {
    pub(crate) fn of(store: &Store) -> Result<Opened, StoreFault> {
        let (journal, ledger) = Journal::open(store)?;
        let tokens = journal.tokens()?;
        Ok(Opened { journal, ledger, tokens })
    }
}

/// A hub that is put together: its handlers, and what its thread will do.
pub(crate) struct Made {
    pub(crate) app: Arc<App>,
    pub(crate) writer: Writer,
    pub(crate) inbox: std::sync::mpsc::Receiver<Ask>,
    pub(crate) standing: Standing,
    pub(crate) stop: watch::Sender<bool>,
}

/// Puts a hub together that is reached at `url`; nothing runs yet.
pub(crate) fn assemble(config: &Config, url: &str, opened: Opened) -> Result<Made, StartFault> {
    let folder_fault = |source| StartFault::Folder { path: config.folder.clone(), source };
    let Opened { journal, ledger, tokens } = opened;
    let access = Arc::new(Access::default());
    let valid = tokens.iter().filter(|token| token.revoked.is_none());
    access.replace(valid.filter_map(|token| Some((token.hash, granted(token)?))));
    let shared = Arc::new(Shared {
        wanted: WantedLog::new(ledger.seq, config.lost_after),
        metrics: Metrics::new(),
        changes: broadcast::channel(4096).0,
    });
    let (sender, inbox) = channel();
    let duty = Arc::new(Duty::new());
    let waiting = config.limits.waiting;
    let hub = HubHandle::new(sender, duty.clone(), if waiting == 0 { u32::MAX >> 4 } else { waiting });
    let standing = Standing {
        duty,
        folder: config.folder.clone(),
        access: access.clone(),
        holder: format!("{}-{}", std::process::id(), clock::now().0),
        url: config.advertise.clone().unwrap_or_else(|| url.to_owned()),
        census: config.census.clone(),
        when_new: config.first_census.clone(),
        half_life: config.policy.half_life,
    };
    let writer = Writer::new(ledger, journal, shared.clone(), config.policy.clone(), config.lost_after);
    let (stop, stopping) = watch::channel(false);
    let reader = Arc::new(Reader::new(&config.store));
    let key = webhooks::key(&config.folder).map_err(folder_fault)?;
    let teller = Arc::new(Teller::new(hub.clone(), reader.clone(), key, shared.changes.clone(), stopping.clone()));
    let app = Arc::new(App {
        hub,
        shared,
        access,
        reader,
        teller,
        logs: LogDesk::default(),
        notes: Notes::default(),
        stopping,
        turns: Arc::new(Turns::new()),
        gate: Gate::new(&config.limits),
        closing: tokio::sync::Mutex::default(),
        folding: tokio::sync::Mutex::default(),
        glance: tokio::sync::Mutex::default(),
        studies: Arc::new(Studies::new(&config.folder, config.program.clone(), config.store.environment())),
        scenarios: config.scenarios.clone(),
        folder: std::path::absolute(&config.folder).map_err(folder_fault)?,
        sign_in: config.oidc.clone().map(|oidc| SignIn::new(oidc, url)),
    });
    Ok(Made { app, writer, inbox, standing, stop })
}

/// Tells that the hub's thread has ended, however it ended.
struct TellOnEnd(watch::Sender<bool>);

impl Drop for TellOnEnd {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

/// Only the user who runs the hub reads its folder.
fn restrict(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

pub(crate) fn granted(token: &TokenRow) -> Option<Grant> {
    let (role, subject) = (token.role.parse().ok()?, token.subject.parse().ok()?);
    Some(Grant { id: token.id, role, subject, expires: token.expires, agent: token.agent.clone() })
}

/// The file in a data folder with the operator's token.
const OPERATOR: &str = "operator.token";

/// The first hub that writes makes an operator token, and leaves it in its data folder.
pub(crate) fn operator_token(folder: &Path, store: &mut Journal, access: &Access) -> Result<(), StartFault> {
    if store.tokens()?.iter().any(|token| token.role == "operator" && token.revoked.is_none()) {
        return Ok(());
    }
    let (token, path) = (access::new_token(Role::Operator), folder.join(OPERATOR));
    let (hash, subject): (_, Name) = (access::hash(&token), "operator".parse().expect("it is a name"));
    let id = store.add_token(hash, "operator", subject.as_str(), clock::now(), None, None)?;
    access.grant(hash, Grant { id, role: Role::Operator, subject, expires: None, agent: None });
    write_token(&path, &token).map_err(|source| StartFault::Folder { path, source })
}

fn write_token(path: &Path, token: &str) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(path)?;
    writeln!(file, "{token}")
}

impl Server {
    /// Where it is reached.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The fingerprint of its certificate, if it speaks TLS.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }

    /// The operator's token, if the data folder still has it.
    pub fn operator_token(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.join(OPERATOR)).ok().map(|token| token.trim().to_owned())
    }

    /// Lets a pool in, and makes a token for its agent; tokens made for the pool before are revoked.
    ///
    /// # Errors
    /// In words, where another pool has the name.
    pub async fn admit_pool(&self, join: dispatch::Join) -> Result<String, String> {
        api::admit_pool(&self.app, join).await.map_err(|error| error.message())
    }

    /// Lets a tenant in, and makes a token for it.
    ///
    /// # Errors
    /// In words, where the hub is stopping.
    pub async fn admit_tenant(&self, name: Name) -> Result<String, String> {
        api::make_token(&self.app, Role::Tenant, name, None).await.map(|made| made.token).map_err(|error| error.message())
    }

    /// Resolves once this hub writes: at once where no other can.
    pub async fn leads(&self) {
        self.hub.leading().await;
    }

    /// Where the hub is that writes, while this one stands by; empty where that is not known.
    pub fn writer(&self) -> Option<String> {
        self.hub.writer()
    }

    /// Resolves when the store has failed; the hub must then be stopped.
    pub async fn failed(&self) {
        let mut failed = self.failed.clone();
        drop(failed.wait_for(|failed| *failed).await);
    }

    /// Stops: no new requests, what was asked is finished, a shortened history is written.
    ///
    /// # Errors
    /// Where the store failed, now or before.
    pub async fn stop(self) -> Result<(), StartFault> {
        self.stop.send_replace(true);
        // Followers of logs and events see the stop; whoever still hangs on is cut off.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(3), self.http).await;
        self.hub.stop();
        let writer = tokio::task::spawn_blocking(move || self.writer.join()).await;
        match writer {
            Ok(Ok(outcome)) => outcome,
            _ => Err(StartFault::Folder { path: PathBuf::from("hub"), source: io::Error::other("the hub's thread panicked") }),
        }
    }
}
