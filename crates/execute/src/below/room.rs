//! What is free below, as it is told above: no I/O here.
//!
//! Which node a job gets below its hub decides, and not the one above. So a node that is told above stands for *one like it* below,
//! and which one that is follows from what runs where: a node on which the hub above counts so much of its own stands for one below on
//! which there is so much of it. What is left free of a node above is never more than what is free of the one it stands for, so that
//! what fits above fits below.

use std::collections::{BTreeMap, BTreeSet};

use dispatch::{Node, Occupied};
use measure::{Cpu, Devices, Memory};

use crate::wire::WantedJob;

/// An amount of a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Amount {
    /// Devices.
    pub(super) devices: u64,
    /// Thousandths of cores.
    pub(super) cpu: u64,
    /// Bytes.
    pub(super) memory: u64,
}

impl Amount {
    /// All that a node has.
    pub(super) fn all(node: &Node) -> Amount {
        Amount { devices: u64::from(node.devices.0), cpu: node.cpu.0, memory: node.memory.0 }
    }

    fn with(self, op: fn(u64, u64) -> u64, other: Amount) -> Amount {
        Amount { devices: op(self.devices, other.devices), cpu: op(self.cpu, other.cpu), memory: op(self.memory, other.memory) }
    }

    pub(super) fn plus(self, other: Amount) -> Amount {
        self.with(u64::saturating_add, other)
    }

    pub(super) fn less(self, other: Amount) -> Amount {
        self.with(u64::saturating_sub, other)
    }

    fn least(self, other: Amount) -> Amount {
        self.with(u64::min, other)
    }

    fn is_nothing(self) -> bool {
        self == Amount::default()
    }
}

/// What of each node a job holds, replica by replica on these nodes: those that the hub above thinks of, or those below.
pub(super) fn hold<'a>(job: &WantedJob, nodes: impl Iterator<Item = &'a str>, held: &mut BTreeMap<String, Amount>) {
    for (node, replica) in nodes.zip(&job.replicas) {
        let one = Amount { devices: replica.devices.len() as u64, cpu: job.cpu.0, memory: job.memory.0 };
        let all = held.entry(node.to_owned()).or_default();
        *all = all.plus(one);
    }
}

/// A node below.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// As it is told above.
    pub(super) node: Node,
    /// What nobody holds of it.
    pub(super) free: Amount,
    /// Why nothing is started there, where that is so.
    pub(super) closed: Option<String>,
}

/// What is told above.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    /// What others hold, by node above; of nodes that are not here, nothing.
    pub(super) others: BTreeMap<String, Occupied>,
    /// Nodes above of which the hub there counts more as its own than others leave below.
    pub(super) over: BTreeSet<String>,
}

/// One below, with what others and the hub above really hold of it.
struct Real<'a> {
    seen: &'a Seen,
    others: Amount,
    own: Amount,
}

/// What others hold. `held` is what the hub above counts as its own, by node above, `own` what it really has, by node below;
/// `devices_most` is how many devices more it may hold in all, where there is such a limit.
pub(super) fn room(
    seen: &[Seen],
    held: &BTreeMap<String, Amount>,
    own: &BTreeMap<String, Amount>,
    devices_most: Option<u64>,
) -> Room {
    let mut alike: BTreeMap<_, Vec<&Seen>> = BTreeMap::new();
    for one in seen {
        let node = &one.node;
        let kind = (&node.model, node.devices, node.cpu, node.memory, (node.whole_cores, node.images));
        alike.entry(kind).or_default().push(one);
    }
    let mut room = Room::default();
    let mut free: BTreeMap<&str, u64> = BTreeMap::new();
    for group in alike.values() {
        for (name, real) in stands_for(group, held, own) {
            let (all, held) = (Amount::all(&real.seen.node), held.get(name).copied().unwrap_or_default());
            if held.plus(real.others) != held.plus(real.others).least(all) {
                room.over.insert(name.to_owned());
            }
            // More of its own than it counts on this node is of others to it; less is as if it were there.
            let others = real.others.plus(real.own.less(held)).least(all);
            free.insert(name, all.less(others).less(held).devices);
            let told = occupied(others, real.seen.closed.clone());
            if !told.is_nothing() {
                room.others.insert(name.to_owned(), told);
            }
        }
    }
    if let Some(most) = devices_most {
        // What it may not have is as if others had it, on the last nodes.
        let mut excess = free.values().sum::<u64>().saturating_sub(most);
        for one in seen.iter().rev() {
            let name = one.node.name.as_str();
            let taken = free.get(name).copied().unwrap_or(0).min(excess);
            if taken > 0 {
                excess -= taken;
                let told = room.others.entry(name.to_owned()).or_insert(Occupied::NOTHING);
                told.devices.0 += taken as u32;
            }
        }
    }
    room
}

