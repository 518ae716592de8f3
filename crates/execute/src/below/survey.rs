//! A hub below before it joins: whether it answers, as whom, what it lends, and what a job would come to there.

use serde_json::json;

use super::Options;
use super::door::Door;
use super::look;
use super::read::{PoolLine, time};
use super::room::{Amount, Seen, room};
use crate::clock;
use crate::survey::{Finding, Survey};

/// Why nothing is lent while there is no money left.
pub(super) const SPENT: &str = "the budget at the hub below is spent";
/// Clocks may differ by so many milliseconds: times of jobs are told by the hub below.
const CLOCK_MOST: i64 = 5_000;

/// The pool that is meant.
///
/// # Errors
/// What there is instead, in words.
pub(super) fn chosen<'a>(pools: &'a [PoolLine], wanted: Option<&str>) -> Result<&'a PoolLine, String> {
    let names = || pools.iter().map(|pool| pool.name.as_str()).collect::<Vec<_>>().join(", ");
    match (wanted, pools) {
        (Some(name), _) => pools
            .iter()
            .find(|pool| pool.name == name)
            .ok_or_else(|| format!("the hub below has no pool {name}; there are {}", names())),
        (None, [only]) => Ok(only),
        (None, []) => Err("the hub below has no pool".to_owned()),
        (None, _) => Err(format!("choose a pool of the hub below with --below-pool: there are {}", names())),
    }
}

pub(crate) fn survey(options: &Options, survey: &mut Survey) {
    let findings = &mut survey.findings;
    let door = Door::new(options, "");
    let hub = match door.hub() {
        Ok(hub) => hub,
        Err(fault) => {
            findings.push(Finding::bad("hub below", format!("{fault}; are --below and --below-token-file right?")));
            return;
        }
    };
    findings.push(Finding::good("hub below", format!("{} ({}) answers, Shugu {}", door.url(), hub.name, hub.version)));
    let apart = time(Some(&hub.now)).map(|theirs| (theirs - clock::now()).0.abs());
    if let Some(apart) = apart.filter(|apart| *apart > CLOCK_MOST) {
        findings.push(Finding::doubtful("clock below", format!("differs from this machine's by {} s", apart / 1000)));
    }
    if hub.role != "tenant" {
        findings.push(Finding::bad("tenant", format!("the token is of role {}; use one of a tenant made for this", hub.role)));
        return;
    }
    let pools = door.pools().unwrap_or_default();
    let pool = match chosen(&pools, options.pool.as_deref()) {
        Ok(pool) => pool,
        Err(told) => {
            findings.push(Finding::bad("pool below", told));
            return;
        }
    };
    findings.push(match pool.contact {
        true => Finding::good("pool below", pool.name.clone()),
        false => Finding::doubtful("pool below", format!("{}: its agent is silent", pool.name)),
    });
    let reading = match look::reading(&door, &pool.name, &hub.subject) {
        Ok(reading) => reading,
        Err(fault) => {
            findings.push(Finding::bad("nodes", fault.to_string()));
            return;
        }
    };
    let most = reading.most.map(|(most, _)| format!(", at most {most} devices at a time")).unwrap_or_default();
    findings.push(match reading.spent {
        true => Finding::doubtful("tenant", format!("{}: {SPENT}", hub.subject)),
        false => Finding::good("tenant", format!("{}{most}", hub.subject)),
    });
    let called = |model: &str| options.models.get(model).map_or(model, String::as_str).to_owned();
    survey.nodes = reading.nodes.iter().map(|line| line.node(called)).collect();
    let seen = |line: &super::read::NodeLine| {
        let (devices, cpu, memory) = line.free();
        let free = Amount { devices: u64::from(devices), cpu, memory };
        Seen { node: line.node(called), free, closed: line.closed() }
    };
    let seen: Vec<Seen> = reading.nodes.iter().map(seen).collect();
    let left = reading.most.map(|(most, held)| u64::from(most).saturating_sub(held.ceil() as u64));
    survey.others = room(&seen, &Default::default(), &Default::default(), left).others.into_iter().collect();
    let cores: u64 = survey.nodes.iter().map(|node| node.cpu.0 / 1000).sum();
    let devices: u32 = survey.nodes.iter().map(|node| node.devices.0).sum();
    findings.push(match survey.nodes.is_empty() {
        true => Finding::bad("nodes", format!("{} has none", pool.name)),
        false => Finding::good("nodes", format!("{}: {cores} cores, {devices} devices", survey.nodes.len())),
    });
    // Nothing is started: the hub below says what would become of it.
    let form = json!({ "command": ["true"], "cpus": "1", "pools": [pool.name] });
    findings.push(match door.try_out(&form) {
        Ok(why) if why.state == "would start" => Finding::good("trial", "a job of one core would start there at once"),
        Ok(why) => Finding::doubtful("trial", format!("a job of one core would wait: {}", why.message)),
        Err(fault) => Finding::doubtful("trial", fault.to_string()),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_pool_need_not_be_named() {
        let pools = |names: &[&str]| -> Vec<PoolLine> {
            names.iter().map(|name| PoolLine { name: (*name).to_owned(), contact: true }).collect()
        };
        let told = |names: &[&str], wanted| chosen(&pools(names), wanted).map(|pool| pool.name.clone());
        assert_eq!(told(&["a"], None), Ok("a".to_owned()));
        assert_eq!(told(&["a", "b"], Some("b")), Ok("b".to_owned()));
        assert!(told(&["a", "b"], None).unwrap_err().contains("--below-pool: there are a, b"));
        assert!(told(&["a"], Some("c")).unwrap_err().contains("no pool c; there are a"));
    }
}
