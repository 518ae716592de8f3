//! When nodes are clear: every job on them must have ended by then, or is expected to.

use std::collections::BinaryHeap;

use measure::Time;

/// No node of a pool is kept for anybody that is silent, closes, or is kept already.
pub(crate) const CLOSED: Time = Time(i64::MAX);

/// Instants by node, with the node's group in the index, and the soonest of each block of nodes; a cache.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clear {
    nodes: Vec<(Time, u32)>,
    soonest: Vec<Time>,
}

impl Clear {
    /// Nodes of a block.
    const BLOCK: usize = 16;

    /// There are so many nodes.
    pub(crate) fn resize(&mut self, nodes: usize) {
        self.nodes.resize(nodes, (CLOSED, 0));
        self.soonest = self.nodes.chunks(Clear::BLOCK).map(Clear::soonest_of).collect();
    }

    fn soonest_of(block: &[(Time, u32)]) -> Time {
        block.iter().map(|(clear, _)| *clear).min().unwrap_or(CLOSED)
    }

    pub(crate) fn set(&mut self, node: u32, clear: Time, group: u32) {
        let (before, _) = std::mem::replace(&mut self.nodes[node as usize], (clear, group));
        let block = node as usize / Clear::BLOCK;
        let soonest = &mut self.soonest[block];
        if clear <= *soonest {
            *soonest = clear;
        } else if before == *soonest {
            let first = block * Clear::BLOCK;
            *soonest = Clear::soonest_of(&self.nodes[first..self.nodes.len().min(first + Clear::BLOCK)]);
        }
    }

    /// The nodes of a group that are clear before an instant, soonest first and of equal instants by their number: at most
    /// `most`.
    pub(crate) fn soonest(&self, group: u32, before: Time, most: usize) -> Vec<(Time, u32)> {
        let mut found: BinaryHeap<(Time, u32)> = BinaryHeap::with_capacity(most.min(self.nodes.len()));
        let mut below = if most == 0 { Time(i64::MIN) } else { before };
        for (block, _) in self.soonest.iter().enumerate().filter(|(_, soonest)| **soonest < before) {
            if self.soonest[block] >= below {
                continue;
            }
            let first = block * Clear::BLOCK;
            let nodes = &self.nodes[first..self.nodes.len().min(first + Clear::BLOCK)];
            for ((clear, of), node) in nodes.iter().zip(first as u32..) {
                if *clear >= below || *of != group {
                    continue;
                }
                // Nodes come in the order of their numbers, so one of an equal instant is no better than those that are there.
                if found.len() == most {
                    found.pop();
                }
                found.push((*clear, node));
                if found.len() == most {
                    below = found.peek().map_or(below, |(last, _)| *last);
                }
            }
        }
        found.into_sorted_vec()
    }
}

impl PartialEq for Clear {
    fn eq(&self, _: &Clear) -> bool {
        true
    }
}

impl Eq for Clear {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soonest_are_those_that_looking_at_all_nodes_finds() {
        let (mut clear, mut known) = (Clear::default(), Vec::new());
        let mut number = 1_u64;
        let mut next = |below: u64| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) % below
        };
        for step in 0..20_000 {
            if step % 2000 == 0 {
                known.resize(known.len() + 21, (CLOSED, 0));
                clear.resize(known.len());
            }
            let node = next(known.len() as u64) as u32;
            let at = if next(8) == 0 { CLOSED } else { Time(next(60) as i64) };
            known[node as usize] = (at, next(3) as u32);
            clear.set(node, at, known[node as usize].1);
            let (group, before, most) = (next(3) as u32, Time(next(70) as i64), next(40) as usize);
            let mut all: Vec<(Time, u32)> = (0..)
                .zip(&known)
                .filter(|(_, (at, of))| *of == group && *at < before)
                .map(|(node, (at, _))| (*at, node))
                .collect();
            all.sort_unstable();
            all.truncate(most);
            assert_eq!(clear.soonest(group, before, most), all);
        }
    }
}
