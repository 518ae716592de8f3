//! `shugu agent`: joins a pool to a hub.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use execute::Link;
use execute::slurm::manager::Manager;
use execute::slurm::rest::Rest;
use execute::slurm::tools::Tools;
use execute::tls::Fingerprint;
use measure::Span;

use crate::client::Where;
use crate::failure::{Failure, Outcome};

/// A site, and how its work is started.
#[derive(Debug, Args)]
pub(crate) struct Site {
    /// The pool its token was made for.
    #[arg(long)]
    pub(crate) pool: String,
    /// What starts the work: this machine, a Slurm cluster, a Kubernetes cluster or another hub.
    #[arg(long, default_value = "local")]
    pub(crate) executor: ExecutorName,
    /// The agent's own folder: job folders, output, and what it must remember. For a Slurm cluster, every node must see it.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// The model, as the census calls it, of what the cluster calls otherwise: --model "gpu:h100=H100 SXM5 80GB" for a
    /// resource, or for a product of nvidia.com/gpu.product; may be repeated.
    #[arg(long = "model", value_name = "NAME=MODEL", value_parser = pair)]
    models: Vec<(String, String)>,
    #[command(flatten)]
    plain: PlainOptions,
    #[command(flatten)]
    pub(crate) slurm: SlurmOptions,
    #[command(flatten)]
    kubernetes: KubernetesOptions,
    #[command(flatten)]
    below: BelowOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    site: Site,
    /// From TERM to KILL when a job is cancelled.
    #[arg(long, default_value = "10s", value_name = "SPAN")]
    grace: Span,
    /// How long the output of ended jobs is kept.
    #[arg(long, default_value = "7d", value_name = "SPAN")]
    keep_output: Span,
    /// Where jobs may deliver output with the agent's own keys (AWS_ACCESS_KEY_ID and so on, of its environment):
    /// s3://results/{tenant}/; may be repeated.
    #[arg(long, value_name = "PREFIX", value_parser = store)]
    s3_output: Vec<String>,
    /// End when this process, the parent, ends.
    #[arg(long, hide = true)]
    with_parent: Option<i32>,
}

/// What starts the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExecutorName {
    /// Processes of this machine.
    Local,
    /// A Slurm cluster, through its own tools or its REST service.
    Slurm,
    /// A Kubernetes cluster, through its API server.
    Kubernetes,
    /// Another hub, as one of its tenants.
    Hub,
}

/// How a hub below is used.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "With --executor hub")]
struct BelowOptions {
    /// The address of the hub below (several of one store, parted by commas); needed.
    #[arg(long, value_name = "URL", requires = "below_token_file")]
    below: Option<String>,
    /// A file with the token of one of its tenants, as whom jobs run there; renew it there.
    #[arg(long, value_name = "FILE", requires = "below")]
    below_token_file: Option<PathBuf>,
    /// The SHA-256 of its certificate, where that is of its own making.
    #[arg(long, value_name = "SHA256", requires = "below")]
    below_fingerprint: Option<Fingerprint>,
    /// The pool there that this one stands for [default: the only one].
    #[arg(long, value_name = "NAME", requires = "below")]
    below_pool: Option<String>,
}

impl BelowOptions {
    /// The same as arguments of a command line.
    fn arguments(&self) -> Vec<String> {
        let url = self.below.iter().map(|url| format!("--below={url}"));
        let token = self.below_token_file.iter().map(|file| {
            let whole = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            format!("--below-token-file={}", whole.display())
        });
        let fingerprint = self.below_fingerprint.iter().map(|print| format!("--below-fingerprint={print}"));
        let pool = self.below_pool.iter().map(|name| format!("--below-pool={name}"));
        url.chain(token).chain(fingerprint).chain(pool).collect()
    }

    fn options(&self, models: &[(String, String)]) -> Outcome<execute::below::Options> {
        let missing = || Failure::Wrong("--below and --below-token-file: say which hub is below, and as which tenant".to_owned());
        let (url, token) = self.below.clone().zip(self.below_token_file.clone()).ok_or_else(missing)?;
        if !token.exists() {
            return Err(Failure::Wrong(format!("{}: there is no such file", token.display())));
        }
        let (fingerprint, pool) = (self.below_fingerprint, self.below_pool.clone());
        Ok(execute::below::Options { url, token, fingerprint, pool, models: models.iter().cloned().collect() })
    }
}

