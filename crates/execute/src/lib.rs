//! Makes a site agree with the hub: an agent reads what should run at its pool, sees what does run, and closes
//! the gap. Executors are told nothing, so there is no outbox to lose.
//!
//! `wire` is what agent and hub say to each other; `reconcile` is the pure difference between wanted and seen;
//! `agent` is the loop around it; `local` starts processes on this machine through a keeper, a small process
//! that outlives the agent.

mod agent;
mod energy;
mod link;
pub mod local;
mod reconcile;
pub mod wire;

pub use agent::{Options, Stopped, run};
pub use energy::EnergyMeter;
pub use link::{Fault, Link};
pub use reconcile::{Command, SeenJob, SeenReplica, Wish, reconcile};
