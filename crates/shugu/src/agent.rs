//! `shugu agent`: joins a pool to a hub.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use execute::Link;
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
    /// What starts the work: this machine, or a Slurm cluster.
    #[arg(long, default_value = "local")]
    pub(crate) executor: ExecutorName,
    /// The agent's own folder: job folders, output, and what it must remember. For a cluster, every node must see it.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) slurm: SlurmOptions,
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
    /// End when this process, the parent, ends.
    #[arg(long, hide = true)]
    with_parent: Option<i32>,
}

/// What starts the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExecutorName {
    /// Processes of this machine.
    Local,
    /// A Slurm cluster, through its own tools.
    Slurm,
}

/// How a Slurm cluster is used.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "With --executor slurm")]
pub(crate) struct SlurmOptions {
    /// The cluster's slurm.conf, if Slurm does not find it by itself.
    #[arg(long, value_name = "FILE")]
    slurm_conf: Option<PathBuf>,
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
    /// The model, as the census calls it, of a resource: --model "gpu:h100=H100 SXM5 80GB"; may be repeated.
    #[arg(long = "model", value_name = "RESOURCE=MODEL", value_parser = model)]
    models: Vec<(String, String)>,
}

fn model(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(resource, model)| !resource.is_empty() && !model.is_empty());
    let (resource, model) = pair.ok_or("is not RESOURCE=MODEL, such as gpu:h100=H100 SXM5 80GB")?;
    Ok((resource.to_owned(), model.to_owned()))
}

impl SlurmOptions {
    /// The same as arguments of a command line.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let flag = |name: &str, value: String| [format!("--{name}"), value];
        let path = |name: &str, path: &Option<PathBuf>| path.as_ref().map(|path| flag(name, path.display().to_string()));
        let mut all: Vec<String> = vec![format!("--gres={}", self.gres)];
        all.extend(path("slurm-conf", &self.slurm_conf).into_iter().flatten());
        all.extend(path("slurm-bin", &self.slurm_bin).into_iter().flatten());
        all.extend(self.partition.iter().flat_map(|name| flag("partition", name.clone())));
        all.extend(self.sbatch.iter().map(|argument| format!("--sbatch={argument}")));
        all.extend(self.models.iter().map(|(resource, model)| format!("--model={resource}={model}")));
        all
    }

    pub(crate) fn executor(&self) -> execute::Executor {
        execute::Executor::Slurm(self.options())
    }

    pub(crate) fn options(&self) -> execute::slurm::Options {
        execute::slurm::Options {
            tools: execute::slurm::tools::Tools { folder: self.slurm_bin.clone(), config: self.slurm_conf.clone() },
            partition: self.partition.clone(),
            sbatch: self.sbatch.clone(),
            gres: self.gres.clone(),
            models: self.models.iter().cloned().collect(),
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
    let token = match &place.token {
        Some(token) => token.clone(),
        None if joined => String::new(),
        None => return Err(Failure::Wrong("--token (or SHUGU_TOKEN): the pool's token is missing".to_owned())),
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
                execute::Executor::Local { program }
            }
            ExecutorName::Slurm => {
                if let Some(missing) =
                    [&self.slurm.slurm_conf, &self.slurm.slurm_bin].into_iter().flatten().find(|path| !path.exists())
                {
                    return Err(Failure::Wrong(format!("{}: there is no such file or folder", missing.display())));
                }
                self.slurm.executor()
            }
        })
    }

    /// The arguments by which an agent of this site is started.
    pub(crate) fn arguments(&self, folder: &Path) -> Vec<String> {
        let executor = self.executor.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let own = ["--pool", &self.pool, "--executor", &executor, "--folder", &folder.display().to_string()];
        let own = own.map(str::to_owned).into_iter();
        own.chain(if self.executor == ExecutorName::Slurm { self.slurm.arguments() } else { Vec::new() }).collect()
    }
}