/// How this machine is used.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "With --executor local")]
struct PlainOptions {
    /// What this machine is called in its pool; replicas on other machines of the pool reach it by that [default: its name].
    #[arg(long, value_name = "NAME", value_parser = host)]
    host: Option<String>,
    /// How many accelerators it has.
    #[arg(long, value_name = "N", requires = "device_model", value_parser = clap::value_parser!(u32).range(1..=64))]
    devices: Option<u32>,
    /// Their model, as the census calls it: --devices 8 --device-model "Ascend 910B3".
    #[arg(long, value_name = "MODEL", requires = "devices")]
    device_model: Option<String>,
}

fn store(text: &str) -> Result<String, String> {
    match text.strip_prefix("s3://").is_some_and(|rest| rest.contains('/') && !rest.starts_with('/')) {
        true => Ok(text.to_owned()),
        false => Err("is not s3://BUCKET/ with what may follow".to_owned()),
    }
}

fn host(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    match !text.is_empty() && text.len() <= 253 && text.bytes().all(plain) {
        true => Ok(text.to_owned()),
        false => Err("is not the name or address of a machine: letters, digits and -_.: only".to_owned()),
    }
}

impl PlainOptions {
    /// The same as arguments of a command line.
    fn arguments(&self) -> Vec<String> {
        let host = self.host.iter().map(|name| format!("--host={name}"));
        let devices = self.devices.iter().map(|count| format!("--devices={count}"));
        host.chain(devices).chain(self.device_model.iter().map(|model| format!("--device-model={model}"))).collect()
    }

    fn options(&self, program: PathBuf) -> execute::local::Options {
        let devices = self.devices.map(measure::Devices).zip(self.device_model.clone());
        execute::local::Options { program, host: self.host.clone(), devices }
    }
}

/// How a Slurm cluster is used.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "With --executor slurm")]
pub(crate) struct SlurmOptions {
    /// The cluster's slurm.conf, if Slurm does not find it by itself.
    #[arg(long, value_name = "FILE")]
    slurm_conf: Option<PathBuf>,
    /// Ask the cluster by its REST service instead of its tools: http://host:6820.
    #[arg(long, value_name = "URL", requires = "slurm_token", conflicts_with_all = ["slurm_conf", "slurm_bin"])]
    slurm_rest: Option<String>,
    /// A file with the JSON web token for the service; renew it there.
    #[arg(long, value_name = "FILE", requires = "slurm_rest")]
    slurm_token: Option<PathBuf>,
    /// The user whose token it is [default: the one who runs the agent].
    #[arg(long, value_name = "NAME", requires = "slurm_rest")]
    slurm_user: Option<String>,
    /// Where sbatch, squeue, scancel and scontrol are, if not on the path.
    #[arg(long, value_name = "FOLDER")]
    slurm_bin: Option<PathBuf>,
    /// The partition whose nodes the hub may use [default: the cluster's default one].
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// A further argument of sbatch for every job, such as --sbatch=--account=hub; may be repeated.
    #[arg(long = "sbatch", value_name = "ARGUMENT", allow_hyphen_values = true)]
    sbatch: Vec<String>,
    /// The countable resource that devices are.
    #[arg(long, default_value = "gpu", value_name = "NAME")]
    gres: String,
    /// Put idle nodes to sleep where the hub's policy says so, by the cluster's own power saving (SuspendProgram); work wakes them.
    #[arg(long, conflicts_with = "slurm_rest")]
    power_saving: bool,
}

