//! A hub without threads, for simulations: the real handlers, thread and journal, driven a request and a turn at a time, on the time
//! that [`execute::clock`] is told. What goes wrong goes wrong where it is told to.

use std::cell::Cell;
use std::path::Path;
use std::task::Poll;

use axum::body::Body;
use axum::http::Request;
use census::Census;
use dispatch::Policy;
use measure::Span;
use tower::ServiceExt;

use crate::api::limits::Limits;
use crate::hub::standby::{Following, Standing};
use crate::hub::{Ask, Writer};
use crate::server::{Config, Made, Opened, StartFault, assemble};
use crate::store::{Store, StoreFault, Trouble};

/// Where a hub dies in the middle of what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// Nothing of the batch is kept.
    BeforeCommit,
    /// All of it is kept, and nobody was told.
    AfterCommit,
}

thread_local! {
    static NEXT: Cell<Option<Mishap>> = const { Cell::new(None) };
}

/// The next append in this thread goes wrong like that.
pub fn go_wrong(how: Option<Mishap>) {
    NEXT.set(how);
}

/// Goes wrong, if it is to go wrong here.
pub(crate) fn mishap(here: Mishap) -> Result<(), Trouble> {
    match NEXT.get() {
        Some(how) if how == here => {
            NEXT.set(None);
            Err(Trouble::Away("it went wrong on purpose".to_owned()))
        }
        _ => Ok(()),
    }
}

/// It is over with this hub: whoever asks gets no answer until it is started again.
#[derive(Debug)]
pub struct Died(pub String);

impl From<StoreFault> for Died {
    fn from(fault: StoreFault) -> Died {
        Died(fault.to_string())
    }
}

/// A hub.
pub struct Hub {
    runtime: tokio::runtime::Runtime,
    routes: axum::Router,
    writer: Writer,
    inbox: std::sync::mpsc::Receiver<Ask>,
    standing: Standing,
    following: Option<Following>,
    fence: Option<i64>,
    // Held: whoever waits for it would take the hub for stopped.
    _stop: tokio::sync::watch::Sender<bool>,
}

impl Hub {
    /// Starts one in `folder` on a store that others may share.
    ///
    /// # Errors
    /// As [`crate::start`].
    pub fn start(folder: &Path, store: &Store, url: &str, lost_after: Span, census: &Census) -> Result<Hub, StartFault> {
        let fault = |source| StartFault::Folder { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(fault)?;
        let config = Config {
            folder: folder.to_owned(),
            listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
            store: store.clone(),
            advertise: None,
            census: None,
            first_census: Some(census.clone()),
            policy: Policy::default(),
            lost_after,
            tls: None,
            oidc: None,
            program: None,
            scenarios: Vec::new(),
            // Limits count by real time.
            archive: None,
            limits: Limits { rate: 0, burst: 0, strangers: 0, waiting: 0 },
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(fault)?;
        let Made { app, writer, inbox, standing, stop } = {
            let _context = runtime.enter();
            assemble(&config, url, Opened::of(store)?)?
        };
        let routes = crate::api::routes(app);
        Ok(Hub { runtime, routes, writer, inbox, standing, following: Some(Following::default()), fence: None, _stop: stop })
    }

    /// Whether it writes.
    pub fn leads(&self) -> bool {
        self.following.is_none()
    }

    /// What its thread does from time to time, and at once where somebody asks: takes its turn to write, looks who is silent, places.
    ///
    /// # Errors
    /// Where its store fails it: it has died.
    pub fn turn(&mut self) -> Result<(), Died> {
        if let Some(following) = &mut self.following {
            if !self.writer.look_for_turn(following, &self.standing)? {
                while let Ok(ask) = self.inbox.try_recv() {
                    self.writer.answer_as_standby(ask);
                }
                return Ok(());
            }
            self.following = None;
            self.writer.begin(&mut self.standing).map_err(|fault| Died(fault.to_string()))?;
            self.fence = self.writer.fence();
        }
        self.writer.turn(None, &self.inbox)?;
        Ok(())
    }

    /// Shows others that it lives, if it is the writer.
    ///
    /// # Errors
    /// Where another one has taken over.
    pub fn beat(&mut self) -> Result<(), Died> {
        if self.leads() && !self.writer.beat(&self.standing.duty)? {
            return Err(Died("another hub writes now".to_owned()));
        }
        Ok(())
    }

    /// Answers a request, with as many turns as it needs. Where it dies of it, an answer may have left before.
    pub fn ask(&mut self, request: Request<Body>) -> (Option<(u16, Vec<u8>)>, Option<Died>) {
        let Hub { runtime, routes, writer, inbox, following, .. } = self;
        let handler = routes.clone().oneshot(request);
        runtime.block_on(async move {
            let mut handler = std::pin::pin!(async move {
                let answer = handler.await.unwrap_or_else(|never| match never {});
                let status = answer.status().as_u16();
                let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap_or_default();
                (status, body.to_vec())
            });
            loop {
                if let Poll::Ready(answer) = futures_util::poll!(&mut handler) {
                    return (Some(answer), None);
                }
                match following {
                    None => {
                        if let Err(fault) = writer.turn(None, inbox) {
                            let escaped = match futures_util::poll!(&mut handler) {
                                Poll::Ready((status, body)) if status < 500 => Some((status, body)),
                                _ => None,
                            };
                            return (escaped, Some(fault.into()));
                        }
                    }
                    Some(_) => {
                        while let Ok(ask) = inbox.try_recv() {
                            writer.answer_as_standby(ask);
                        }
                    }
                }
                tokio::task::yield_now().await;
            }
        })
    }

    /// Its disk has no more room.
    pub fn fill_disk(&mut self) {
        self.writer.fill_disk();
    }

    /// The last entry that it knows.
    pub fn seq(&self) -> u64 {
        self.writer.seq()
    }

    /// Whether it still is the one that may write, by the store itself.
    pub fn is_newest(&self) -> bool {
        self.fence.is_none() || self.writer.newest_fence() == self.fence
    }

    /// The operator's token, where this hub made it.
    pub fn operator_token(&self) -> Option<String> {
        std::fs::read_to_string(self.standing.folder.join("operator.token")).ok().map(|token| token.trim().to_owned())
    }
}
