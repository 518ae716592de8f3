//! Figures as published, and targets: kept beside what is counted, never added to it.

use measure::{Name, Precision, Sparsity};
use serde::{Deserialize, Serialize};

use crate::row::{Row, Stated, Wrong};

/// A published figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Its id in the census.
    pub id: Name,
    /// The date it holds for.
    pub date: String,
    /// What was measured, such as `compute_total`.
    pub metric: String,
    /// The figure.
    pub value: Option<Stated>,
    /// Its unit.
    pub unit: String,
    /// What it covers.
    pub scope: String,
    /// Class as stated: general, intelligent, super, `all`, or empty where it does not apply.
    pub class: String,
    /// Precision, if stated.
    pub precision: Option<Precision>,
    /// Sparsity, if stated.
    pub sparsity: Option<Sparsity>,
    /// How good the source is.
    pub quality: String,
    /// Figures that cannot hold together with this one.
    pub disputes: Vec<Name>,
    /// Where it was published.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

/// A figure to be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its id in the census.
    pub id: Name,
    /// By when.
    pub due: String,
    /// What is to be reached.
    pub metric: String,
    /// The figure.
    pub value: Option<Stated>,
    /// Its unit.
    pub unit: String,
    /// What it covers.
    pub scope: String,
    /// Precision, if stated.
    pub precision: Option<Precision>,
    /// Sparsity, if stated.
    pub sparsity: Option<Sparsity>,
    /// How good the source is, or what became of the target.
    pub quality: String,
    /// Where it was published.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const PUBLISHED_COLUMNS: &[&str] = &[
    "id",
    "date",
    "metric",
    "value",
    "unit",
    "scope",
    "class",
    "precision",
    "sparsity",
    "quality",
    "disputes",
    "source",
    "note",
];

pub(crate) const TARGET_COLUMNS: &[&str] =
    &["id", "due", "metric", "value", "unit", "scope", "class", "precision", "sparsity", "quality", "source", "note"];

impl Published {
    pub(crate) fn read(row: &Row) -> Result<Published, Wrong> {
        let disputes = row.text("disputes").split_whitespace().map(str::parse).collect::<Result<_, _>>();
        Ok(Published {
            id: row.parse("id")?,
            date: row.date("date")?,
            metric: row.said("metric")?,
            value: row.known("value")?,
            unit: row.said("unit")?,
            scope: row.said("scope")?,
            class: row.text("class").to_owned(),
            precision: row.known("precision")?,
            sparsity: row.known("sparsity")?,
            quality: row.said("quality")?,
            disputes: disputes.map_err(|problem| row.wrong("disputes", problem))?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
    }
}

impl Target {
    pub(crate) fn read(row: &Row) -> Result<Target, Wrong> {
        Ok(Target {
            id: row.parse("id")?,
            due: row.date("due")?,
            metric: row.said("metric")?,
            value: row.known("value")?,
            unit: row.said("unit")?,
            scope: row.said("scope")?,
            precision: row.known("precision")?,
            sparsity: row.known("sparsity")?,
            quality: row.said("quality")?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
    }
}
