//! Pools and tokens: what an operator asks of a hub.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use serve::view::{MadeToken, NodeList, NodeView, PoolList, PoolView, TokenList, TokenView};

use crate::agent::ExecutorName;
use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, note, print};
use crate::print_json;
use crate::table::{number, or_dash, table};

#[derive(Debug, Subcommand)]
pub(crate) enum Access {
    /// Let a pool join, and make the token its agent is started with.
    Pool {
        /// Its name.
        name: String,
        /// Who owns it.
        #[arg(long)]
        provider: String,
        /// The site of the census it stands at.
        #[arg(long)]
        site: Option<String>,
        /// What starts the work there.
        #[arg(long, default_value = "local")]
        executor: ExecutorName,
        /// How many plain machines are to join now, each with an agent of its own: as many tokens are made, one a line.
        #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
        hosts: u32,
    },
    /// Make a token for a tenant, a provider, an auditor or another operator. It is shown once.
    Token {
        /// tenant (of an organisation, with its projects, or of one project), provider, auditor or operator.
        role: String,
        /// As whom.
        subject: String,
        /// How long it is good, such as 90d; until it is revoked if left out.
        #[arg(long, value_name = "SPAN")]
        life: Option<String>,
    },
    /// List tokens, without their secrets.
    List,
    /// Revoke a token, at once.
    Revoke {
        /// Its number in the list.
        id: i64,
    },
}

pub(crate) fn access(access: &Access, place: &Where, json: bool) -> Outcome {
    let client = Client::of(place)?;
    let made: MadeToken = match access {
        Access::Pool { name, provider, site, executor, hosts } => {
            let executor = executor.to_possible_value().map(|value| value.get_name().to_owned());
            let mut form = json!({ "name": name, "provider": provider, "site": site, "executor": executor });
            // Hubs of the release before know of one agent a pool.
            if *hosts > 1 {
                form["hosts"] = json!(hosts);
            }
            client.post("/v1/pools", &form)?
        }
        Access::Token { role, subject, life } => {
            let mut form = json!({ "role": role, "subject": subject });
            // Hubs of the release before know of none.
            if let Some(life) = life {
                form["life"] = json!(life);
            }
            client.post("/v1/tokens", &form)?
        }
        Access::List => {
            let all: TokenList = client.get("/v1/tokens")?;
            if json {
                return print_json(&all);
            }
            let row = |token: &TokenView| {
                vec![
                    token.id.to_string(),
                    token.role.clone(),
                    token.subject.clone(),
                    token.created_at.clone(),
                    or_dash(token.expires_at.clone()),
                    or_dash(token.revoked_at.clone()),
                ]
            };
            return print(&table(
                &["token", "role", "subject", "made", "ends", "revoked"],
                &["token"],
                all.tokens.iter().map(row),
            ));
        }
        Access::Revoke { id } => return client.delete(&format!("/v1/tokens/{id}")),
    };
    if json {
        return print_json(&made);
    }
    if made.role == "joining" {
        let each = if made.more.is_empty() { "good" } else { "each good" };
        note(&format!(
            "{each} for one time within a week; at the site: SHUGU_TOKEN=… shugu agent --hub URL --pool {}",
            made.subject
        ));
    }
    let all: Vec<&str> = std::iter::once(&made.token).chain(&made.more).map(String::as_str).collect();
    print(&format!("{}\n", all.join("\n")))
}

/// Whether a pool's agent is in touch, or how many of its machines' own are.
fn in_touch(pool: &PoolView) -> String {
    let silent = pool.out_of_service.values().filter(|reason| *reason == dispatch::SILENT).count();
    match (pool.contact, silent) {
        (false, _) => "silent".to_owned(),
        (true, 0) => "yes".to_owned(),
        (true, silent) => format!("{} of {}", pool.nodes - silent, pool.nodes),
    }
}

#[derive(Debug, Args)]
pub(crate) struct PoolOptions {
    /// Only this one.
    #[arg(value_name = "POOL")]
    name: Option<String>,
    /// Its nodes: what each has, what is free, whether it takes work.
    #[arg(long, requires = "name")]
    nodes: bool,
    /// At most so many nodes.
    #[arg(long, default_value_t = 100, requires = "nodes")]
    limit: u32,
    /// Only the nodes after this one (`next` of the page before).
    #[arg(long, value_name = "NODE", requires = "nodes")]
    after: Option<String>,
}

/// Memory in GiB.
fn gib(bytes: u64) -> String {
    number(Some(bytes as f64 / f64::from(1 << 30)))
}

fn nodes(name: &str, options: &PoolOptions, client: &Client, json: bool) -> Outcome {
    let after = options.after.as_ref().map_or_else(String::new, |after| format!("&after={}", encode(after)));
    let list: NodeList = client.get(&format!("/v1/pools/{}/nodes?limit={}{after}", encode(name), options.limit))?;
    if json {
        return print_json(&list);
    }
    let row = |node: &NodeView| {
        vec![
            node.name.clone(),
            if node.asleep && node.state == "open" { "asleep".to_owned() } else { node.state.replace('_', " ") },
            or_dash(node.model.clone()),
            format!("{} of {}", number(Some(node.devices_free)), node.devices),
            format!("{} of {}", number(Some(node.cores_free)), number(Some(node.cores))),
            format!("{} of {}", gib(node.memory_free_bytes), gib(node.memory_bytes)),
            node.jobs.to_string(),
            or_dash(node.reason.clone()),
        ]
    };
    let header = ["node", "state", "model", "devices free", "cores free", "GiB free", "jobs", "reason"];
    print(&table(&header, &["devices free", "cores free", "GiB free", "jobs"], list.nodes.iter().map(row)))?;
    if let Some(next) = &list.next {
        note(&format!("{} of {} nodes; the next ones: --after {next}", list.nodes.len(), list.total));
    }
    Ok(())
}

pub(crate) fn pools(options: &PoolOptions, place: &Where, json: bool) -> Outcome {
    let client = Client::of(place)?;
    if let Some(name) = options.name.as_ref().filter(|_| options.nodes) {
        return nodes(name, options, &client, json);
    }
    let mut list: PoolList = client.get("/v1/pools")?;
    if let Some(name) = &options.name {
        list.pools.retain(|pool| pool.name == *name);
        if list.pools.is_empty() {
            return Err(Failure::Refused(format!("there is no pool {name}")));
        }
    }
    if json {
        return print_json(&list);
    }
    let row = |pool: &PoolView| {
        vec![
            pool.name.clone(),
            pool.provider.clone(),
            or_dash(pool.site.clone()),
            in_touch(pool),
            match pool.nodes_asleep {
                0 => pool.nodes.to_string(),
                asleep => format!("{}, {asleep} asleep", pool.nodes),
            },
            or_dash(pool.model.clone()),
            format!("{} of {}", pool.devices_held, pool.devices),
            format!("{} of {}", number(Some(pool.cores_held)), number(Some(pool.cores))),
            match (pool.devices_others, pool.cores_others) {
                (0, 0.0) => "-".to_owned(),
                (devices, cores) => format!("{devices} devices, {} cores", number(Some(cores))),
            },
            pool.jobs.to_string(),
        ]
    };
    let header =
        ["pool", "provider", "site", "in touch", "nodes", "model", "devices held", "cores held", "used by others", "jobs"];
    print(&table(&header, &["nodes", "devices held", "cores held", "used by others", "jobs"], list.pools.iter().map(row)))
}
