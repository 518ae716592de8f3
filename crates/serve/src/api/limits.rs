//! How much is taken from whom: requests a second of a token, requests without a good one of an address, bytes of a body, and bytes of all
//! bodies that are being read.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::Error;
use crate::access::{Grant, Role};

/// How much is taken from whom. 0 is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Requests that one token may make a second, in the long run.
    pub rate: u32,
    /// Requests that one token may make at once, after a silence.
    pub burst: u32,
    /// Requests without a good token that are answered to one address a minute.
    pub strangers: u32,
    /// Requests to change something that may wait at a time; each job of a batch is one.
    pub waiting: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { rate: 500, burst: 2000, strangers: 300, waiting: 50_000 }
    }
}

type Buckets<K> = RateLimiter<K, HashMapStateStore<K>, DefaultClock>;

/// What bodies may be read at a time, in all.
const BODIES_MOST: usize = 128 << 20;
/// Permits are of so many bytes.
const PIECE: usize = 1024;
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long what is refused may take to run out.
const RUNS_OUT_WITHIN: Duration = Duration::from_secs(5);
/// What of a stranger's body is let run out.
pub(super) const STRANGERS_BODY: usize = 64 << 10;
/// The most that a body may hold of a route that takes much: a batch of many thousand jobs, what a pool has, a series.
pub(super) const MUCH: usize = 8 << 20;
/// Of a form.
const FORM: usize = 256 << 10;

/// The most a body of a route may hold.
pub(super) fn body_most(method: &str, path: &str) -> usize {
    match (method, path) {
        ("POST", "/v1/jobs" | "/v1/signals" | "/v1/agent/hello" | "/v1/agent/inventory" | "/v1/agent/reports") => MUCH,
        ("POST", "/v1/agent/logs/{id}") => MUCH,
        // A scenario of a plan with its series.
        ("POST", "/v1/studies") => MUCH,
        _ => FORM,
    }
}

/// Keeps count.
pub(crate) struct Gate {
    tokens: Option<Buckets<i64>>,
    strangers: Option<Buckets<IpAddr>>,
    bodies: Arc<Semaphore>,
    clock: DefaultClock,
}

impl Gate {
    pub(crate) fn new(limits: &Limits) -> Gate {
        let some = NonZeroU32::new;
        let quota =
            some(limits.rate).map(|rate| Quota::per_second(rate).allow_burst(some(limits.burst).unwrap_or(rate).max(rate)));
        Gate {
            tokens: quota.map(RateLimiter::hashmap),
            strangers: some(limits.strangers).map(|rate| RateLimiter::hashmap(Quota::per_minute(rate))),
            bodies: Arc::new(Semaphore::new(BODIES_MOST / PIECE)),
            clock: DefaultClock::default(),
        }
    }

    /// Forgets who has not asked for a while.
    pub(crate) fn tidy(&self) {
        if let Some(tokens) = &self.tokens {
            tokens.retain_recent();
        }
        if let Some(strangers) = &self.strangers {
            strangers.retain_recent();
        }
    }

