//! Where a hub's journal is, as people say it, and moving it elsewhere.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use serve::Store;

use crate::backup::done;
use crate::client::Where;
use crate::failure::{Failure, Outcome};

/// Which store.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreOptions {
    /// Where the journal is kept: `sqlite` in the data folder, or a server that speaks PostgreSQL's protocol, as
    /// postgres://USER@HOST:PORT/DATABASE?sslmode=require (docs/stores.md).
    #[arg(long, env = "SHUGU_STORE", default_value = "sqlite", value_name = "STORE")]
    store: String,
    #[command(flatten)]
    password: Password,
}

/// How a server is told who asks, without a password on a command line.
#[derive(Debug, Clone, Args)]
pub(crate) struct Password {
    /// A file with the password for the server of the store; without one, PGPASSWORD is taken.
    #[arg(long, env = "SHUGU_STORE_PASSWORD_FILE", value_name = "FILE")]
    store_password_file: Option<PathBuf>,
}

impl Password {
    fn read(&self) -> Outcome<Option<String>> {
        match &self.store_password_file {
            None => Ok(std::env::var("PGPASSWORD").ok().filter(|text| !text.is_empty())),
            Some(file) => {
                let text = std::fs::read_to_string(file);
                let text = text.map_err(|error| Failure::Wrong(format!("--store-password-file {}: {error}", file.display())))?;
                Ok(Some(text.lines().next().unwrap_or_default().to_owned()))
            }
        }
    }

    fn store(&self, flag: &str, text: &str, folder: &Path) -> Outcome<Store> {
        Store::parse(text, folder, self.read()?.as_deref()).map_err(|problem| Failure::Wrong(format!("{flag}: {problem}")))
    }
}

impl StoreOptions {
    /// The store of the hub whose data folder this is.
    pub(crate) fn of(&self, folder: &Path) -> Outcome<Store> {
        self.password.store("--store", &self.store, folder)
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Moves the journal of the stopped hub of --dir, audits it where it is then, and compares the hash of its last entry.\nWhere it was, a mark is left, so that the hub is not started twice; certificate and tokens stay in --dir.\n\n  shugu move --to postgres://hub@db.example/hub\n  shugu move --from postgres://hub@db.example/hub --to sqlite"
)]
pub(crate) struct MoveOptions {
    /// Where it is: `sqlite`, or postgres://USER@HOST/DATABASE.
    #[arg(long, env = "SHUGU_STORE", default_value = "sqlite", value_name = "STORE")]
    from: String,
    /// Where to: a store without a hub.
    #[arg(long, value_name = "STORE")]
    to: String,
    #[command(flatten)]
    password: Password,
}

pub(crate) fn move_store(options: &MoveOptions, place: &Where, json: bool) -> Outcome {
    let folder = place.folder();
    let from = options.password.store("--from", &options.from, &folder)?;
    let to = options.password.store("--to", &options.to, &folder)?;
    let more = json!({ "from": from.to_string(), "to": to.to_string() });
    done(json, &format!("moved from {from} to {to}"), |bar| {
        Ok((serve::move_store(&folder, &from, &to, |rows| bar.set_message(format!("{rows} rows moved")))?, more))
    })
}
