//! `shugu agent`: joins a pool to a hub.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use execute::Link;
use measure::Span;

use crate::client::Where;
use crate::failure::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The pool its token was made for.
    #[arg(long)]
    pool: String,
    /// What starts the work: local, as processes of this machine.
    #[arg(long, default_value = "local")]
    executor: String,
    /// The agent's own folder: job folders, output, and what it must remember.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
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

pub(crate) fn run(options: &Options, place: &Where) -> Outcome {
    if options.executor != "local" {
        return Err(Failure::Wrong(format!(
            "--executor {}: this version has local; slurm and kubernetes are to come",
            options.executor
        )));
    }
    let hub = place.hub.as_deref().ok_or_else(|| Failure::Wrong("--hub: say which hub to join".to_owned()))?;
    let token = place
        .token
        .as_deref()
        .ok_or_else(|| Failure::Wrong("--token (or SHUGU_TOKEN): the pool's token is missing".to_owned()))?;
    if let Some(parent) = options.with_parent {
        // If the hub is killed its agent goes too, and the next hub starts its own; jobs stay with their keeper.
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM)
            .map_err(|error| Failure::Failed(format!("cannot tie the agent to its hub: {error}")))?;
        if nix::unistd::getppid().as_raw() != parent {
            return Ok(());
        }
    }
    let folder = options.folder.clone().unwrap_or_else(|| place.folder().join("agents").join(&options.pool));
    let folder = std::path::absolute(&folder).map_err(|error| Failure::Failed(format!("{}: {error}", folder.display())))?;
    let program = std::env::current_exe().map_err(|error| Failure::Failed(error.to_string()))?;
    let options = execute::Options {
        link: Link::new(hub, token),
        folder,
        program,
        grace: options.grace,
        keep_output: Duration::from_millis(options.keep_output.0.unsigned_abs()),
    };
    execute::run(&options).map_err(|stopped| match stopped {
        execute::Stopped::Hub(fault) => Failure::Refused(fault.to_string()),
        execute::Stopped::Machine { what, source } => Failure::Failed(format!("{what}: {source}")),
        twice @ execute::Stopped::Twice(_) => Failure::Failed(twice.to_string()),
    })
}
