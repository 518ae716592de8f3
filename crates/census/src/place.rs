//! Providers, sites and the pools declared at them.

use std::fmt;
use std::str::FromStr;

use measure::{Class, Cpu, Devices, Malformed, Memory, Name, Precision, Sparsity};
use serde::{Deserialize, Serialize};

use crate::row::{Row, Stated, Wrong};

/// Who owns pools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Its id in the census.
    pub id: Name,
    /// Its name in English.
    pub name: String,
    /// Its name in Chinese, or `unknown`.
    pub name_zh: String,
    /// False for a provider that is published as a number only.
    pub named: bool,
    /// What it provides: `computing`, `data`, `computing;data` or `unknown`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub provides: String,
    /// Where this is known from.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

/// How far a data centre has come in its life, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteStatus {
    /// No source says.
    Unknown,
    /// A document names it: planned, put out to tender, or a contract is signed.
    #[serde(rename = "planned")]
    Announced,
    /// Announced, as earlier journals tell it: put out to tender.
    Tendered,
    /// Announced, as earlier journals tell it: a contract is signed.
    Contracted,
    /// Is being built.
    #[serde(rename = "under-construction")]
    Building,
    /// Is being tried out.
    Commissioning,
    /// Runs.
    Operating,
    /// Runs, and is being emptied.
    Retiring,
    /// Runs no more.
    Retired,
}

const STATUSES: [(&str, SiteStatus); 9] = [
    ("announced", SiteStatus::Announced),
    ("announced", SiteStatus::Tendered),
    ("announced", SiteStatus::Contracted),
    ("building", SiteStatus::Building),
    ("commissioning", SiteStatus::Commissioning),
    ("operating", SiteStatus::Operating),
    ("retiring", SiteStatus::Retiring),
    ("retired", SiteStatus::Retired),
    ("unknown", SiteStatus::Unknown),
];

impl SiteStatus {
    /// Whether what is there is counted as built.
    pub fn stands(self) -> bool {
        matches!(self, SiteStatus::Operating | SiteStatus::Retiring)
    }
}

impl FromStr for SiteStatus {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<SiteStatus, Malformed> {
        let found = STATUSES.iter().find(|(name, _)| *name == text);
        found.map(|(_, status)| *status).ok_or_else(|| {
            Malformed::new(text, "a stage: announced, building, commissioning, operating, retiring, retired or unknown")
        })
    }
}

impl fmt::Display for SiteStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(STATUSES.iter().find(|(_, status)| status == self).expect("every status has a name").0)
    }
}

/// A data centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its id in the census.
    pub id: Name,
    /// Its name in English.
    pub name: String,
    /// Its name in Chinese, or `unknown`.
    pub name_zh: String,
    /// False for a placeholder: counted because the published total says it exists, with nothing else known.
    pub named: bool,
    /// Who runs it, if known.
    pub provider: Option<Name>,
    /// Prefecture, as the source names it.
    pub prefecture: String,
    /// Zone or county.
    pub zone: String,
    /// Degrees north.
    pub latitude: Option<Stated>,
    /// Degrees east.
    pub longitude: Option<Stated>,
    /// How far it has come.
    pub status: SiteStatus,
    /// When that was so (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`), or `unknown`.
    pub status_date: String,
    /// Racks installed.
    pub racks: Option<Stated>,
    /// Racks planned.
    pub racks_planned: Option<Stated>,
    /// Servers installed.
    pub servers: Option<Stated>,
    /// Servers planned.
    pub servers_planned: Option<Stated>,
    /// Published computing power in PFLOPS, of the class, precision and sparsity below.
    pub computing_power_pflops: Option<Stated>,
    /// Computing power planned, in PFLOPS.
    pub computing_power_planned_pflops: Option<Stated>,
    /// Class of those figures, if stated.
    pub class: Option<Class>,
    /// Precision of those figures, if stated.
    pub precision: Option<Precision>,
    /// Sparsity of those figures, if stated.
    pub sparsity: Option<Sparsity>,
    /// Power usage effectiveness as published.
    pub pue: Option<Stated>,
    /// Where this is known from.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

/// How a figure is known, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A document says so.
    Announced,
    /// The provider says so.
    Declared,
    /// The agent lists the devices.
    Seen,
    /// A benchmark ran.
    Measured,
    /// Jobs ran.
    Metered,
}

impl FromStr for Evidence {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Evidence, Malformed> {
        match text {
            "announced" => Ok(Evidence::Announced),
            "declared" => Ok(Evidence::Declared),
            _ => Err(Malformed::new(text, "what a folder can know: announced or declared (an agent sees, a benchmark measures)")),
        }
    }
}