    /// A request of whoever bears a good token. Agents are counted by nobody: there is one a pool or a machine, and what they tell is what
    /// the hub lives of.
    pub(super) fn known(&self, who: &Grant) -> Result<(), Error> {
        let Some(tokens) = self.tokens.as_ref().filter(|_| who.role != Role::Agent) else { return Ok(()) };
        tokens.check_key(&who.id).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            later("too_many_requests", "this token asks more often than the hub takes from one", wait)
        })
    }

    /// A request without a good token. Good ones of the same address are not kept waiting by it: they may come through the same proxy, and
    /// 256 random bits are not found by trying.
    pub(super) fn stranger(&self, request: &Request) -> Result<(), Error> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let Some((strangers, peer)) = self.strangers.as_ref().zip(peer) else { return Ok(()) };
        strangers.check_key(&network(peer)).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            later("too_many_failures", "too many requests of this address had no good token", wait)
        })
    }

    /// Reads what a request sends, as far as its route takes it; and what holds its room among all that is being read.
    pub(super) async fn read(
        &self,
        request: Request,
        most: usize,
        who: &Grant,
    ) -> Result<(Request<Bytes>, Option<OwnedSemaphorePermit>), Response> {
        let too_large = || {
            let told = format!("a body of this route holds {most} bytes at most");
            Error::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &told).with("most_bytes", most.into())
        };
        let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
        let length = match length {
            Some(length) if length > most => return Err(refuse(request, too_large(), 2 * MUCH).await),
            Some(length) => length,
            None if chunked => most,
            // Of HTTP/2 nothing is told ahead, and GET sends nothing.
            None if request.method() == axum::http::Method::GET => 0,
            None => most,
        };
        let room = match who.role {
            Role::Agent => None,
            _ if length == 0 => None,
            _ => {
                let pieces = u32::try_from(length.div_ceil(PIECE)).unwrap_or(u32::MAX);
                match self.bodies.clone().try_acquire_many_owned(pieces) {
                    Ok(room) => Some(room),
                    Err(_) => {
                        let full = later("busy", "the hub reads as much as it takes at a time", Duration::from_secs(1));
                        return Err(refuse(request, full, most).await);
                    }
                }
            }
        };
        let (parts, body) = request.into_parts();
        let read = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, most)).await;
        let slow = |_| Error::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body did not come within a minute");
        // What broke off has nobody who would read the answer.
        let body = read.map_err(slow).and_then(|body| body.map_err(|_| too_large()));
        let body = body.map_err(|error| closing(error.into_response()))?;
        Ok((Request::from_parts(parts, body), room))
    }
}

/// Says no before what was sent was read. Whoever still sends would not hear the answer, so it is let run out, as far as that goes.
pub(super) async fn refuse(request: Request, error: Error, most: usize) -> Response {
    let mut body = request.into_body().into_data_stream();
    let run_out = async {
        let mut left = most;
        while let Some(piece) = body.next().await {
            let Some(less) = piece.ok().and_then(|piece| left.checked_sub(piece.len())) else { return false };
            left = less;
        }
        true
    };
    let answer = error.into_response();
    match tokio::time::timeout(RUNS_OUT_WITHIN, run_out).await {
        Ok(true) => answer,
        _ => closing(answer),
    }
}

/// An answer after which nothing more can be asked by the same connection.
fn closing(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// A request with a body that has been read.
pub(super) fn whole(request: Request<Bytes>) -> Request {
    request.map(Body::from)
}

/// Not now, but after so long.
pub(super) fn later(code: &str, message: &str, wait: Duration) -> Error {
    let seconds = wait.as_millis().div_ceil(1000).max(1) as u64;
    Error::new(StatusCode::TOO_MANY_REQUESTS, code, &format!("{message}; ask again in {seconds} s")).after(seconds)
}

/// Whoever has one address of the newer kind has as many as they like of the same network.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => IpAddr::V4(four),
            None => IpAddr::V6(Ipv6Addr::from(u128::from(six) & (u128::MAX << 64))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(id: i64, role: Role) -> Grant {
        Grant { id, role, subject: "somebody".parse().unwrap(), expires: None, agent: None }
    }

    #[test]
    fn a_token_that_asks_too_often_waits_and_others_do_not() {
        let gate = Gate::new(&Limits { rate: 1, burst: 3, ..Limits::default() });
        let (one, other, agent) = (who(1, Role::Tenant), who(2, Role::Tenant), who(3, Role::Agent));
        assert!((0..3).all(|_| gate.known(&one).is_ok()));
        assert!(gate.known(&one).is_err() && gate.known(&other).is_ok());
        assert!((0..100).all(|_| gate.known(&agent).is_ok()));
        assert!(Gate::new(&Limits { rate: 0, ..Limits::default() }).tokens.is_none());
    }

    #[test]
    fn an_address_of_the_newer_kind_is_its_network() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }

    #[test]
    fn a_form_is_short_and_a_batch_may_be_long() {
        assert_eq!(body_most("PUT", "/v1/tenants/{name}"), FORM);
        assert_eq!(body_most("POST", "/v1/jobs"), MUCH);
    }
}
