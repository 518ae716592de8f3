//! What is published of figures: which covers which, and sentences that relate two of them.

use measure::{Malformed, Name};
use serde::{Deserialize, Serialize};

use crate::change::Census;
use crate::row::{Row, Stated, Wrong};

/// That one scope lies wholly within another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// A scope as figures name it.
    pub scope: String,
    /// The scope that holds it.
    pub part_of: String,
    /// Where this is known from.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const SCOPE_COLUMNS: &[&str] = &["scope", "part_of", "source", "note"];

impl Scope {
    pub(crate) fn read(row: &Row) -> Result<Scope, Wrong> {
        let scope = Scope {
            scope: row.said("scope")?,
            part_of: row.said("part_of")?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        };
        if scope.scope == scope.part_of {
            return Err(row.wrong("part_of", "a scope is not a part of itself"));
        }
        Ok(scope)
    }
}

/// How a claim relates two figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimKind {
    /// The figure is so many times the base.
    Ratio,
    /// The figure is such a part of the base.
    Share,
}

impl std::str::FromStr for ClaimKind {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<ClaimKind, Malformed> {
        match text {
            "ratio" => Ok(ClaimKind::Ratio),
            "share" => Ok(ClaimKind::Share),
            _ => Err(Malformed::new(text, "ratio or share")),
        }
    }
}

/// A published sentence that relates two published figures: value = figure / base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its id in the census.
    pub id: Name,
    /// When it was published, or the date it holds for.
    pub date: String,
    /// How they are related.
    pub kind: ClaimKind,
    /// The quotient as it is claimed.
    pub value: Stated,
    /// The figure, in `published.csv`.
    pub figure: Name,
    /// What it is related to.
    pub base: Name,
    /// The words of the source.
    pub words: String,
    /// How good the source is.
    pub quality: String,
    /// Where it was published.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const CLAIM_COLUMNS: &[&str] =
    &["id", "date", "kind", "value", "figure", "base", "words", "quality", "source", "note"];

impl Claim {
    pub(crate) fn read(row: &Row) -> Result<Claim, Wrong> {
        Ok(Claim {
            id: row.parse("id")?,
            date: row.date("date")?,
            kind: row.parse("kind")?,
            value: row.amount("value")?.ok_or_else(|| row.wrong("value", "is unknown; a claim claims something"))?,
            figure: row.parse("figure")?,
            base: row.parse("base")?,
            words: row.said("words")?,
            quality: row.said("quality")?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
    }
}

impl Census {
    /// Whether a scope lies wholly within another.
    pub fn within(&self, scope: &str, other: &str) -> bool {
        let mut at = scope;
        // A chain is no longer than there are scopes, even where somebody wrote a circle.
        for _ in 0..self.scopes.len() {
            match self.scopes.get(at) {
                Some(next) if next.part_of == other => return true,
                Some(next) => at = &next.part_of,
                None => return false,
            }
        }
        false
    }
}
