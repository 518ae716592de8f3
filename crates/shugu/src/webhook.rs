//! `shugu webhook`: who is told of what happens.

use clap::Subcommand;
use serde_json::json;
use serve::hooks::{WebhookForm, WebhookList, WebhookView};

use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, note, print};
use crate::print_json;
use crate::table::{or_dash, table};

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Tell somebody what happens, as CloudEvents by HTTP; one of the name that was there before is replaced.
    Add {
        /// What it is called.
        #[arg(value_name = "NAME")]
        name: String,
        /// Where events are sent.
        #[arg(value_name = "URL")]
        url: String,
        /// job, money; both if left out.
        #[arg(long, value_name = "KINDS", value_delimiter = ',')]
        events: Option<Vec<String>>,
        /// Only what concerns this tenant.
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        /// Everything since the hub's first entry, and not only what happens from now on.
        #[arg(long)]
        from_the_beginning: bool,
    },
    /// Show who is told, and how far they have been told.
    List,
    /// Tell them nothing more.
    Remove {
        /// Which.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

pub(crate) fn run(command: &WebhookCommand, place: &Where, json: bool) -> Outcome {
    let client = Client::of(place)?;
    let path = |name: &str| format!("/v1/webhooks/{}", encode(name));
    match command {
        WebhookCommand::Add { name, url, events, tenant, from_the_beginning } => {
            let tenant = tenant.as_ref().map(|tenant| tenant.parse()).transpose();
            let tenant = tenant.map_err(|problem: measure::Malformed| Failure::Wrong(format!("--tenant: {problem}")))?;
            let form = WebhookForm { url: url.clone(), events: events.clone(), tenant, from_the_beginning: *from_the_beginning };
            let made: WebhookView = client.put(&path(name), &form)?;
            if json {
                return print_json(&made);
            }
            note("events are signed with this secret (Standard Webhooks); it is not shown again");
            print(&format!("{}\n", made.secret.unwrap_or_default()))
        }
        WebhookCommand::List => {
            let list: WebhookList = client.get("/v1/webhooks")?;
            if json {
                return print_json(&list);
            }
            let row = |hook: WebhookView| {
                let state = hook
                    .trouble
                    .unwrap_or_else(|| if hook.behind == 0 { "up to date".to_owned() } else { "being told".to_owned() });
                vec![hook.name, hook.url, hook.events.join(", "), or_dash(hook.tenant), hook.behind.to_string(), state]
            };
            let header = ["name", "url", "events", "tenant", "entries behind", "state"];
            print(&table(&header, &["entries behind"], list.webhooks.into_iter().map(row)))
        }
        WebhookCommand::Remove { name } => {
            client.delete(&path(name))?;
            if json {
                return print_json(&json!({ "removed": name }));
            }
            note(&format!("{name} is told nothing more"));
            Ok(())
        }
    }
}
