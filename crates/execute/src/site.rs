//! What every kind of site is told and tells: the agent does not know whether processes, Slurm, Kubernetes or
//! another hub stand behind.

use std::io;

use dispatch::{Node, Occupied};
use measure::{JobId, Span};

use crate::reconcile::SeenReplica;
use crate::wire::WantedJob;

/// What a site is told. The keeper's protocol (`local/talk.rs`) says much the same and is apart: a keeper may be of another
/// release than its agent, and takes processes, not jobs. Runs are named as in [`crate::wire::at_site`].
#[derive(Debug, Clone)]
pub(crate) enum Order {
    /// Start these, unless they were ever started.
    Launch(Vec<WantedJob>),
    /// Stop every replica of the run: TERM, and KILL after the grace.
    Stop(JobId, Span),
    /// Stop every replica of the run: this signal, and KILL after the grace.
    Notify(JobId, i32, Span),
    /// The run's end is told and durable: forget it.
    Forget(Vec<JobId>),
    /// These nodes stand idle and should sleep, in place of those named before.
    Sleep(Vec<String>),
    /// What was placed here before may have run for another agent: nothing is sure until `Sure`.
    Doubt,
    /// What was in doubt is told to the hub and durable.
    Sure,
    /// Stop everything and go.
    Quit,
}

/// What a site tells.
#[derive(Debug)]
pub(crate) enum News {
    /// A replica's state: all of them at first, then every change.
    Seen(JobId, u32, SeenReplica),
    /// What the site says of a run that it has and has not started, for people.
    Noted(JobId, String),
    /// All that was known at first has been told, nodes included. `fresh` if nothing from before is known, so that a job
    /// placed earlier may or may not have run.
    Listed {
        /// See above.
        fresh: bool,
    },
    /// Every node there is.
    Nodes(Vec<Node>),
    /// What others than the hub's jobs hold, by node; of nodes that are not named, nothing.
    Others(Vec<(String, Occupied)>),
    /// The site is gone, and the agent with it.
    Gone(io::Error),
}

/// A site, as its agent sees it. News come through the channel it was opened with.
pub(crate) trait Site {
    /// Tells the site what to do; returns before it is done.
    ///
    /// # Errors
    /// Where the site is gone.
    fn order(&mut self, orders: Vec<Order>) -> io::Result<()>;
}
