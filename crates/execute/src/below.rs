//! Another hub as a site: the agent is one of its tenants, and asks it what anybody may ask who has that tenant's token. So the hub
//! below meters, bills and limits what runs there as it does with any tenant, and neither hub knows more of the other.
//!
//! A pool above is one pool below. An attempt above is one job below, without retries and never preemptible, so that it begins at
//! most once; its name is this agent's mark and its number and says nothing of whose it is.
//!
//! `read` understands what a hub answers, `form` makes a job below of one above, `room` is what is free there, `run` is one attempt,
//! `door` asks, `errand` submits and cancels, `look` looks, `worker` knows all of them and decides.

mod door;
mod errand;
mod form;
mod look;
mod read;
mod room;
mod run;
mod survey;
mod worker;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::folder::Doubt;
use crate::site::{News, Order, Site};
use crate::tls::Fingerprint;
use crate::wire::run_of_name;
use door::Door;
pub(crate) use errand::read_piece;
pub(crate) use survey::survey;

/// How a hub below is asked.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its address; several of one store are parted by commas.
    pub url: String,
    /// A file with the token of the tenant as whom it is asked; read anew for each request, so that it may be renewed there.
    pub token: PathBuf,
    /// The fingerprint of its certificate, where that is of its own making.
    pub fingerprint: Option<Fingerprint>,
    /// The pool there; the only one if none is said.
    pub pool: Option<String>,
    /// Models of the census above by what they are called below; where none is said, they are called the same.
    pub models: BTreeMap<String, String>,
}

/// A hub below, served by a thread of its own.
pub(crate) struct Below {
    inbox: Sender<worker::Event>,
    doubt: Doubt,
    door: Door,
    mark: String,
}

/// By what the jobs of the agent of a folder are told from those of others.
fn mark(folder: &Path) -> io::Result<String> {
    Ok(std::fs::read_to_string(folder.join("agent.id"))?.trim().chars().take(16).collect())
}

impl Below {
    /// Serves the hub below from a folder that holds the agent's mark.
    pub(crate) fn open(folder: &Path, options: &Options, news: impl Fn(News) -> bool + Send + 'static) -> io::Result<Below> {
        std::fs::create_dir_all(folder.join("jobs"))?;
        let mark = mark(folder)?;
        let doubt = Doubt::of(folder, "hub");
        let fresh = doubt.begin()?;
        let (inbox, events) = channel();
        let worker = worker::Worker::new(folder, options, &mark, news, inbox.clone());
        thread::Builder::new().name("below".to_owned()).spawn(move || worker.run(fresh, &events))?;
        Ok(Below { inbox, doubt, door: Door::new(options, &mark), mark })
    }

    /// Cancels whatever this agent ever submitted: nothing of it is wanted any more.
    fn quit(&self) {
        for job in self.door.live(true).into_iter().flatten() {
            if run_of_name(&self.mark, &job.name).is_some()
                && let Err(fault) = self.door.cancel(&job.id)
            {
                tracing::warn!(%fault, "a job below that nobody wants could not be cancelled");
            }
        }
    }
}

impl Site for Below {
    fn order(&mut self, orders: Vec<Order>) -> io::Result<()> {
        self.doubt.follow(&orders)?;
        if orders.iter().any(|order| matches!(order, Order::Quit)) {
            self.quit();
        }
        self.inbox.send(worker::Event::Orders(orders)).map_err(|_| io::Error::other("its thread ended"))
    }
}
