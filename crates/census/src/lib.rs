//! What exists in a hub, at which evidence, and what it costs.
//!
//! A census folder is text: [`read`] turns it into a [`Census`] or says which file, line and field is
//! wrong. Later changes are [`Change`]s, which the journal keeps. Never here: a file, a clock, a guess.
//! What nobody knows stays unknown (`None`) and is shown so.

mod accelerator;
mod agreement;
mod change;
mod claim;
mod contradict;
mod count;
mod energy;
mod forecast;
mod ladder;
mod life;
mod measured;
mod outlook;
mod place;
mod power;
mod project;
mod published;
mod read;
mod report;
mod row;
mod series;
mod tariff;

pub use accelerator::{Accelerator, AcceleratorKind};
pub use agreement::{Agreement, Conditions, Held, Parts};
pub use change::{Census, Change, HubSettings};
pub use claim::{Claim, ClaimKind, Scope};
pub use contradict::{Contradiction, contradictions};
pub use count::{Count, PublishedRow, SiteCount, TargetRow, count};
pub use energy::{Effectiveness, Green, GreenKind, Metric, SiteEnergy};
pub use forecast::Forecast;
pub use ladder::{By, Group, LadderRow, PoolCount, RUNGS};
pub use life::{SiteStage, StageKey};
pub use measured::Measured;
pub use outlook::{Basis, Known, Outlook};
pub use place::{DeclaredPool, Evidence, Provider, Site, SiteStatus};
pub use power::{NodePower, Rack};
pub use project::Project;
pub use published::{Published, Target};
pub use read::{FILES, File, columns, read};
pub use report::{Factor, Growth, Headline, Line, Report, report};
pub use row::{Bound, Stated, Wrong};
pub use series::{HOLDS, Readings, Series, SeriesKey, SeriesKind};
pub use tariff::{Tariff, TariffKind};
