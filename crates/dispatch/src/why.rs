//! The typed reason a job waits.

use measure::{Cpu, Devices, JobId, Memory, PoolId};

/// Why a job waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// No pool has joined the hub yet.
    NoPools,
    /// What it needs exists but is held, or its pool is silent.
    Busy {
        /// Each pool's own reason.
        pools: Vec<PoolWhy>,
    },
    /// No pool could hold it, even empty.
    TooLarge {
        /// Each pool's own reason.
        pools: Vec<PoolWhy>,
    },
    /// It would fit, and jobs before it have not been served yet.
    Behind {
        /// The job at the head.
        first: JobId,
        /// How many are served before this one.
        ahead: u64,
    },
    /// It fits now and is placed in the next round.
    Next,
}

impl Why {
    /// The code scripts read.
    pub fn code(&self) -> &'static str {
        match self {
            Why::NoPools => "no_pools",
            Why::Busy { .. } => "busy",
            Why::TooLarge { .. } => "too_large",
            Why::Behind { .. } => "behind",
            Why::Next => "next",
        }
    }
}

/// Why one pool cannot start a job now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolWhy {
    /// The pool.
    pub pool: PoolId,
    /// How many of its replicas would fit there now.
    pub fits: u32,
    /// What is short.
    pub short: Short,
}

/// What is short in a pool. `free` is the most on any one node now, `largest` on an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Short {
    /// It has no device of a wanted model.
    Model {
        /// The models wanted; empty for any.
        wanted: Vec<String>,
    },
    /// No node has so many devices free.
    Devices {
        /// For one replica.
        asked: Devices,
        /// The most on one node.
        free: Devices,
        /// The most on an empty node.
        largest: Devices,
    },
    /// No node has so many cores free.
    Cpu {
        /// For one replica.
        asked: Cpu,
        /// The most on one node.
        free: Cpu,
        /// The most on an empty node.
        largest: Cpu,
    },
    /// No node has so much memory free.
    Memory {
        /// For one replica.
        asked: Memory,
        /// The most on one node.
        free: Memory,
        /// The most on an empty node.
        largest: Memory,
    },
    /// Some replicas would fit, but not all.
    Replicas {
        /// The whole gang.
        asked: u32,
        /// How many would fit.
        fit: u32,
    },
    /// The pool's agent is not in touch.
    Silent,
}

impl Short {
    /// The code scripts read.
    pub fn code(&self) -> &'static str {
        match self {
            Short::Model { .. } => "model",
            Short::Devices { .. } => "devices",
            Short::Cpu { .. } => "cpu",
            Short::Memory { .. } => "memory",
            Short::Replicas { .. } => "replicas",
            Short::Silent => "silent",
        }
    }
}
