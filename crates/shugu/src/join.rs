//! `shugu join`: walks a provider through joining a pool. Everything is looked at first, and nothing is told to the hub
//! before it has been shown and agreed to.

use std::io::{IsTerminal, Write};

use clap::Args;
use execute::Link;
use execute::survey::{Finding, Level, Survey, survey};
use execute::wire::{Hello, PoolInfo};
use measure::Span;
use owo_colors::OwoColorize;
use serde_json::{Value, json};

use crate::agent::{self, Site};
use crate::client::Where;
use crate::failure::{Failure, Outcome, note, print};
use crate::print_json;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    site: Site,
    /// Only look; the token stays good.
    #[arg(long)]
    check: bool,
    /// Join without being asked.
    #[arg(long, short)]
    yes: bool,
}

/// A hub's clock may differ so much.
const CLOCK_DOUBTFUL: Span = Span::seconds(5);
const CLOCK_BAD: Span = Span::seconds(300);

/// The hub and what it says of the token.
fn look_at_hub(link: &Link, pool: &str, survey: &mut Survey) -> Option<PoolInfo> {
    let finding = |what, level, told| Finding { what, level, told };
    let info: PoolInfo = match link.get("/v1/agent/pool") {
        Ok(info) => info,
        Err(fault) => {
            survey.findings.push(finding("hub", Level::Bad, fault.to_string()));
            return None;
        }
    };
    survey.findings.push(finding("hub", Level::Good, format!("{} answers, Shugu {}", link.url(), info.version)));
    let place = info.site.as_ref().map(|site| format!(" at {site}")).unwrap_or_default();
    survey.findings.push(match info.pool == pool {
        true => finding("token", Level::Good, format!("for the pool {pool} of {}{place}", info.provider)),
        false => finding("token", Level::Bad, format!("for the pool {}, not for {pool}", info.pool)),
    });
    let apart = Span((info.now - serve::now()).0.abs());
    survey.findings.push(match apart {
        _ if apart > CLOCK_BAD => finding("clock", Level::Bad, format!("differs from the hub's by {apart}: set it")),
        _ if apart > CLOCK_DOUBTFUL => finding("clock", Level::Doubtful, format!("differs from the hub's by {apart}")),
        _ => finding("clock", Level::Good, format!("within {apart} of the hub's")),
    });
    Some(info)
}

/// Whether the hub's census knows the models, and the hub's idea of what starts the work is this one.
fn compare(info: &PoolInfo, executor: &str, survey: &mut Survey) {
    if info.executor != executor {
        let told = format!("the hub was told that {} starts the work here, and this is {executor}", info.executor);
        survey.findings.push(Finding { what: "executor", level: Level::Doubtful, told });
    }
    let mut unknown: Vec<&str> = survey.nodes.iter().filter_map(|node| node.model.as_deref()).collect();
    unknown.sort_unstable();
    unknown.dedup();
    unknown.retain(|model| !info.models.iter().any(|known| known == model));
    if !unknown.is_empty() && !info.models.is_empty() {
        let told = format!(
            "the hub's census has no {}: neither its computing power nor its price is known; name it with --model NAME=MODEL",
            unknown.join(", ")
        );
        survey.findings.push(Finding { what: "models", level: Level::Doubtful, told });
    }
}

fn shown(finding: &Finding, colour: bool) -> String {
    let mark = match finding.level {
        Level::Good => "ok",
        Level::Doubtful => "note",
        Level::Bad => "BAD",
    };
    let mark = match finding.level {
        _ if !colour => format!("{mark:<5}"),
        Level::Good => format!("{:<5}", mark).green().to_string(),
        Level::Doubtful => format!("{:<5}", mark).yellow().to_string(),
        Level::Bad => format!("{:<5}", mark).red().to_string(),
    };
    format!("{mark} {:<11} {}\n", finding.what, finding.told)
}

/// What would leave this site, in words.
const TOLD: &str = "Told to the hub, and nothing else:
  at once      the list of nodes above: name, model and number of devices, cores, memory; what others use of each, as numbers
  whenever     that changes
  of each job  of the hub: that it started; when and how it ended, with core time, memory and energy
  on request   what a job of the hub wrote, to its own tenant
Never told: who else uses the cluster, their jobs, any other file.
";

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    let site = &options.site;
    let hub = place.hub.as_deref().ok_or_else(|| Failure::Wrong("--hub: say which hub to join".to_owned()))?;
    let folder = site.folder(place)?;
    let joined = folder.join("credential").exists();
    let token = match place.token() {
        Ok(Some(token)) => token,
        _ if joined => std::fs::read_to_string(folder.join("credential")).unwrap_or_default().trim().to_owned(),
        Ok(None) => {
            let missing = "--token-file (or SHUGU_TOKEN_FILE, SHUGU_TOKEN): the pool's joining token is missing";
            return Err(Failure::Wrong(missing.to_owned()));
        }
        Err(failure) => return Err(failure),
    };
    let executor = site.executor()?;
    let fingerprint = agent::remembered(&folder, place.fingerprint)?;
    let link = Link::new(hub, &token, fingerprint);
    let mut all = Survey::default();
    let info = look_at_hub(&link, &site.pool, &mut all);
    if !json {
        note("looking at the site; a test job goes the whole way");
    }
    let found = survey(&executor, &folder);
    all.findings.extend(found.findings);
    (all.nodes, all.others) = (found.nodes, found.others);
    if let Some(info) = &info {
        compare(info, executor.name(), &mut all);
    }
    let bad = all.findings.iter().any(|finding| finding.level == Level::Bad);
    let hello = Hello {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        executor: executor.name().to_owned(),
        nodes: all.nodes.clone(),
        others: all.others.clone(),
        shares: matches!(executor, execute::Executor::Local(_)),
    };
    let mut start = vec!["shugu".to_owned(), "agent".to_owned(), "--hub".to_owned(), hub.to_owned()];
    start.extend(site.arguments(&folder));
    if !json {
        let colour = std::io::stdout().is_terminal();
        let findings: String = all.findings.iter().map(|finding| shown(finding, colour)).collect();
        print(&findings)?;
        if !bad {
            print(&format!("\n{TOLD}"))?;
        }
    }
    let join = !bad && !options.check && !joined && (options.yes || (!json && agreed(&site.pool)));
    if join {
        execute::join(&link, &token, &folder).map_err(agent::stopped)?;
    }
    if json {
        let level = |level| match level {
            Level::Good => "ok",
            Level::Doubtful => "note",
            Level::Bad => "bad",
        };
        let findings: Vec<Value> = all
            .findings
            .iter()
            .map(|finding| json!({ "what": finding.what, "level": level(finding.level), "told": finding.told }))
            .collect();
        print_json(&json!({ "findings": findings, "would_send": hello, "joined": join || joined, "start": start }))?;
    } else if join || joined {
        print(&format!(
            "\n{} joined; its secret lies in {}. Start its agent with:\n  {}\n",
            site.pool,
            folder.display(),
            quoted(&start)
        ))?;
    }
    match bad {
        true => Err(Failure::Failed("the pool cannot join yet: see what is BAD above".to_owned())),
        false => Ok(()),
    }
}

fn agreed(pool: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        note("not joined: nobody is there to be asked; --yes joins without");
        return false;
    }
    eprint!("Let the pool {pool} join? [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

/// Words as a shell takes them.
fn quoted(words: &[String]) -> String {
    let plain = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte));
    let quote = |word: &String| if plain(word) { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}
