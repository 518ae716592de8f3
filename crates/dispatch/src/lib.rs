//! The engine: who runs where, and why not. No clock, no I/O, no randomness, no hash order.
//!
//! Read `fact.rs` first, it is the vocabulary. [`decide`] may refuse and changes nothing; [`Hub::apply`]
//! changes state and never refuses; [`Hub::round`] places what fits and can explain the rest. Only `apply`
//! writes what a [`Hub`] says; what it derives from that may be written anywhere. The same engine serves live and in replay.

mod ahead;
mod calendar;
mod cell;
mod check;
mod clear;
mod data;
mod decide;
mod derived;
mod fact;
mod fit;
mod foresee;
mod hold;
mod hosts;
mod hub;
mod index;
mod jobs;
mod lane;
mod lengths;
mod line;
mod map;
mod node;
mod opening;
mod ordered;
mod pack;
mod past;
mod policy;
mod power;
mod preempt;
mod purse;
mod queue;
mod round;
mod share;
mod slack;
mod sleep;
mod sorted;
mod table;
mod why;

pub use check::check;
pub use data::DataSet;
pub use decide::{Refusal, Request, decide};
pub use fact::{
    After, Apart, Ask, Closing, Command, Computing, End, EnergySource, Fact, Join, Lease, Limits, LostReason, Node, Notice,
    Occupied, Output, Past, Place, Report, Reservation, Rule, Shape, Slot, Slots, Spec, Spread, Stop, Suspend, Target, Task,
    Terms, Tried, Usage, WHOLE, When,
};
pub use foresee::{Forecast, Foresight, Smaller};
pub use hub::{Hub, Job, Pool, Stage, Tenant};
pub use jobs::Jobs;
pub use lengths::Lengths;
pub use node::NodeState;
pub use pack::{Expectation, Work, part_prices};
pub use past::Runs;
pub use policy::{Backfill, Order, Packing, Policy, Start, Timing, Weights};
pub use power::{Load, NoPower};
pub use purse::{Purse, month_after};
pub use share::Use;
pub use slack::{Choice, Hours};
pub use table::{CountedId, Table};
pub use why::{HourCosts, PoolWhy, SILENT, Short, Why};
