//! A history of jobs, whatever format it came in.

mod gaia;
mod journal;
mod openb;
mod philly;
mod swf;
mod table;
mod text;

pub use gaia::suspend as suspend_costs;
pub(crate) use openb::{names as openb_names, pods as openb_pods, read_nodes};
use table::Table;
pub(crate) use text::read as read_text;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use census::Census;
use dispatch::{Shape, Suspend};
use measure::{Devices, Name, Power, Span, Time};

use crate::cluster::Pools;
use crate::wrong::{Error, Wrong};

/// One job of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceJob {
    /// When it is submitted, since the trace's beginning.
    pub submit: Span,
    /// How long it runs once it has started. The engine never sees this before the job has ended.
    pub run: Span,
    /// Who submits it.
    pub tenant: Name,
    /// What the trace calls it.
    pub name: String,
    /// What it needs.
    pub shape: Shape,
    /// Whether a job wider than a node may be cut into replicas of a node each, see [`TraceJob::shape_on`].
    pub spreads: bool,
    /// When it is stopped, counted from its start, where the trace says so.
    pub time_limit: Option<Span>,
    /// Higher goes first.
    pub priority: i16,
    /// All else that it asks for, where the trace is of a hub.
    pub spec: dispatch::Spec,
}

impl TraceJob {
    /// Its shape on nodes of so many devices. Formats that give one number of devices for a whole job mean
    /// several nodes where it exceeds one: such a job becomes replicas of a whole node each, if it can be cut
    /// so without a rest. Otherwise it stays as it is, and a hub without such a node refuses it.
    pub fn shape_on(&self, node: Devices) -> Shape {
        let mut shape = self.shape.clone();
        if let [ask] = shape.asks.as_mut_slice()
            && self.spreads
            && node.0 > 0
            && ask.devices > node
            && ask.devices.0 % node.0 == 0
        {
            shape.replicas *= ask.devices.0 / node.0;
            ask.devices = node;
        }
        shape
    }
}

/// A history of jobs, to be replayed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// In order of submission, then of the file.
    pub jobs: Vec<TraceJob>,
    /// What a reader of any figure from this trace must know.
    pub notes: Vec<String>,
    /// The pools the trace itself ran on, where it says so.
    pub pools: Option<Pools>,
    /// The census of the hub that wrote it, where a hub did.
    pub census: Option<Census>,
    /// Data that its jobs read.
    pub data: std::collections::BTreeMap<Name, dispatch::DataSet>,
    /// When it began, where that is known well enough to apply dated prices.
    pub begins: Option<Time>,
    /// How long the jobs of a tenant usually run, where some published policies are told that.
    pub usual: BTreeMap<Name, Span>,
    /// What a core draws, where a trace is counted so.
    pub power_per_core: Option<Power>,
}

impl Trace {
    /// Reads a pod list of openb.
    ///
    /// # Errors
    /// The first mistake, with its line and field.
    pub fn of_openb(file: &str, text: &str) -> Result<Trace, Wrong> {
        Ok(openb::read(file, text)?.in_order())
    }

    /// Reads jobs of the Philly trace, or those of one virtual cluster.
    ///
    /// # Errors
    /// The first mistake, with its line and field, or that there is no such virtual cluster.
    pub fn of_philly(file: &str, text: &str, virtual_cluster: Option<&str>) -> Result<Trace, Error> {
        Ok(philly::read(file, text, virtual_cluster)?.in_order())
    }

    /// Reads the standard workload format.
    ///
    /// # Errors
    /// The first mistake, with its line and field.
    pub fn of_swf(file: &str, text: &str) -> Result<Trace, Wrong> {
        Ok(swf::read(file, text)?.in_order())
    }

    /// Reads jobs of the GAIA artefact.
    ///
    /// # Errors
    /// The first mistake, with its line and field.
    pub fn of_gaia(file: &str, text: &str, choice: &Choice) -> Result<Trace, Wrong> {
        Ok(gaia::read(file, text, choice)?.in_order())
    }

