//! A Kubernetes cluster as a site. The agent speaks to the cluster's API server alone, from outside or from a pod of it, with
//! no more rights than `docs/kubernetes/rbac.yaml` lists; nothing is installed in the cluster.
//!
//! `read` understands what the cluster says, `listing` what a watch lists anew, `launch` makes what it is given, `room` is its nodes
//! and what others hold of them, `sleep` which of them sleep and wake, `run` one attempt and its end, `worker` knows them all and
//! decides, `asking` speaks to the API server, `survey` looks at a cluster before it joins.

mod asking;
mod launch;
mod listing;
pub(crate) mod read;
mod room;
mod run;
mod sleep;
mod survey;
mod worker;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use measure::Span;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::folder::Doubt;
use crate::site::{News, Order, Site};
pub(crate) use survey::survey;

/// How a cluster is used.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file that says where the cluster is and who the agent is there; as `kubectl` finds it if none, or from within a pod.
    pub config: Option<PathBuf>,
    /// The context of that file; its current one if none.
    pub context: Option<String>,
    /// Before a tenant's name in that of its namespace.
    pub prefix: String,
    /// One namespace for all tenants, made by the provider.
    pub namespace: Option<String>,
    /// The image of jobs that name none.
    pub image: String,
    /// Resources that devices are, as device plugins name them.
    pub resources: Vec<String>,
    /// Models of the census by product label or by resource.
    pub models: BTreeMap<String, String>,
    /// The nodes that the hub may use, by label; all if none.
    pub nodes: Option<String>,
    /// Taints that the hub's jobs tolerate: `key`, `key=value`, either with `:Effect`.
    pub tolerations: Vec<String>,
    /// Secrets of each namespace by which images are pulled, by name.
    pub pull_secrets: Vec<String>,
    /// The cluster queue of Kueue that admits the hub's jobs.
    pub queue: Option<String>,
    /// What a tenant may have in its namespace at most, by resource.
    pub quota: BTreeMap<String, String>,
    /// User and group that programs run as.
    pub user: (i64, i64),
    /// What switches nodes off and on to save power; none sleep without.
    pub switches: Option<Switches>,
}

/// Programs of the provider's that switch a node, each called with the node's name, and called again where that did not help.
#[derive(Debug, Clone)]
pub struct Switches {
    /// Switches it off, in good order.
    pub off: PathBuf,
    /// Switches it on.
    pub on: PathBuf,
}

/// Resources that are devices where nobody says which are.
pub const RESOURCES: [&str; 4] = ["nvidia.com/gpu", "huawei.com/Ascend910", "amd.com/gpu", "cambricon.com/mlu"];

impl Default for Options {
    fn default() -> Options {
        Options {
            config: None,
            context: None,
            prefix: "shugu-".to_owned(),
            namespace: None,
            image: String::new(),
            resources: RESOURCES.map(str::to_owned).into(),
            models: BTreeMap::new(),
            nodes: None,
            tolerations: Vec::new(),
            pull_secrets: Vec::new(),
            queue: None,
            quota: BTreeMap::new(),
            user: (1000, 1000),
            switches: None,
        }
    }
}

/// After its end, a replica's output is waited for so long.
const READ_WITHIN: Duration = Duration::from_secs(5);

/// A cluster, served by a thread of its own.
pub(crate) struct Cluster {
    inbox: UnboundedSender<worker::Event>,
    doubt: Doubt,
}

/// Who answers as the cluster.
async fn client(options: &Options) -> Result<kube::Client, kube::Error> {
    // There may be several libraries for it in one program; this one is used throughout.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let choice = KubeConfigOptions { context: options.context.clone(), ..KubeConfigOptions::default() };
    let wrong = |error: kube::config::KubeconfigError| kube::Error::Service(Box::new(error));
    let config = match &options.config {
        Some(path) => {
            let file = Kubeconfig::read_from(path).map_err(wrong)?;
            kube::Config::from_custom_kubeconfig(file, &choice).await.map_err(wrong)?
        }
        None if options.context.is_some() => kube::Config::from_kubeconfig(&choice).await.map_err(wrong)?,
        None => kube::Config::infer().await.map_err(kube::Error::InferConfig)?,
    };
    kube::Client::try_from(config)
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

impl Cluster {
    /// Serves the cluster from a folder that holds the agent's mark. `grace` is from TERM to KILL.
    pub(crate) fn open(
        folder: &Path,
        options: &Options,
        grace: Span,
        news: impl Fn(News) -> bool + Send + 'static,
    ) -> io::Result<Cluster> {
        std::fs::create_dir_all(folder.join("jobs"))?;
        let mark: String = std::fs::read_to_string(folder.join("agent.id"))?.trim().chars().take(8).collect();
        let doubt = Doubt::of(folder, "kubernetes");
        let fresh = doubt.begin()?;
        let (inbox, events) = unbounded_channel();
        let runtime = runtime()?;
        let (folder, options, own) = (folder.to_owned(), options.clone(), inbox.clone());
        thread::Builder::new().name("kubernetes".to_owned()).spawn(move || {
            let all = tokio::task::LocalSet::new();
            let served = worker::serve(&folder, &options, &mark, grace, fresh, news, own, events);
            all.block_on(&runtime, served);
        })?;
        Ok(Cluster { inbox, doubt })
    }
}

impl Site for Cluster {
    fn order(&mut self, orders: Vec<Order>) -> io::Result<()> {
        self.doubt.follow(&orders)?;
        let quits = orders.iter().any(|order| matches!(order, Order::Quit));
        let (done, is_done) = std::sync::mpsc::channel();
        self.inbox.send(worker::Event::Orders(orders, done)).map_err(|_| io::Error::other("its thread ended"))?;
        if quits {
            // The agent goes right after; what it started is ended before.
            let _ = is_done.recv_timeout(Duration::from_secs(60));
        }
        Ok(())
    }
}
