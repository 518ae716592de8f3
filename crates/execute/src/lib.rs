//! Makes a site agree with the hub: an agent reads what should run at its pool, sees what does run, and closes
//! the gap. Executors are told nothing, so there is no outbox to lose.
//!
//! `wire` is what agent and hub say to each other; `reconcile` is the pure difference between wanted and seen;
//! `agent` is the loop around it; `site` is what the agent tells a site and hears from it. Sites are of four kinds:
//! `local` starts processes on this machine through a keeper, a small process that outlives the agent; `slurm` and
//! `kubernetes` have a cluster start them, `below` another hub.

mod agent;
pub mod below;
mod bug;
pub mod clock;
pub mod credential;
mod data;
mod energy;
mod environment;
mod folder;
pub mod hubs;
pub mod kubernetes;
mod lease;
mod link;
pub mod local;
mod reconcile;
pub mod simulated;
mod site;
pub mod slurm;
pub mod survey;
pub mod tls;
pub mod told;
pub mod wire;

pub use agent::{Executor, Options, Stopped, join, run};
pub use bug::bug;
pub use energy::EnergyMeter;
pub use link::{Carrier, Fault, Letter, Link};
pub use reconcile::{Command, SeenJob, SeenReplica, Wish, reconcile};
