//! What to build next: a scenario becomes rows, a solver finds the cheapest build-out, delays say how likely it is, and the answer is
//! a census that can be replayed. All but `highs.rs` is pure.
#![allow(clippy::needless_range_loop, reason = "an index of a period or a site is looked up in many tables at once")]

mod case;
mod check;
mod delay;
mod highs;
mod instance;
mod milp;
mod outcome;
mod planned;
mod quantity;
mod random;
mod read;
mod relax;
mod rows;
mod scenario;
mod search;
mod section;

pub use case::{Aim, Case, Input, Late, Outlook, Step};
pub use check::{Broken, Cost, Plan, Totals};
pub use delay::{Chance, Delays, Driver, Share};
pub use highs::{End, Found, Nobody, Options, Watch, solve};
pub use instance::hard;
pub use milp::{About, Column, Family, Milp};
pub use outcome::{Build, Capacity, Ranges, Spread, Swing, Worth, builds, capacity, ranges, worths};
pub use planned::{Rows, rows as planned_rows};
pub use quantity::{Range, Unit};
pub use random::Random;
pub use relax::{Conflict, conflicts, words};
pub use rows::{Columns, Decided, Table, build};
pub use scenario::{Cooling, Demand, Fleet, Grid, Month, Project, Scenario, Site, Slips, Standing, Target, Technology, Yearly};
pub use search::{Answer, Effort, Ending, Progress, Standing as SearchStanding, search};
pub use section::{Section, Value};
