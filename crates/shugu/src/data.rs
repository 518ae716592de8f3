//! `shugu data`: what jobs may read, and where it lies.

use std::collections::BTreeMap;

use clap::Subcommand;
use measure::Memory;
use serde_json::json;
use serve::view::{DataList, DataView};

use crate::client::{Client, Where, encode};
use crate::failure::{Outcome, note, print};
use crate::print_json;
use crate::table::table;

/// What to do with data sets.
#[derive(Debug, Subcommand)]
pub(crate) enum Data {
    /// Show them.
    List,
    /// Say where one lies, all of it; what was said of the same name before is replaced.
    Set {
        /// By which jobs name it.
        name: String,
        /// Its size: 1GiB.
        #[arg(long)]
        size: String,
        /// The SHA-256 of its content; what is brought elsewhere is compared with it.
        #[arg(long, value_name = "DIGITS")]
        sha256: Option<String>,
        /// A pool or site, and a path there, or an address (http, https, rsync) from which it can be brought elsewhere: guian=/data/corpus;
        /// may be repeated.
        #[arg(long, required = true, value_name = "PLACE=HOW", value_parser = place)]
        at: Vec<(String, String)>,
    },
    /// Let no job read one any more.
    Forget {
        /// Which.
        name: String,
    },
}

fn place(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(place, how)| !place.is_empty() && !how.is_empty());
    let (place, how) = pair.ok_or("is not PLACE=HOW, such as guian=/data/corpus")?;
    Ok((place.to_owned(), how.to_owned()))
}

fn shown(all: &[DataView]) -> String {
    let row = |data: &DataView| {
        let at = data.at.iter().map(|(place, how)| if how.is_empty() { place.clone() } else { format!("{place}: {how}") });
        let moves = if data.moves { "yes" } else { "no" };
        vec![data.name.clone(), Memory(data.bytes).to_string(), moves.to_owned(), at.collect::<Vec<_>>().join("\n")]
    };
    table(&["data", "size", "moves", "lies at"], &["size"], all.iter().map(row))
}

pub(crate) fn run(data: &Data, place: &Where, as_json: bool) -> Outcome {
    let client = Client::of(place)?;
    let list: DataList = match data {
        Data::List => client.get("/v1/data")?,
        Data::Set { name, size, sha256, at } => {
            let at: BTreeMap<&String, &String> = at.iter().map(|(place, how)| (place, how)).collect();
            let form = json!({ "size": size, "sha256": sha256, "at": at });
            DataList { data: vec![client.put(&format!("/v1/data/{}", encode(name)), &form)?] }
        }
        Data::Forget { name } => client.take(&format!("/v1/data/{}", encode(name)))?,
    };
    if as_json {
        return print_json(&list);
    }
    if list.data.is_empty() {
        note("no data sets");
        return Ok(());
    }
    print(&shown(&list.data))
}
