//! The engine: who runs where, and why not. No clock, no I/O, no randomness, no hash order.
//!
//! Read `fact.rs` first, it is the vocabulary. [`decide`] may refuse and changes nothing; [`Hub::apply`]
//! changes state and never refuses; [`Hub::round`] places what fits and can explain the rest. Only `apply`
//! writes to a [`Hub`], and the same engine serves live and in replay.

mod check;
mod decide;
mod fact;
mod fit;
mod hub;
mod opening;
mod order;
mod round;
mod why;

pub use check::check;
pub use decide::{Refusal, Request, decide};
pub use fact::{Ask, Command, End, EnergySource, Fact, Join, LostReason, Node, Place, Report, Shape, Slot, Spec, Stop, Usage};
pub use hub::{Hub, Job, Pool, Stage, Tenant};
pub use order::Policy;
pub use why::{PoolWhy, Short, Why};