/// How a Kubernetes cluster is used.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "With --executor kubernetes")]
struct KubernetesOptions {
    /// Says where the cluster is and who the agent is there [default: as kubectl finds it, or from within a pod].
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of that file [default: its current one].
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// The image of jobs that name none; needed.
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// Each tenant has a namespace, which is called so and by the tenant's name.
    #[arg(long, default_value = "shugu-", value_name = "PREFIX")]
    namespace_prefix: String,
    /// One namespace for all tenants instead, which the provider makes and limits.
    #[arg(long, value_name = "NAME", conflicts_with = "quota")]
    namespace: Option<String>,
    /// What a tenant may have in its namespace at most, such as --quota requests.nvidia.com/gpu=64; may be repeated.
    #[arg(long, value_name = "RESOURCE=MOST", value_parser = pair)]
    quota: Vec<(String, String)>,
    /// A resource that devices are [default: nvidia.com/gpu, huawei.com/Ascend910, amd.com/gpu, cambricon.com/mlu]; may be repeated.
    #[arg(long = "resource", value_name = "NAME")]
    resources: Vec<String>,
    /// The nodes that the hub may use, by label: --nodes "pool=hub,zone in (a,b)" [default: all].
    #[arg(long, value_name = "SELECTOR")]
    nodes: Option<String>,
    /// A taint that the hub's jobs tolerate: KEY, KEY=VALUE, either with :EFFECT; may be repeated.
    #[arg(long = "tolerate", value_name = "TAINT")]
    tolerations: Vec<String>,
    /// A secret by which images are pulled, which you put into each tenant's namespace; may be repeated.
    #[arg(long = "pull-secret", value_name = "NAME")]
    pull_secrets: Vec<String>,
    /// The cluster queue of Kueue that admits the hub's jobs.
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// User and group that programs run as; never root.
    #[arg(long, default_value = "1000:1000", value_name = "USER:GROUP", value_parser = user)]
    run_as: (i64, i64),
    /// A program of yours that switches a node off, called with its name: idle nodes sleep where the hub's policy says so.
    #[arg(long, value_name = "FILE", requires = "wake_program")]
    sleep_program: Option<PathBuf>,
    /// A program of yours that switches a node on, called with its name, again each minute until the node is ready.
    #[arg(long, value_name = "FILE", requires = "sleep_program")]
    wake_program: Option<PathBuf>,
}

