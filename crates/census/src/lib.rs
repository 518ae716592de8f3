//! What exists in a hub, at which evidence, and what it costs.
//!
//! A census folder is text: [`read`] turns it into a [`Census`] or says which file, line and field is
//! wrong. Later changes are [`Change`]s, which the journal keeps. Never here: a file, a clock, a guess.
//! What nobody knows stays unknown (`None`) and is shown so.

mod accelerator;
mod change;
mod count;
mod place;
mod published;
mod read;
mod row;
mod tariff;

pub use accelerator::{Accelerator, AcceleratorKind};
pub use change::{Census, Change, HubSettings};
pub use count::{Contradiction, Count, LadderRow, PoolCount, PublishedRow, SiteCount, TargetRow, count};
pub use place::{DeclaredPool, Evidence, Provider, Site, SiteStatus};
pub use published::{Published, Target};
pub use read::{FILES, File, read};
pub use row::{Bound, Stated, Wrong};
pub use tariff::{Tariff, TariffKind};
