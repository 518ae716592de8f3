//! The whole hub in one process on simulated time, network and disk: hubs, agents and cluster managers are the real ones, driven an
//! event at a time; only threads, sockets and processes are not there. A seed decides everything that happens, so that what it finds
//! can be told again.
//!
//! `world` is what there is and how it is reached, `play` what happens when, `judge` what must hold in the end, `fair` what tenants are due.

mod chance;
mod fair;
mod judge;
mod play;
mod world;

pub use play::{Report, play};