/// A program of the provider's, by its whole path.
fn program(path: &Path) -> Outcome<PathBuf> {
    let wrong = |told: &str| Failure::Wrong(format!("{}: {told}", path.display()));
    let file = std::fs::metadata(path).map_err(|error| wrong(&error.to_string()))?;
    match file.is_file() && file.permissions().mode() & 0o111 != 0 {
        true => std::path::absolute(path).map_err(|error| wrong(&error.to_string())),
        false => Err(wrong("is no program: it may not be executed")),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
    let (name, value) = pair.ok_or("is not NAME=VALUE, such as gpu:h100=H100 SXM5 80GB")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn user(text: &str) -> Result<(i64, i64), String> {
    let number = |text: &str| text.parse().ok().filter(|number| (1..=i64::from(u32::MAX)).contains(number));
    let (user, group) = text.split_once(':').unwrap_or((text, text));
    number(user).zip(number(group)).ok_or_else(|| "is not USER:GROUP as numbers, neither of them root's".to_owned())
}

impl KubernetesOptions {
    /// The same as arguments of a command line.
    fn arguments(&self) -> Vec<String> {
        let given = |name: &str, value: &dyn std::fmt::Display| format!("--{name}={value}");
        let mut all = vec![given("namespace-prefix", &self.namespace_prefix)];
        all.extend(self.kubeconfig.iter().map(|file| given("kubeconfig", &file.display())));
        let texts = [("context", &self.context), ("image", &self.image), ("namespace", &self.namespace)];
        let more = [("nodes", &self.nodes), ("queue", &self.queue)];
        all.extend(texts.into_iter().chain(more).filter_map(|(name, text)| Some(given(name, text.as_ref()?))));
        all.extend(self.quota.iter().map(|(resource, most)| given("quota", &format!("{resource}={most}"))));
        all.extend(self.resources.iter().map(|resource| given("resource", resource)));
        all.extend(self.tolerations.iter().map(|taint| given("tolerate", taint)));
        all.extend(self.pull_secrets.iter().map(|name| given("pull-secret", name)));
        all.push(given("run-as", &format!("{}:{}", self.run_as.0, self.run_as.1)));
        let programs = [("sleep-program", &self.sleep_program), ("wake-program", &self.wake_program)];
        all.extend(programs.into_iter().filter_map(|(name, path)| Some(given(name, &path.as_ref()?.display()))));
        all
    }

    fn options(&self, models: &[(String, String)]) -> Outcome<execute::kubernetes::Options> {
        let image = self.image.clone();
        let image = image.ok_or_else(|| Failure::Wrong("--image: say in which image jobs run that name none".to_owned()))?;
        let known = execute::kubernetes::Options::default();
        let switches = match self.sleep_program.as_ref().zip(self.wake_program.as_ref()) {
            Some((off, on)) => Some(execute::kubernetes::Switches { off: program(off)?, on: program(on)? }),
            None => None,
        };
        Ok(execute::kubernetes::Options {
            config: self.kubeconfig.clone(),
            context: self.context.clone(),
            prefix: self.namespace_prefix.clone(),
            namespace: self.namespace.clone(),
            image,
            resources: if self.resources.is_empty() { known.resources } else { self.resources.clone() },
            models: models.iter().cloned().collect(),
            nodes: self.nodes.clone(),
            tolerations: self.tolerations.clone(),
            pull_secrets: self.pull_secrets.clone(),
            queue: self.queue.clone(),
            quota: self.quota.iter().cloned().collect(),
            user: self.run_as,
            switches,
        })
    }
}

impl SlurmOptions {
    /// The same as arguments of a command line.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let flag = |name: &str, value: String| [format!("--{name}"), value];
        let path = |name: &str, path: &Option<PathBuf>| path.as_ref().map(|path| flag(name, path.display().to_string()));
        let mut all: Vec<String> = vec![format!("--gres={}", self.gres)];
        all.extend(path("slurm-conf", &self.slurm_conf).into_iter().flatten());
        all.extend(path("slurm-bin", &self.slurm_bin).into_iter().flatten());
        all.extend(self.slurm_rest.iter().flat_map(|url| flag("slurm-rest", url.clone())));
        all.extend(path("slurm-token", &self.slurm_token).into_iter().flatten());
        all.extend(self.slurm_user.iter().flat_map(|name| flag("slurm-user", name.clone())));
        all.extend(self.partition.iter().flat_map(|name| flag("partition", name.clone())));
        all.extend(self.sbatch.iter().map(|argument| format!("--sbatch={argument}")));
        all.extend(self.power_saving.then(|| "--power-saving".to_owned()));
        all
    }

    /// Slurm's tools, as this machine has them.
    pub(crate) fn tools(&self) -> Tools {
        Tools { folder: self.slurm_bin.clone(), config: self.slurm_conf.clone() }
    }

    /// As whom the service is asked.
    fn user(&self) -> String {
        let own = || nix::unistd::User::from_uid(nix::unistd::geteuid()).ok()?.map(|user| user.name);
        self.slurm_user.clone().or_else(own).unwrap_or_default()
    }

    pub(crate) fn options(&self, models: &[(String, String)]) -> execute::slurm::Options {
        execute::slurm::Options {
            manager: match self.slurm_rest.as_ref().zip(self.slurm_token.clone()) {
                Some((url, token)) => Manager::Rest(Rest::new(url, &self.user(), token)),
                None => Manager::Tools(self.tools()),
            },
            partition: self.partition.clone(),
            sbatch: self.sbatch.clone(),
            gres: self.gres.clone(),
            power_saving: self.power_saving,
            models: models.iter().cloned().collect(),
        }
    }
}

/// The hub's fingerprint as it is told now, or was when the agent first joined.
pub(crate) fn remembered(folder: &Path, told: Option<Fingerprint>) -> Outcome<Option<Fingerprint>> {
    let file = folder.join(serve::FINGERPRINT);
    let failed = |problem: &dyn std::fmt::Display| Failure::Failed(format!("{}: {problem}", file.display()));
    match told {
        Some(fingerprint) => {
            std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
            std::fs::write(&file, fingerprint.to_string()).map_err(|error| failed(&error))?;
            Ok(Some(fingerprint))
        }
        None => match std::fs::read_to_string(&file) {
            Ok(text) => text.parse().map(Some).map_err(|problem: measure::Malformed| failed(&problem)),
            Err(_) => Ok(None),
        },
    }
}

pub(crate) fn run(options: &Options, place: &Where) -> Outcome {
    let hub = place.hub.as_deref().ok_or_else(|| Failure::Wrong("--hub: say which hub to join".to_owned()))?;
    if let Some(parent) = options.with_parent {
        // If the hub is killed its agent goes too, and the next hub starts its own; jobs stay with their keeper.
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM)
            .map_err(|error| Failure::Failed(format!("cannot tie the agent to its hub: {error}")))?;
        if nix::unistd::getppid().as_raw() != parent {
            return Ok(());
        }
    }
    let folder = options.site.folder(place)?;
    let joined = folder.join("credential").exists();
    let token = match place.token() {
        Ok(Some(token)) => token,
        // It has a secret of its own by now.
        _ if joined => String::new(),
        Ok(None) => {
            return Err(Failure::Wrong(
                "--token-file (or SHUGU_TOKEN_FILE, SHUGU_TOKEN): the pool's token is missing".to_owned(),
            ));
        }
        Err(failure) => return Err(failure),
    };
    let fingerprint = remembered(&folder, place.fingerprint)?;
    let executor = options.site.executor()?;
    let options = execute::Options {
        link: Link::new(hub, &token, fingerprint),
        token,
        pool: options.site.pool.clone(),
        folder,
        executor,
        grace: options.grace,
        keep_output: Duration::from_millis(options.keep_output.0.unsigned_abs()),
        stores: options.s3_output.clone(),
    };
    execute::run(&options).map_err(stopped)
}

