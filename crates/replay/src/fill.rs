//! The packing protocol of FGD (USENIX ATC 2023): a list of pods arrives once, inflated to 130 % of the devices; none ever
//! leaves, and one that does not fit is dropped. What remains unallocated is the figure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dispatch::{Expectation, Join, Node, Packing, Policy, Refusal, Request, Spec, Stage, WHOLE};
use measure::{JobId, Name, PoolId, TenantId, Time};
use serde::Serialize;
use settle::Ledger;

use crate::cluster::EXECUTOR;
use crate::effort::Effort;
use crate::trace::{Trace, openb_names, openb_pods, read_nodes, read_text};
use crate::wrong::{Error, Spot, Wrong};

/// Arrivals in the order in which they come, on nodes in the order in which ties are broken.
#[derive(Debug, Clone)]
pub struct Fill {
    /// Every kind of pod, by the name without what inflation added.
    pods: BTreeMap<String, usize>,
    trace: Trace,
    arrivals: Vec<usize>,
    nodes: Vec<Node>,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct FillReport {
    /// The policy, as it was named.
    pub policy: String,
    /// Thousandths of devices allocated at the end.
    pub used_milli: u64,
    /// Thousandths that arrived, those of pods that were dropped too.
    pub arrived_milli: u64,
    /// Thousandths there are.
    pub capacity_milli: u64,
    /// Pods that were dropped.
    pub failed: u64,
    /// The most thousandths that any policy could have allocated that drops no pod that fits; the capacity, or what arrived,
    /// where no better bound is known.
    pub bound_milli: u64,
    /// By per cent arrived, rounded: the mean per cent allocated over all arrivals at which it stood there; null where none did.
    pub curve: Vec<Option<f64>>,
    /// What the engine's work took.
    pub engine: crate::report::EngineFigures,
}

/// Per cent arrived up to which the curve goes.
const CURVE: usize = 130;

fn wrong(file: &Path, line: u64, problem: String) -> Error {
    Error::Wrong(Wrong { file: file.display().to_string(), spot: Spot::Line(line), field: None, problem })
}

impl Fill {
    /// Reads a pod list, a node list, and the two files of an order: `PREFIX.pods.gz`, a pod a line as it arrives, with
    /// `-tuned-N` after its name where the list was inflated, and `PREFIX.nodes.gz`, a node a line, renamed to `NNNN-NAME`
    /// by which ties are broken.
    pub fn read(pods: &Path, nodes: &Path, orders: &str) -> Result<Fill, Error> {
        let trace = openb_pods(&pods.display().to_string(), &read_text(pods)?)?;
        let index: BTreeMap<String, usize> = trace.jobs.iter().enumerate().map(|(at, job)| (job.name.clone(), at)).collect();
        let file = |what: &str| PathBuf::from(format!("{orders}.{what}.gz"));
        let plain = |what: &str| PathBuf::from(format!("{orders}.{what}"));
        let order = |what: &str| if file(what).exists() || !plain(what).exists() { file(what) } else { plain(what) };
        let (pods_order, nodes_order) = (order("pods"), order("nodes"));
        let mut arrivals = Vec::new();
        for (line, name) in openb_names(&read_text(&pods_order)?) {
            let pod = name.split("-tuned").next().unwrap_or(name);
            let at =
                index.get(pod).ok_or_else(|| wrong(&pods_order, line, format!("`{pod}` is no pod of {}", pods.display())))?;
            arrivals.push(*at);
        }
        let known = read_nodes(&nodes.display().to_string(), &read_text(nodes)?)?;
        let known: BTreeMap<&str, &Node> = known.iter().map(|node| (node.name.as_str(), node)).collect();
        let mut ordered: BTreeMap<String, Node> = BTreeMap::new();
        for (line, renamed) in openb_names(&read_text(&nodes_order)?) {
            let name = renamed.split_once('-').map_or(renamed, |(_, name)| name);
            let node = known
                .get(name)
                .ok_or_else(|| wrong(&nodes_order, line, format!("`{name}` is no node of {}", nodes.display())))?;
            ordered.insert(renamed.to_owned(), (*node).clone());
        }
        Ok(Fill { pods: index, trace, arrivals, nodes: ordered.into_values().collect() })
    }

