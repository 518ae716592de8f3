//! `shugu backup` and `shugu restore`: a hub's data elsewhere, and back.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::client::Where;
use crate::failure::{Failure, Outcome, print};
use crate::print_json;
use crate::store::StoreOptions;

#[derive(Debug, Args)]
#[command(
    after_help = "Copies the hub of --dir, which may be running. Keep the copy as safe as the hub: it holds its operator's token."
)]
pub(crate) struct BackupOptions {
    /// A new folder for the copy.
    #[arg(value_name = "FOLDER")]
    to: PathBuf,
    #[command(flatten)]
    store: StoreOptions,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Brings a copy back to --dir, in which there is no hub. What happened after the copy is not in it: run `shugu up` and compare."
)]
pub(crate) struct RestoreOptions {
    /// The folder of a copy, or of a hub that is stopped.
    #[arg(value_name = "FOLDER")]
    from: PathBuf,
    /// Only what had happened by then, such as 2026-11-20T18:30:00+08:00.
    #[arg(long, value_name = "TIME", conflicts_with = "until_entry")]
    until: Option<measure::Time>,
    /// Only up to this entry of the journal.
    #[arg(long, value_name = "ENTRY")]
    until_entry: Option<u64>,
    #[command(flatten)]
    store: StoreOptions,
}

/// Does it, and says what is there then.
pub(crate) fn done(
    json: bool,
    what: &str,
    act: impl FnOnce(&indicatif::ProgressBar) -> Result<(serve::Audit, serde_json::Value), serve::BackupFault>,
) -> Outcome {
    use serve::BackupFault::{Beyond, Running, Same, Taken, There, Writing};
    let bar = indicatif::ProgressBar::new_spinner().with_message("copying and folding the journal");
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let done = act(&bar);
    bar.finish_and_clear();
    let (audit, more) = done.map_err(|fault| match fault {
        There(_) | Running(_) | Taken(_) | Writing(..) | Same(_) | Beyond(_) => Failure::Wrong(fault.to_string()),
        fault => Failure::Failed(fault.to_string()),
    })?;
    if !json {
        return print(&format!("{what}: {} entries, nothing is wrong\nhead {}:{}\n", audit.entries, audit.entries, audit.head));
    }
    let mut all = json!({ "entries": audit.entries, "head": audit.head });
    if let (Some(all), serde_json::Value::Object(more)) = (all.as_object_mut(), more) {
        all.extend(more);
    }
    print_json(&all)
}

pub(crate) fn backup(options: &BackupOptions, place: &Where, json: bool) -> Outcome {
    let folder = place.folder();
    let store = options.store.of(&folder)?;
    done(json, "copied", |_| Ok((serve::backup(&folder, &store, &options.to)?, json!({}))))
}

pub(crate) fn restore(options: &RestoreOptions, place: &Where, json: bool) -> Outcome {
    let folder = place.folder();
    let store = options.store.of(&folder)?;
    let until = match (options.until, options.until_entry) {
        (Some(time), _) => serve::Point::Time(time),
        (None, Some(entry)) => serve::Point::Entry(entry),
        (None, None) => serve::Point::End,
    };
    let mut last = None;
    done(json, "restored", |_| {
        let restored = serve::restore(&options.from, &folder, &store, until)?;
        let told = json!({ "until_entry": restored.last, "until_head": restored.head });
        last = Some((restored.last, restored.head));
        Ok((restored.audit, told))
    })?;
    match last {
        Some((last, head)) if !json => print(&format!("as of {last}:{head}, which has the same hash in the copy\n")),
        _ => Ok(()),
    }
}