    /// Reads entries of a hub's journal: number, time and body of each.
    ///
    /// # Errors
    /// The first entry that cannot be, or cannot follow from those before it.
    pub fn of_journal<'a>(file: &str, entries: impl IntoIterator<Item = (i64, Time, &'a str)>) -> Result<Trace, Wrong> {
        let mut past = journal::Past::default();
        entries.into_iter().try_for_each(|(seq, at, body)| past.read(file, seq, at, body))?;
        Ok(past.trace().in_order())
    }

    /// Brings the jobs into order: by submission, and where that is equal as the file has them.
    fn in_order(mut self) -> Trace {
        self.jobs.sort_by_key(|job| job.submit);
        self
    }

    /// Its tenants in order of their first job.
    pub(crate) fn tenants(&self) -> Vec<Name> {
        let mut first: BTreeMap<&Name, usize> = BTreeMap::new();
        for (at, job) in self.jobs.iter().enumerate() {
            first.entry(&job.tenant).or_insert(at);
        }
        let mut tenants: Vec<(usize, &Name)> = first.into_iter().map(|(name, at)| (at, name)).collect();
        tenants.sort_unstable();
        tenants.into_iter().map(|(_, name)| name.clone()).collect()
    }
}

/// A format of traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A pod list of Alibaba's GPU cluster trace of 2023.
    Openb,
    /// Jobs of Microsoft's Philly trace as a table.
    Philly,
    /// The standard workload format.
    Swf,
    /// The journal of a hub.
    Journal,
    /// Jobs of the GAIA artefact.
    Gaia,
}

impl Kind {
    /// Every kind with its name.
    pub const ALL: [(&'static str, Kind); 5] =
        [("openb", Kind::Openb), ("philly", Kind::Philly), ("swf", Kind::Swf), ("journal", Kind::Journal), ("gaia", Kind::Gaia)];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Kind::ALL.iter().find(|(_, kind)| kind == self).expect("every kind has a name").0)
    }
}

/// Where a trace lies and how to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its format.
    pub kind: Kind,
    /// The file, or for a journal the data folder of the hub.
    pub path: PathBuf,
}

/// Which part of a trace to take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only this virtual cluster, of a philly trace.
    pub virtual_cluster: Option<String>,
    /// The unit of times in a gaia trace.
    pub time_unit: TimeUnit,
    /// How long the short and the long jobs of a gaia trace may wait.
    pub patience: Option<(Span, Span)>,
    /// Every so manieth job of a gaia trace may not wait; all may if nothing is said.
    pub impatient: Option<u32>,
    /// That the jobs of a gaia trace can be suspended, and what that costs.
    pub suspend: Option<Suspend>,
}

/// In what a trace counts time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    #[default]
    Seconds,
    /// Hours.
    Hours,
}

/// A watt.
pub(crate) const WATT: Power = Power(1000);

impl Source {
    /// Reads `KIND:PATH`.
    pub fn parse(text: &str) -> Result<Source, Error> {
        let found = text.split_once(':').and_then(|(kind, path)| {
            let (_, kind) = Kind::ALL.iter().find(|(name, _)| *name == kind)?;
            Some(Source { kind: *kind, path: path.into() }).filter(|_| !path.is_empty())
        });
        found.ok_or_else(|| Error::Source { text: text.to_owned() })
    }

    /// Reads the trace. A mistake in the file names its line and field, and nothing is taken from it then.
    pub fn read(&self, choice: &Choice) -> Result<Trace, Error> {
        let vc = choice.virtual_cluster.as_deref();
        if vc.is_some() && self.kind != Kind::Philly {
            return Err(Error::NoClusters);
        }
        let file = self.path.display().to_string();
        match self.kind {
            Kind::Openb => Ok(Trace::of_openb(&file, &read_text(&self.path)?)?),
            Kind::Philly => Trace::of_philly(&file, &read_text(&self.path)?, vc),
            Kind::Swf => Ok(Trace::of_swf(&file, &read_text(&self.path)?)?),
            Kind::Journal => Ok(journal::read(&self.path)?.in_order()),
            Kind::Gaia => Ok(gaia::read(&file, &read_text(&self.path)?, choice)?.in_order()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.path.display())
    }
}

impl FromStr for Source {
    type Err = Error;
    fn from_str(text: &str) -> Result<Source, Error> {
        Source::parse(text)
    }
}

/// A note of how many there are of something; nothing where there is none.
pub(crate) fn note(notes: &mut Vec<String>, what: &str, count: u64) {
    if count > 0 {
        notes.push(format!("{what}: {count}."));
    }
}
