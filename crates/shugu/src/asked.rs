//! `shugu audit`: who asked for which change, and what came of it.

use clap::Args;
use serve::{AskedList, AskedView};

use crate::client::{Client, Where, encode};
use crate::failure::{Outcome, note, print};
use crate::print_json;
use crate::table::{or_dash, table};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only of this token.
    #[arg(long, value_name = "N")]
    of_token: Option<i64>,
    /// Only of this role.
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Only of this tenant, provider, pool or operator.
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
    /// Only those whose path begins so, such as /v1/tenants/.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// The one that brought this entry of the journal about.
    #[arg(long, value_name = "N")]
    entry: Option<u64>,
    /// Only those that were refused.
    #[arg(long)]
    refused: bool,
    /// Only from then on.
    #[arg(long, value_name = "INSTANT")]
    from: Option<String>,
    /// Only before.
    #[arg(long, value_name = "INSTANT")]
    until: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Only older ones than this (`next` of the page before).
    #[arg(long, value_name = "N")]
    after: Option<i64>,
}

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    let Options { of_token, role, subject, path, entry, refused, from, until, limit, after } = options;
    let mut address = format!("/v1/audit?limit={limit}");
    let texts = [
        ("token", of_token.map(|token| token.to_string())),
        ("role", role.clone()),
        ("subject", subject.clone()),
        ("path", path.clone()),
        ("entry", entry.map(|entry| entry.to_string())),
        ("refused", refused.then(|| "true".to_owned())),
        ("from", from.clone()),
        ("until", until.clone()),
        ("after", after.map(|after| after.to_string())),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            address.push_str(&format!("&{name}={}", encode(&value)));
        }
    }
    let list: AskedList = Client::of(place)?.get(&address)?;
    if json {
        return print_json(&list);
    }
    let row = |asked: &AskedView| {
        let entries = match (asked.first_entry, asked.last_entry) {
            (Some(first), Some(last)) if first == last => first.to_string(),
            (Some(first), Some(last)) => format!("{first} to {last}"),
            _ => or_dash(None),
        };
        vec![
            asked.id.to_string(),
            asked.at.clone(),
            format!("{} {}", asked.role, asked.subject),
            asked.token.to_string(),
            format!("{} {}", asked.method, asked.path),
            or_dash(asked.status.map(|status| status.to_string())),
            entries,
            or_dash(asked.made.clone()),
        ]
    };
    let header = ["request", "at", "who", "token", "what", "answer", "entries", "made"];
    print(&table(&header, &["request", "token", "answer"], list.requests.iter().map(row)))?;
    if let Some(next) = list.next {
        note(&format!("there are older ones: --after {next}"));
    }
    Ok(())
}