fn occupied(amount: Amount, reason: Option<String>) -> Occupied {
    Occupied {
        node: 0,
        devices: Devices(amount.devices as u32),
        cpu: Cpu(amount.cpu),
        memory: Memory(amount.memory),
        reason: reason.unwrap_or_default(),
        ..Occupied::NOTHING
    }
}

/// All of every node, for a reason.
pub(super) fn none_of(nodes: &[Node], reason: &str) -> BTreeMap<String, Occupied> {
    nodes.iter().map(|node| (node.name.clone(), occupied(Amount::all(node), Some(reason.to_owned())))).collect()
}

/// By node above, the one below that it stands for, among nodes that are alike.
fn stands_for<'a>(
    group: &[&'a Seen],
    held: &BTreeMap<String, Amount>,
    own: &BTreeMap<String, Amount>,
) -> Vec<(&'a str, Real<'a>)> {
    let of = |all: &BTreeMap<String, Amount>, name: &str| all.get(name).copied().unwrap_or_default();
    let real = |seen: &'a Seen| {
        let (all, own) = (Amount::all(&seen.node), of(own, &seen.node.name));
        let others = if seen.closed.is_some() { all } else { all.less(seen.free).less(own) };
        (seen.node.name.as_str(), Real { seen, others, own })
    };
    let mut left: BTreeMap<&str, Real> = group.iter().map(|seen| real(seen)).collect();
    let mut names: Vec<(Amount, &str)> = group.iter().map(|seen| (of(held, &seen.node.name), seen.node.name.as_str())).collect();
    let mut pairs = Vec::with_capacity(names.len());
    // Where it thinks that something of its own is, and so it is.
    names.retain(|(held, name)| {
        let is = !held.is_nothing() && left.get(name).is_some_and(|real| real.own == *held);
        if is && let Some(real) = left.remove(name) {
            pairs.push((*name, real));
        }
        !is
    });
    // Elsewhere there is as much.
    let mut as_much: BTreeMap<Amount, Vec<&str>> = BTreeMap::new();
    for (name, real) in left.iter().rev().filter(|(_, real)| !real.own.is_nothing()) {
        as_much.entry(real.own).or_default().push(name);
    }
    names.retain(|(held, name)| {
        let found = as_much.get_mut(held).and_then(Vec::pop).and_then(|other| left.remove(other));
        let none = found.is_none();
        pairs.extend(found.map(|real| (*name, real)));
        none
    });
    // What is on its way, or lies otherwise: most first, where it is over the least, then where it hides the least.
    names.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(other.1)));
    let (placed, empty): (Vec<_>, Vec<_>) = names.into_iter().partition(|(held, _)| !held.is_nothing());
    for (held, name) in placed {
        let cost = |(at, real): &(&&str, &Real)| {
            let over = held.plus(real.others).less(Amount::all(&real.seen.node));
            (over, real.own.less(held), held.less(real.own), **at != name)
        };
        let best = left.iter().min_by_key(cost).map(|(at, _)| *at);
        if let Some(real) = best.and_then(|at| left.remove(at)) {
            pairs.push((name, real));
        }
    }
    let (same, other): (Vec<_>, Vec<_>) = empty.into_iter().partition(|(_, name)| left.contains_key(name));
    pairs.extend(same.into_iter().filter_map(|(_, name)| Some((name, left.remove(name)?))));
    pairs.extend(other.into_iter().filter_map(|(_, name)| Some((name, left.pop_first()?.1))));
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn devices(count: u64) -> Amount {
        Amount { devices: count, cpu: 0, memory: 0 }
    }

    fn seen(name: &str, free: u64) -> Seen {
        let node = Node { name: name.to_owned(), model: Some("H800".to_owned()), devices: Devices(8), ..Node::default() };
        Seen { node, free: devices(free), closed: None }
    }

    fn amounts(all: &[(&str, u64)]) -> BTreeMap<String, Amount> {
        all.iter().map(|(name, count)| ((*name).to_owned(), devices(*count))).collect()
    }

    /// Free devices below, what is counted above and what is below of the hub's own: what is told of others.
    fn check(free: &[(&str, u64)], held: &[(&str, u64)], own: &[(&str, u64)], most: Option<u64>, expected: &str) -> Room {
        let seen: Vec<Seen> = free.iter().map(|(name, free)| seen(name, *free)).collect();
        let room = room(&seen, &amounts(held), &amounts(own), most);
        let told: Vec<String> = room.others.iter().map(|(name, others)| format!("{name} {}", others.devices)).collect();
        assert_eq!(told.join(", "), expected);
        room
    }

    #[test]
    fn what_others_hold_is_told_and_the_hubs_own_is_not() {
        check(&[("a", 5), ("b", 8)], &[], &[], None, "a 3");
        check(&[("a", 1), ("b", 8)], &[("a", 4)], &[("a", 4)], None, "a 3");
    }

    #[test]
    fn a_job_that_lies_elsewhere_below_is_not_counted_twice() {
        // Above it is on a, below on b, beside others: a stands for b, and b for a.
        check(&[("a", 8), ("b", 1)], &[("a", 4)], &[("b", 4)], None, "a 3");
        check(&[("a", 5), ("b", 0)], &[("a", 8)], &[("b", 8)], None, "b 3");
    }

    #[test]
    fn what_is_on_its_way_has_its_place_where_it_fits() {
        let room = check(&[("a", 2), ("b", 8)], &[("a", 8)], &[], None, "b 6");
        assert!(room.over.is_empty(), "a stands for b");
        let room = check(&[("a", 2), ("b", 3)], &[("a", 8)], &[], None, "a 5, b 6");
        assert_eq!(room.over.into_iter().collect::<Vec<_>>(), ["a"], "others took it");
    }

    #[test]
    fn what_lies_together_below_and_apart_above_is_free_nowhere_twice() {
        check(&[("a", 0), ("b", 8)], &[("a", 4), ("b", 4)], &[("a", 8)], None, "b 4");
    }

    #[test]
    fn no_more_is_free_than_the_hub_may_hold() {
        check(&[("a", 8), ("b", 8)], &[], &[], Some(10), "b 6");
        check(&[("a", 8), ("b", 8)], &[], &[], Some(0), "a 8, b 8");
        check(&[("a", 8), ("b", 8)], &[], &[], Some(20), "");
    }

    #[test]
    fn a_closed_node_has_nothing_and_says_why() {
        let closed = Seen { closed: Some("drained at the hub below".to_owned()), ..seen("a", 8) };
        let room = room(&[closed], &BTreeMap::new(), &BTreeMap::new(), None);
        let told = &room.others["a"];
        assert_eq!((told.devices, told.reason.as_str()), (Devices(8), "drained at the hub below"));
    }

    proptest! {
        /// What fits above fits below: sorted by what is free, no node above has more than the one below.
        #[test]
        fn what_is_free_above_is_free_below(
            below in prop::collection::vec((0_u64..=8, 0_u64..=8), 1..8),
            shuffle in prop::collection::vec(0_usize..8, 8),
        ) {
            let name = |at: usize| format!("n{at}");
            // Of each node below: what the hub above really has there, and what others have.
            let nodes: Vec<(u64, u64)> = below.iter().map(|(own, others)| (*own, *others.min(&(8 - own)))).collect();
            let seen: Vec<Seen> = nodes.iter().enumerate().map(|(at, (own, others))| seen(&name(at), 8 - own - others)).collect();
            let own: BTreeMap<String, Amount> = nodes.iter().enumerate().map(|(at, (own, _))| (name(at), devices(*own))).collect();
            // Above each device of its own is counted on some node, as far as it fits there.
            let mut held: BTreeMap<String, Amount> = BTreeMap::new();
            for (at, (own, _)) in nodes.iter().enumerate() {
                for device in 0..*own {
                    let first = shuffle[(at + device as usize) % 8] % nodes.len();
                    let node = (first..first + nodes.len()).map(|at| name(at % nodes.len()))
                        .find(|name| held.get(name).is_none_or(|held| held.devices < 8)).unwrap();
                    let count = held.entry(node).or_default();
                    *count = count.plus(devices(1));
                }
            }
            let told = room(&seen, &held, &own, None);
            let free_above = |name: &String| {
                let others = told.others.get(name).map_or(0, |others| u64::from(others.devices.0));
                8_u64.saturating_sub(others).saturating_sub(held.get(name).map_or(0, |held| held.devices))
            };
            let mut above: Vec<u64> = (0..nodes.len()).map(|at| free_above(&name(at))).collect();
            let mut really: Vec<u64> = seen.iter().map(|seen| seen.free.devices).collect();
            above.sort_unstable();
            really.sort_unstable();
            prop_assert!(above.iter().zip(&really).all(|(above, really)| above <= really), "{above:?} {really:?}");
        }
    }
}
