//! `shugu backup` and `shugu restore`: a hub's data elsewhere, and back.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::client::Where;
use crate::failure::{Failure, Outcome, print};
use crate::print_json;

#[derive(Debug, Args)]
#[command(
    after_help = "Copies the hub of --dir, which may be running. Keep the copy as safe as the hub: it holds its operator's token."
)]
pub(crate) struct BackupOptions {
    /// A new folder for the copy.
    #[arg(value_name = "FOLDER")]
    to: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Brings a copy back to --dir, in which there is no hub. What happened after the copy is not in it: run `shugu up` and compare."
)]
pub(crate) struct RestoreOptions {
    /// The folder of a copy.
    #[arg(value_name = "FOLDER")]
    from: PathBuf,
}

/// Does it, and says what is in the copy.
fn done(json: bool, what: &str, act: impl FnOnce() -> Result<serve::Audit, serve::BackupFault>) -> Outcome {
    let bar = indicatif::ProgressBar::new_spinner().with_message("copying and folding the journal");
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let audit = act();
    bar.finish_and_clear();
    let audit = audit.map_err(|fault| match fault {
        serve::BackupFault::There(_) | serve::BackupFault::Running(_) => Failure::Wrong(fault.to_string()),
        fault => Failure::Failed(fault.to_string()),
    })?;
    match json {
        true => print_json(&json!({ "entries": audit.entries, "head": audit.head })),
        false => print(&format!("{what}: {} entries, nothing is wrong\nhead {}:{}\n", audit.entries, audit.entries, audit.head)),
    }
}

pub(crate) fn backup(options: &BackupOptions, place: &Where, json: bool) -> Outcome {
    done(json, "copied", || serve::backup(&place.folder(), &options.to))
}

pub(crate) fn restore(options: &RestoreOptions, place: &Where, json: bool) -> Outcome {
    done(json, "restored", || serve::restore(&options.from, &place.folder()))
}
