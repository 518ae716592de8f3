//! What can be wrong with a trace or a cluster, always with the place to look.

use std::fmt;
use std::path::PathBuf;

/// Where in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// The file as a whole.
    Whole,
    /// A line of text, counted from 1.
    Line(u64),
    /// An entry of a journal, by its number.
    Entry(i64),
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spot::Whole => Ok(()),
            Spot::Line(line) => write!(f, " line {line}"),
            Spot::Entry(seq) => write!(f, " entry {seq}"),
        }
    }
}

struct Field<'a>(&'a Option<String>);

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(field) => write!(f, " field {field}"),
            None => Ok(()),
        }
    }
}

/// A mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{spot}{}: {problem}", Field(.field))]
pub struct Wrong {
    /// The file, as it was named to the reader.
    pub file: String,
    /// Where in it.
    pub spot: Spot,
    /// The column, field or key.
    pub field: Option<String>,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// Why there is nothing to replay, or nothing to replay it on. Each message is whole by itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A trace was named without its kind, or with one that nobody reads.
    #[error("`{text}` does not name a trace: write KIND:PATH, where KIND is openb, philly, swf, journal or gaia")]
    Source {
        /// What was written.
        text: String,
    },
    /// A signal was named without its kind, or with one that no replay is told.
    #[error(
        "`{text}` does not name a signal: write KIND:FILE.csv or KIND@SITE:FILE.csv, where KIND is carbon (g/kWh) or electricity (yuan/kWh)"
    )]
    Signal {
        /// What was written.
        text: String,
    },
    /// The file system or the decompression failed.
    #[error("cannot read {}: {problem}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        problem: std::io::Error,
    },
    /// The database failed.
    #[error("cannot read {} as the journal of a hub: {problem}", file.display())]
    Journal {
        /// The database file.
        file: PathBuf,
        /// What SQLite said.
        problem: rusqlite::Error,
    },
    /// The content makes no sense.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// A virtual cluster was chosen where there is none of that name.
    #[error("{file} has no virtual cluster `{wanted}`; it has {}", .found.join(", "))]
    NoSuchCluster {
        /// The file.
        file: String,
        /// What was asked for.
        wanted: String,
        /// What there is, sorted.
        found: Vec<String>,
    },
    /// A virtual cluster was chosen in a trace that knows none.
    #[error("a virtual cluster can be chosen in a philly trace only")]
    NoClusters,
    /// The shape of a cluster was not understood.
    #[error(
        "`{text}` is not a cluster: write NODESxDEVICES, such as 128x8, with 1 to 1000000 nodes of 1 to {} devices",
        dispatch::Node::DEVICES_MAX
    )]
    Cluster {
        /// What was written.
        text: String,
    },
    /// The census declares no pool, so there is nothing to run on.
    #[error("the census declares no pool, so a replay has no nodes: add rows to its pools.csv, or give a cluster")]
    NoPools,
}
