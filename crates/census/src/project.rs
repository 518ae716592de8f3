//! Investment: what is planned, committed and spent, and what it adds.

use measure::{Class, Name, Precision, Sparsity};
use serde::{Deserialize, Serialize};

use crate::row::{Row, Stated, Wrong};

/// A project in which somebody invests. Amounts are in billions of yuan; what nobody published is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its id in the census.
    pub id: Name,
    /// Its name.
    pub name: String,
    /// The site it builds, if it is one of the census.
    pub site: Option<Name>,
    /// Who invests, if it is one of the census.
    pub provider: Option<Name>,
    /// What is planned.
    pub planned_bn_yuan: Option<Stated>,
    /// Of it, what is bound by contracts.
    pub committed_bn_yuan: Option<Stated>,
    /// Of it, what is spent.
    pub spent_bn_yuan: Option<Stated>,
    /// The date of these amounts, or `unknown`.
    pub as_of: String,
    /// The computing power it adds, in PFLOPS of the class, precision and sparsity below.
    pub computing_power_pflops: Option<Stated>,
    /// Class of that figure, if stated.
    pub class: Option<Class>,
    /// Precision of that figure, if stated.
    pub precision: Option<Precision>,
    /// Sparsity of that figure, if stated.
    pub sparsity: Option<Sparsity>,
    /// When it is to be done, or `unknown`.
    pub due: String,
    /// How good the source is.
    pub quality: String,
    /// Where it was published.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const COLUMNS: &[&str] = &[
    "id",
    "name",
    "site",
    "provider",
    "planned_bn_yuan",
    "committed_bn_yuan",
    "spent_bn_yuan",
    "as_of",
    "computing_power_pflops",
    "class",
    "precision",
    "sparsity",
    "due",
    "quality",
    "source",
    "note",
];

impl Project {
    pub(crate) fn read(row: &Row) -> Result<Project, Wrong> {
        let project = Project {
            id: row.parse("id")?,
            name: row.said("name")?,
            site: row.known("site")?,
            provider: row.known("provider")?,
            planned_bn_yuan: row.amount("planned_bn_yuan")?,
            committed_bn_yuan: row.amount("committed_bn_yuan")?,
            spent_bn_yuan: row.amount("spent_bn_yuan")?,
            as_of: row.date_or_unknown("as_of")?,
            computing_power_pflops: row.amount("computing_power_pflops")?,
            class: row.known("class")?,
            precision: row.known("precision")?,
            sparsity: row.known("sparsity")?,
            due: row.date_or_unknown("due")?,
            quality: row.said("quality")?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        };
        let more = |a: Option<Stated>, b: Option<Stated>| a.zip(b).is_some_and(|(a, b)| a.least() > b.most());
        if more(project.spent_bn_yuan, project.committed_bn_yuan.or(project.planned_bn_yuan)) {
            return Err(row.wrong("spent_bn_yuan", "more is spent than is committed or planned"));
        }
        if more(project.committed_bn_yuan, project.planned_bn_yuan) {
            return Err(row.wrong("committed_bn_yuan", "more is committed than is planned"));
        }
        Ok(project)
    }
}
