//! The life of a site: dated stages, of which the last one reached holds.

use measure::{Name, Time};
use serde::{Deserialize, Serialize};

use crate::change::Census;
use crate::place::{Site, SiteStatus};
use crate::row::{Row, Wrong};

/// That a site had come so far on a date, as a source says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteStage {
    /// The site.
    pub site: Name,
    /// How far it had come.
    pub stage: SiteStatus,
    /// On which date (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`).
    pub date: String,
    /// How good the source is.
    pub quality: String,
    /// Where it was published.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

/// A site and a date: on one date a site is in one stage.
pub type StageKey = (Name, String);

pub(crate) const COLUMNS: &[&str] = &["site", "stage", "date", "quality", "source", "note"];

impl SiteStage {
    pub(crate) fn read(row: &Row) -> Result<SiteStage, Wrong> {
        Ok(SiteStage {
            site: row.parse("site")?,
            stage: row.parse("stage")?,
            date: row.date("date")?,
            quality: row.said("quality")?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
    }

    pub(crate) fn key(&self) -> StageKey {
        (self.site.clone(), self.date.clone())
    }
}

impl Census {
    /// The dated stages of a site, in order.
    pub fn stages_of(&self, site: &Name) -> impl Iterator<Item = &SiteStage> {
        self.stages.range((site.clone(), String::new())..).map(|(_, stage)| stage).take_while({
            let site = site.clone();
            move |stage| stage.site == site
        })
    }

    /// How far a site had come at an instant: the last dated stage by then, its status of a known date among them. A status
    /// without a date holds where nothing else is known; what is only known of later is unknown.
    pub fn stage(&self, site: &Site, at: Time) -> SiteStatus {
        let stated = Time::parse_date(&site.status_date).ok();
        let dated = self.stages_of(&site.id).filter_map(|stage| Some((Time::parse_date(&stage.date).ok()?, stage.stage)));
        let known = stated.map(|date| (date, site.status)).into_iter().chain(dated).filter(|(date, _)| *date <= at);
        // Of two of one date the dated stage is the better known one: it comes last.
        let last = known.max_by_key(|(date, _)| *date).map(|(_, stage)| stage);
        last.or_else(|| stated.is_none().then_some(site.status)).unwrap_or(SiteStatus::Unknown)
    }
}
