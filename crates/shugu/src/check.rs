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
    /// An entry and its hash as an earlier check told them: proves that the past up to there was not rewritten.
    #[arg(long, value_name = "ENTRY:SHA256")]
    expect: Option<String>,
    #[command(flatten)]
    store: crate::store::StoreOptions,
}

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    let folder = options.folder.clone().unwrap_or_else(|| place.folder());
    let store = options.store.of(&folder)?;
    let expected = options.expect.as_deref().map(|text| {
        let parts = text.split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash)));
        parts.ok_or_else(|| Failure::Wrong(format!("--expect: `{text}` is not an entry and its hash, such as 1200:9f86…")))
    });
    let expected = expected.transpose()?;
    let bar = indicatif::ProgressBar::new_spinner().with_message("folding the journal");
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let audit = serve::audit(&store, expected);
    bar.finish_and_clear();
    let audit = audit.map_err(|fault| Failure::Failed(fault.to_string()))?;
    if json {
        print_json(&json!({ "entries": audit.entries, "head": audit.head, "violations": audit.violations }))?;
    } else {
        let found = match audit.violations.len() {
            0 => "nothing is wrong".to_owned(),
            count => format!("{count} violations"),
        };
        print(&format!("{} entries: {found}\n", audit.entries))?;
        print(&format!("head {}:{}\n", audit.entries, audit.head))?;
        print(&audit.violations.iter().map(|violation| format!("  {violation}\n")).collect::<String>())?;
    }
    if audit.violations.is_empty() { Ok(()) } else { Err(Failure::Told) }
}
