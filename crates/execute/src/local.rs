//! The machine it runs on as a pool: real processes, held by a keeper that outlives the agent.

mod journal;
mod keeper;
mod launch;
mod output;
mod process;
mod talk;

pub use keeper::keep;
pub(crate) use launch::launches;
pub(crate) use output::{read_piece, tidy};
pub use talk::{Keeper, Launch, News, Order, quit};

use dispatch::Node;
use measure::{Cpu, Devices, Memory};

/// The word the keeper process is called by: `argv[0]`.
pub const KEEPER_NAME: &str = "shugu-keeper";

/// This machine as a node. It has no accelerators unless `devices` says so: what a device can do is not guessed.
pub fn this_machine() -> Node {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
    let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).filter(|name| !name.is_empty());
    Node {
        name: name.unwrap_or_else(|| "localhost".to_owned()),
        model: None,
        devices: Devices(0),
        cpu: Cpu::cores(cores as u64),
        memory: Memory(total.unwrap_or(0_u64) << 10),
    }
}
