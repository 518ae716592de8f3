//! A trace, a census, the same engine: history under other policies, in virtual time.
//!
//! A [`Source`] is read into a [`Trace`]; [`cluster`] makes the pools; [`run`] drives the same
//! [`settle::Ledger`] that serves live, and the [`Outcome`] becomes a [`Report`]. Never here: a second
//! scheduler, a price, a rule of fit. Only the readers in `trace` open files, and only `effort` asks the
//! machine for time and memory, for figures that decide nothing.

mod bound;
pub mod cluster;
mod demand;
mod effort;
mod figures;
mod fill;
mod offline;
mod picture;
mod report;
mod signal;
mod trace;
mod witness;
mod world;
mod wrong;

pub use cluster::Pools;
pub use demand::{Demand, DemandFigures};
pub use effort::Effort;
pub use figures::Figures;
pub use fill::{Fill, FillReport};
pub use offline::{Offline, Sums};
pub use picture::picture;
pub use report::{DeviceFigures, EngineFigures, Hours, JobFigures, Optimum, Report, Summary};
pub use signal::Signal;
pub use trace::{Choice, Kind, Source, TimeUnit, Trace, TraceJob, suspend_costs};
pub use world::{Options, Outcome, World, run};
pub use wrong::{Error, Spot, Wrong};