    /// The work that the pod list tells of, which FGD measures fragmentation against.
    fn expectations(&self) -> Vec<Expectation> {
        let mut counts: BTreeMap<Expectation, u64> = BTreeMap::new();
        for at in self.pods.values() {
            let shape = &self.trace.jobs[*at].shape;
            let ask = &shape.asks[0];
            let part = if ask.devices.0 == 0 { 0 } else { ask.part };
            let kind = Expectation { cpu: shape.cpu.0, part, devices: ask.devices.0, models: ask.models.clone(), count: 0 };
            *counts.entry(kind).or_default() += 1;
        }
        counts.into_iter().map(|(kind, count)| Expectation { count, ..kind }).collect()
    }

    /// Runs the protocol. The policy decides where a pod goes; that pods come one by one and none waits is the protocol's.
    pub fn run(&self, policy: &Policy) -> Result<FillReport, Refusal> {
        let name = |text: &str| -> Name { text.parse().expect("written here as a name") };
        let (mut ledger, mut effort, mut entries) = (Ledger::default(), Effort::default(), Vec::new());
        let (pool, tenant, start) = (PoolId(1), TenantId(1), Time(0));
        ledger.hub.adopt(policy.clone());
        if policy.packing == Packing::Fgd {
            ledger.hub.expect_only(self.expectations());
        }
        let join = Join { name: name("openb"), provider: name("openb"), site: None, executor: EXECUTOR.to_owned() };
        let hello = [
            Request::Join(join),
            Request::See(pool, self.nodes.clone()),
            Request::Contact(pool, true),
            Request::Admit(name("pods")),
        ];
        for request in hello {
            ledger.ask(start, request, &mut entries)?;
        }
        let specs: Vec<Arc<Spec>> =
            self.trace.jobs.iter().map(|job| Arc::new(Spec { tenant, shape: job.shape.clone(), ..Spec::default() })).collect();
        let capacity: u64 = self.nodes.iter().map(|node| u64::from(node.devices.0) * u64::from(WHOLE)).sum();
        let (mut used, mut arrived, mut failed) = (0, 0, 0);
        let mut curve = vec![(0_u64, 0_u64); CURVE + 10];
        for pod in &self.arrivals {
            let spec = &specs[*pod];
            let milli = milli(spec);
            arrived += milli;
            entries.clear();
            let placed = effort.spend(|| -> Result<bool, Refusal> {
                match ledger.ask(start, Request::Submit(spec.clone()), &mut entries) {
                    Err(Refusal::TooLarge { .. }) => return Ok(false),
                    outcome => outcome?,
                }
                ledger.round(start, &mut entries);
                let id = last(&ledger);
                let placed = ledger.hub.jobs.get(&id).is_some_and(|job| job.stage != Stage::Waiting);
                if !placed {
                    ledger.ask(start, Request::Cancel(id), &mut entries)?;
                }
                Ok(placed)
            })?;
            used += if placed { milli } else { 0 };
            failed += u64::from(!placed);
            effort.rounds += 1;
            effort.placements += u64::from(placed);
            // Per cent arrived, rounded to whole ones, and per cent allocated to hundredths.
            let step = rounded(arrived * 100, capacity) as usize;
            let point = &mut curve[step.min(CURVE + 9)];
            point.0 += rounded(used * 10_000, capacity);
            point.1 += 1;
        }
        let mean = |(sum, count): &(u64, u64)| (*count > 0).then(|| *sum as f64 / *count as f64 / 100.0);
        Ok(FillReport {
            policy: policy.name.clone(),
            used_milli: used,
            arrived_milli: arrived,
            capacity_milli: capacity,
            failed,
            bound_milli: crate::bound::bound(&self.arrivals.iter().map(|pod| &*specs[*pod]).collect::<Vec<_>>(), capacity),
            curve: curve.iter().take(CURVE + 1).map(mean).collect(),
            engine: crate::report::EngineFigures::of(&effort),
        })
    }
}

/// A quotient rounded to the nearest whole number, halves to the even one, as the artefact's are.
fn rounded(of: u64, by: u64) -> u64 {
    let (quotient, rest) = (of / by, of % by);
    quotient + u64::from(rest * 2 > by || (rest * 2 == by && quotient % 2 == 1))
}

/// Thousandths of devices that a pod asks for.
pub(crate) fn milli(spec: &Spec) -> u64 {
    let ask = &spec.shape.asks[0];
    u64::from(ask.devices.0) * u64::from(ask.part)
}

fn last(ledger: &Ledger) -> JobId {
    ledger.hub.jobs.last().unwrap_or_default()
}