/// Alike nodes at one site, as a provider or a document declares them; nothing has seen them yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredPool {
    /// Its id in the census; the agent that joins under this name makes it real.
    pub id: Name,
    /// The site it stands at.
    pub site: Name,
    /// Who owns it.
    pub provider: Name,
    /// The device model; `None` for nodes without accelerators.
    pub accelerator: Option<String>,
    /// How many nodes.
    pub nodes: u32,
    /// Devices in each node.
    pub devices_per_node: Devices,
    /// Cores in each node.
    pub cpu_per_node: Cpu,
    /// Memory in each node.
    pub memory_per_node: Memory,
    /// Announced or declared.
    pub evidence: Evidence,
    /// The date the figure is of.
    pub as_of: String,
    /// Where this is known from.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const PROVIDER_COLUMNS: &[&str] = &["id", "name", "name_zh", "kind", "provides", "source", "note"];

pub(crate) const SITE_COLUMNS: &[&str] = &[
    "id",
    "name",
    "name_zh",
    "kind",
    "provider",
    "prefecture",
    "zone",
    "latitude",
    "longitude",
    "coordinates_quality",
    "status",
    "status_date",
    "racks",
    "racks_planned",
    "servers",
    "servers_planned",
    "computing_power_pflops",
    "computing_power_planned_pflops",
    "class",
    "precision",
    "sparsity",
    "pue",
    "area",
    "source",
    "note",
];

pub(crate) const POOL_COLUMNS: &[&str] = &[
    "id",
    "site",
    "provider",
    "accelerator",
    "nodes",
    "devices_per_node",
    "cpus_per_node",
    "memory_gib_per_node",
    "evidence",
    "as_of",
    "source",
    "note",
];

fn is_named(row: &Row) -> Result<bool, Wrong> {
    match row.text("kind") {
        "named" => Ok(true),
        "placeholder" => Ok(false),
        other => Err(row.wrong("kind", format!("`{other}` is neither named nor placeholder"))),
    }
}

impl Provider {
    pub(crate) fn read(row: &Row) -> Result<Provider, Wrong> {
        Ok(Provider {
            id: row.parse("id")?,
            name: row.said("name")?,
            name_zh: row.said("name_zh")?,
            named: is_named(row)?,
            provides: match row.text("provides") {
                text @ ("computing" | "data" | "computing;data" | "unknown") => text.to_owned(),
                text => return Err(row.wrong("provides", format!("`{text}` is not computing, data, computing;data or unknown"))),
            },
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
    }
}

impl Site {
    pub(crate) fn read(row: &Row) -> Result<Site, Wrong> {
        let pue = row.amount("pue")?;
        if let Some(pue) = pue.filter(|pue| pue.micro < 1_000_000) {
            return Err(row.wrong("pue", format!("`{pue}` lies below 1, which no facility can reach")));
        }
        Ok(Site {
            id: row.parse("id")?,
            name: row.said("name")?,
            name_zh: row.said("name_zh")?,
            named: is_named(row)?,
            provider: row.known("provider")?,
            prefecture: row.said("prefecture")?,
            zone: row.said("zone")?,
            latitude: row.known("latitude")?,
            longitude: row.known("longitude")?,
            status: row.parse("status")?,
            status_date: match row.text("status_date") {
                "unknown" => "unknown".to_owned(),
                _ => row.date("status_date")?,
            },
            racks: row.amount("racks")?,
            racks_planned: row.amount("racks_planned")?,
            servers: row.amount("servers")?,
            servers_planned: row.amount("servers_planned")?,
            computing_power_pflops: row.amount("computing_power_pflops")?,
            computing_power_planned_pflops: row.amount("computing_power_planned_pflops")?,
            class: row.known("class")?,
            precision: row.known("precision")?,
            sparsity: row.known("sparsity")?,
            pue,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
    }
}

impl DeclaredPool {
    pub(crate) fn read(row: &Row) -> Result<DeclaredPool, Wrong> {
        let whole = |column: &str| -> Result<u32, Wrong> {
            row.text(column).parse().map_err(|_| row.wrong(column, format!("`{}` is not a whole number", row.text(column))))
        };
        let pool = DeclaredPool {
            id: row.parse("id")?,
            site: row.parse("site")?,
            provider: row.parse("provider")?,
            accelerator: Some(row.text("accelerator")).filter(|model| !model.is_empty() && *model != "none").map(str::to_owned),
            nodes: whole("nodes")?,
            devices_per_node: Devices(whole("devices_per_node")?),
            cpu_per_node: row.parse("cpus_per_node")?,
            memory_per_node: Memory::mebibytes(u64::from(whole("memory_gib_per_node")?) << 10),
            evidence: row.parse("evidence")?,
            as_of: row.date("as_of")?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        };
        if pool.nodes == 0 {
            return Err(row.wrong("nodes", "a pool has at least one node"));
        }
        if (pool.devices_per_node.0 > 0) != pool.accelerator.is_some() {
            return Err(row.wrong("devices_per_node", "devices need an accelerator, and an accelerator needs devices"));
        }
        Ok(pool)
    }
}
