//! `shugu archive`: what of a hub's history is in its archive.

use clap::Args;
use serde_json::json;

use crate::client::Where;
use crate::failure::{Failure, Outcome, print};
use crate::print_json;
use crate::table::table;

#[derive(Debug, Args)]
#[command(
    after_help = "Lists the files that `shugu up --archive` writes. `shugu check` proves what is in them; any program that reads Parquet reads them."
)]
pub(crate) struct Options {
    #[command(flatten)]
    store: crate::store::StoreOptions,
}

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    let store = options.store.of(&place.folder())?;
    let files = serve::archive_files(&store).map_err(|fault| Failure::Failed(fault.to_string()))?;
    if json {
        let file = |file: &serve::ArchiveFile| {
            json!({
                "first": file.first, "last": file.last, "from": file.from.to_string(), "until": file.until.to_string(),
                "head": file.head, "file": file.path, "bytes": file.bytes, "only_here": file.only_here,
            })
        };
        return print_json(&json!({ "files": files.iter().map(file).collect::<Vec<_>>() }));
    }
    if files.is_empty() {
        return print("this hub has no archive: `shugu up --archive FOLDER` makes one\n");
    }
    let row = |file: &serve::ArchiveFile| {
        vec![
            file.first.to_string(),
            file.last.to_string(),
            file.from.to_string(),
            file.until.to_string(),
            file.bytes.map_or_else(|| "missing".to_owned(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6)),
            if file.only_here { "archive" } else { "store and archive" }.to_owned(),
            file.path.display().to_string(),
        ]
    };
    let header = ["first", "last", "from", "until", "size", "is in", "file"];
    print(&table(&header, &["first", "last", "size"], files.iter().map(row)))
}
