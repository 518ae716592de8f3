//! The shell around the engine: store, API, access, clock. It holds what the engine must not: files, sockets, time.
//!
//! One thread owns the hub (`hub.rs`); requests reach it in batches, and each batch is one durable transaction
//! before anyone is answered. Never here: a decision about who runs where, or about money.

mod access;
mod acme;
mod api;
mod archived;
mod audit;
mod backup;
mod census_folder;
mod clock;
mod export;
mod focus;
mod hub;
mod logs;
mod metrics;
mod notes;
mod oidc;
mod outlook;
mod page;
mod post;
mod server;
pub mod simulated;
mod store;
mod studies;
mod tend;
mod tls;
mod wanted;
mod webhooks;

pub use access::{Grant, Role};
pub use acme::Acme;
pub use api::audit::{AskedList, AskedView};
pub use api::form::{Alternative, NoticeForm, OutputForm, Plain, SubmitForm};
pub use api::life;
pub use api::limits::Limits;
pub use api::view;
pub use api::webhooks as hooks;
pub use api::{Rule, access_table, document, route_rules};
pub use archived::{ArchiveFile, archive_files, bytes_in_use, leans_on_archive};
pub use audit::{Audit, audit};
pub use backup::{BackupFault, Point, Restored, backup, extract, move_store, restore};
pub use census_folder::{CensusFault, folder_files, read_folder};
pub use clock::now;
pub use oidc::Oidc;
pub use server::{Config, FINGERPRINT, Server, StartFault, start};
pub use store::{Address, JournalWriter, Store, StoreFault, Trouble, read_journal};
pub use tend::Archive;
pub use tls::Tls;
