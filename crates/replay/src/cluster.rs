//! How pools are made: from two numbers, from a census, from a list of nodes.

use std::path::Path;

use census::{Census, DeclaredPool};
use dispatch::{Join, Node};
use measure::{Cpu, Devices, Memory, Name};

use crate::trace::{read_nodes, read_text};
use crate::wrong::{Error, Spot, Wrong};

/// Pools with their nodes.
pub type Pools = Vec<(Join, Vec<Node>)>;

/// The executor of every pool in a replay.
pub(crate) const EXECUTOR: &str = "replay";

/// Far more nodes than a hub has; a slip of the finger must not fill the memory.
const NODES_MAX: u32 = 1_000_000;

/// What accelerators are called where nobody says what they are.
const MODEL: &str = "device";

fn name(text: &str) -> Name {
    text.parse().expect("written here as a name")
}

/// Reads `NODESxDEVICES`, such as `128x8`, as one pool.
pub fn parse(text: &str) -> Result<Pools, Error> {
    let wrong = || Error::Cluster { text: text.to_owned() };
    let (nodes, devices) = text.split_once('x').ok_or_else(wrong)?;
    uniform(nodes.parse().map_err(|_| wrong())?, Devices(devices.parse().map_err(|_| wrong())?))
}

/// One pool of equal nodes, with more cores and memory than a job that asks for none of either can miss.
pub fn uniform(nodes: u32, devices: Devices) -> Result<Pools, Error> {
    if nodes == 0 || nodes > NODES_MAX || devices.0 == 0 || devices.0 > Node::DEVICES_MAX {
        return Err(Error::Cluster { text: format!("{nodes}x{devices}") });
    }
    let node = |number| Node {
        name: format!("node-{number}"),
        model: Some(MODEL.to_owned()),
        devices,
        cpu: Cpu::cores(128),
        memory: Memory::mebibytes(2 << 20),
        ..Node::default()
    };
    let join = Join { name: name("cluster"), provider: name("replay"), site: None, executor: EXECUTOR.to_owned() };
    Ok(vec![(join, (0..nodes).map(node).collect())])
}

/// The most cores a node may have.
pub(crate) const NODE_CORES: u64 = 65_536;

/// One pool that holds everything at once, with room to spare: nothing is ever waited for but by choice.
pub(crate) fn unlimited(cores: u64) -> Pools {
    let node = |number| Node {
        name: format!("node-{number}"),
        cpu: Cpu::cores(NODE_CORES),
        memory: Memory::mebibytes(2 << 20),
        ..Node::default()
    };
    let join = Join { name: name("unlimited"), provider: name("replay"), site: None, executor: EXECUTOR.to_owned() };
    vec![(join, (0..2 * cores.div_ceil(NODE_CORES)).map(node).collect())]
}

/// The nodes of eight devices that each virtual cluster has, from a table with at least the columns `vc` and `nodes`.
pub fn per_virtual_cluster(path: &Path) -> Result<Vec<(String, Pools)>, Error> {
    virtual_clusters_of(&path.display().to_string(), &read_text(path)?)
}

/// The same, of a text.
///
/// # Errors
/// The first mistake, with its line and field.
pub fn virtual_clusters_of(file: &str, text: &str) -> Result<Vec<(String, Pools)>, Error> {
    let mut lines = (1_u64..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let wrong = |line, field: &str, problem: String| {
        Error::Wrong(Wrong { file: file.to_owned(), spot: Spot::Line(line), field: Some(field.to_owned()), problem })
    };
    let header: Vec<&str> = lines.next().map(|(_, line)| line.split(',').map(str::trim).collect()).unwrap_or_default();
    let column = |name: &str| {
        header.iter().position(|known| *known == name).ok_or_else(|| wrong(1, name, "the header has no such column".to_owned()))
    };
    let (vc, nodes) = (column("vc")?, column("nodes")?);
    let mut clusters = Vec::new();
    for (line, text) in lines {
        let fields: Vec<&str> = text.split(',').map(str::trim).collect();
        let count = fields.get(nodes).and_then(|count| count.parse().ok());
        let count = count.ok_or_else(|| wrong(line, "nodes", "is no whole number".to_owned()))?;
        let name = fields.get(vc).filter(|name| !name.is_empty()).ok_or_else(|| wrong(line, "vc", "is empty".to_owned()))?;
        clusters.push(((*name).to_owned(), uniform(count, Devices(8))?));
    }
    Ok(clusters)
}

/// Every pool that a census declares, under its own name, so that its own prices hold.
pub fn declared(census: &Census) -> Result<Pools, Error> {
    if census.pools.is_empty() {
        return Err(Error::NoPools);
    }
    Ok(census.pools.values().map(declared_pool).collect())
}

fn declared_pool(pool: &DeclaredPool) -> (Join, Vec<Node>) {
    let join = Join {
        name: pool.id.clone(),
        provider: pool.provider.clone(),
        site: Some(pool.site.clone()),
        executor: EXECUTOR.to_owned(),
    };
    let node = |number| Node {
        name: format!("{}-{number}", pool.id),
        model: pool.accelerator.clone(),
        devices: pool.devices_per_node,
        cpu: pool.cpu_per_node,
        memory: pool.memory_per_node,
        ..Node::default()
    };
    (join, (0..pool.nodes).map(node).collect())
}

/// One pool of the nodes in an openb node list.
pub fn openb_nodes(path: &Path) -> Result<Pools, Error> {
    Ok(openb_nodes_of(&path.display().to_string(), &read_text(path)?)?)
}

/// The same, of a text.
///
/// # Errors
/// The first mistake, with its line and field.
pub fn openb_nodes_of(file: &str, text: &str) -> Result<Pools, Wrong> {
    let nodes = read_nodes(file, text)?;
    let join = Join { name: name("openb"), provider: name("openb"), site: None, executor: EXECUTOR.to_owned() };
    Ok(vec![(join, nodes)])
}

/// The devices of the widest node; where no node has any, the cores of the widest, since a core is a device then.
pub(crate) fn widest_node(pools: &Pools) -> Devices {
    let nodes = || pools.iter().flat_map(|(_, nodes)| nodes);
    let devices = nodes().map(|node| node.devices).max().unwrap_or_default();
    let cores = nodes().map(|node| u32::try_from(node.cpu.0 / 1000).unwrap_or(u32::MAX)).max().unwrap_or_default();
    if devices.0 > 0 { devices } else { Devices(cores) }
}
