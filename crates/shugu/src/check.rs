//! `shugu check`: audits a journal.

use clap::Args;
use serde_json::json;

use crate::client::Where;
use crate::failure::{Failure, Outcome, print};
use crate::print_json;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The hub's data folder [default: that of --dir].
    #[arg(value_name = "FOLDER")]
    folder: Option<std::path::PathBuf>,
}

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    let folder = options.folder.clone().unwrap_or_else(|| place.folder());
    let bar = indicatif::ProgressBar::new_spinner().with_message("folding the journal");
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let audit = serve::audit(&folder);
    bar.finish_and_clear();
    let audit = audit.map_err(|fault| Failure::Failed(fault.to_string()))?;
    if json {
        print_json(&json!({ "entries": audit.entries, "violations": audit.violations }))?;
    } else {
        let found = match audit.violations.len() {
            0 => "nothing is wrong".to_owned(),
            count => format!("{count} violations"),
        };
        print(&format!("{} entries: {found}\n", audit.entries))?;
        print(&audit.violations.iter().map(|violation| format!("  {violation}\n")).collect::<String>())?;
    }
    if audit.violations.is_empty() { Ok(()) } else { Err(Failure::Told) }
}