/// What it means to whoever started an agent that it cannot go on.
pub(crate) fn stopped(stopped: execute::Stopped) -> Failure {
    match stopped {
        execute::Stopped::Hub(fault) if fault.retryable() => Failure::Failed(fault.to_string()),
        execute::Stopped::Hub(fault) => Failure::Refused(fault.to_string()),
        execute::Stopped::Machine { what, source } => Failure::Failed(format!("{what}: {source}")),
        twice @ execute::Stopped::Twice(_) => Failure::Failed(twice.to_string()),
        other @ execute::Stopped::OtherPool { .. } => Failure::Refused(other.to_string()),
    }
}

impl Site {
    /// The agent's own folder.
    pub(crate) fn folder(&self, place: &Where) -> Outcome<PathBuf> {
        let folder = self.folder.clone().unwrap_or_else(|| place.folder().join("agents").join(&self.pool));
        std::path::absolute(&folder).map_err(|error| Failure::Failed(format!("{}: {error}", folder.display())))
    }

    pub(crate) fn executor(&self) -> Outcome<execute::Executor> {
        Ok(match self.executor {
            ExecutorName::Local => {
                let program = std::env::current_exe().map_err(|error| Failure::Failed(error.to_string()))?;
                execute::Executor::Local(self.plain.options(program))
            }
            ExecutorName::Slurm => {
                if let Some(missing) = [&self.slurm.slurm_conf, &self.slurm.slurm_bin, &self.slurm.slurm_token]
                    .into_iter()
                    .flatten()
                    .find(|path| !path.exists())
                {
                    return Err(Failure::Wrong(format!("{}: there is no such file or folder", missing.display())));
                }
                execute::Executor::Slurm(self.slurm.options(&self.models))
            }
            ExecutorName::Kubernetes => {
                if let Some(missing) = self.kubernetes.kubeconfig.as_ref().filter(|path| !path.exists()) {
                    return Err(Failure::Wrong(format!("{}: there is no such file", missing.display())));
                }
                execute::Executor::Kubernetes(Box::new(self.kubernetes.options(&self.models)?))
            }
            ExecutorName::Hub => execute::Executor::Hub(Box::new(self.below.options(&self.models)?)),
        })
    }

    /// The arguments by which an agent of this site is started.
    pub(crate) fn arguments(&self, folder: &Path) -> Vec<String> {
        let executor = self.executor.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let own = ["--pool", &self.pool, "--executor", &executor, "--folder", &folder.display().to_string()];
        let own = own.map(str::to_owned).into_iter();
        let how = match self.executor {
            ExecutorName::Local => self.plain.arguments(),
            ExecutorName::Slurm => self.slurm.arguments(),
            ExecutorName::Kubernetes => self.kubernetes.arguments(),
            ExecutorName::Hub => self.below.arguments(),
        };
        let models = self.models.iter().map(|(name, model)| format!("--model={name}={model}"));
        own.chain(how).chain(models).collect()
    }
}
