//! The nodes of a cluster, and what others than the hub's jobs hold of them. No I/O here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dispatch::{Node, Occupied};
use k8s_openapi::api::core::v1 as core;
use kube::ResourceExt;
use kube::runtime::watcher;
use measure::Time;

use super::Options;
use super::listing::{Change, Listed, Listing};
use super::read::{self, Holding, Seen};
use super::sleep::DOES_NOT_WAKE;
use crate::site::News;

/// See the module.
#[derive(Default)]
pub(super) struct Room {
    /// By name, with the uid.
    nodes: BTreeMap<String, (String, Seen)>,
    list: Listing,
    /// What pods that are not the hub's hold, by their uid.
    held: HashMap<String, Holding>,
    /// Nodes that should have woken and did not.
    lost: BTreeSet<String>,
    told_nodes: Vec<Node>,
    told_others: Vec<(String, Occupied)>,
    /// Something changed since it was last told.
    changed: bool,
}

impl Room {
    /// Whether all nodes have been listed once.
    pub(super) fn known(&self) -> bool {
        self.list.known
    }

    pub(super) fn node(&self, name: &str) -> Option<&Seen> {
        self.nodes.get(name).map(|(_, seen)| seen)
    }

    /// Since when a node sleeps, if it does.
    pub(super) fn asleep(&self, name: &str) -> Option<Time> {
        self.node(name)?.asleep
    }

    /// Whether somebody works on a node, as far as is told: a pod that holds nothing does, too.
    pub(super) fn works(&self, name: &str) -> bool {
        self.held.values().any(|holding| holding.node == name && !holding.service)
    }

    pub(super) fn is_lost(&self, name: &str) -> bool {
        self.lost.contains(name)
    }

    pub(super) fn note_lost(&mut self, lost: BTreeSet<String>) {
        self.changed |= self.lost != lost;
        self.lost = lost;
    }

    pub(super) fn hear(&mut self, event: watcher::Event<core::Node>, options: &Options) {
        match self.list.take(event) {
            Change::Is(node) => {
                let entry = (node.uid().unwrap_or_default(), read::node(&node, options));
                // A node tells that it lives every few seconds, which is no change.
                if self.nodes.get(&entry.1.node.name) != Some(&entry) {
                    self.nodes.insert(entry.1.node.name.clone(), entry);
                    self.changed = true;
                }
            }
            Change::IsNot(node) => {
                self.nodes.remove(&node.name_any());
                self.changed = true;
            }
            Change::Listed(Listed { uids, .. }) => {
                self.nodes.retain(|_, (uid, _)| uids.contains(uid));
                self.changed = true;
            }
            Change::Nothing => {}
        }
    }

    /// What a pod of somebody else holds now; `None` for nothing any more.
    pub(super) fn hold(&mut self, uid: String, holding: Option<Holding>) {
        self.changed |= match holding {
            Some(holding) if self.held.get(&uid) == Some(&holding) => false,
            Some(holding) => {
                self.held.insert(uid, holding);
                true
            }
            None => self.held.remove(&uid).is_some(),
        };
    }

    /// Pods that are not among these are no more.
    pub(super) fn keep(&mut self, uids: &BTreeSet<String>) {
        let before = self.held.len();
        self.held.retain(|uid, _| uids.contains(uid));
        self.changed |= self.held.len() < before;
    }

    /// Whether so much of the hub's fits on a node beside what others hold.
    pub(super) fn fits(&self, name: &str, own: impl Iterator<Item = Occupied>) -> bool {
        let Some(seen) = self.node(name).filter(|seen| seen.reason.is_empty() && seen.asleep.is_none()) else { return false };
        let others = self.held.values().filter(|holding| holding.node == name);
        let others = others.map(|holding| holding.occupied(seen.resource.as_ref()));
        let (mut devices, mut cpu, mut memory) = (0_u64, 0_u64, 0_u64);
        for one in others.chain(own) {
            devices += u64::from(one.devices.0);
            cpu = cpu.saturating_add(one.cpu.0);
            memory = memory.saturating_add(one.memory.0);
        }
        devices <= u64::from(seen.node.devices.0) && cpu <= seen.node.cpu.0 && memory <= seen.node.memory.0
    }

    /// What others hold of each node, where that is anything. A node that takes no new work is held as a whole.
    fn others(&self) -> Vec<(String, Occupied)> {
        let mut sums: BTreeMap<&str, Occupied> = BTreeMap::new();
        for holding in self.held.values() {
            let Some(seen) = self.node(&holding.node) else { continue };
            let more = holding.occupied(seen.resource.as_ref());
            let sum = sums.entry(&holding.node).or_insert(Occupied { services: true, ..Occupied::NOTHING });
            sum.services &= holding.service;
            sum.devices.0 = sum.devices.0.saturating_add(more.devices.0).min(seen.node.devices.0);
            sum.cpu.0 = sum.cpu.0.saturating_add(more.cpu.0).min(seen.node.cpu.0);
            sum.memory.0 = sum.memory.0.saturating_add(more.memory.0).min(seen.node.memory.0);
        }
        let of = |(name, (_, seen)): (&String, &(String, Seen))| {
            let Node { devices, cpu, memory, .. } = seen.node;
            let lost = self.lost.contains(name).then_some(DOES_NOT_WAKE);
            let reason = lost.unwrap_or(&seen.reason).to_owned();
            let used = match reason.is_empty() {
                true => {
                    let used = sums.get(name.as_str()).cloned().unwrap_or(Occupied::NOTHING);
                    Occupied { asleep: seen.asleep.is_some(), services: used.services && !used.takes_nothing(), ..used }
                }
                false => Occupied { devices, cpu, memory, reason, ..Occupied::NOTHING },
            };
            (!used.is_nothing()).then(|| (name.clone(), used))
        };
        self.nodes.iter().filter_map(of).collect()
    }

    /// What there is to tell since it was last told.
    pub(super) fn news(&mut self) -> Vec<News> {
        let mut news = Vec::new();
        if !std::mem::take(&mut self.changed) {
            return news;
        }
        let nodes: Vec<Node> = self.nodes.values().map(|(_, seen)| seen.node.clone()).collect();
        if nodes != self.told_nodes {
            self.told_nodes.clone_from(&nodes);
            news.push(News::Nodes(nodes));
        }
        let others = self.others();
        if others != self.told_others {
            self.told_others.clone_from(&others);
            news.push(News::Others(others));
        }
        news
    }
}
