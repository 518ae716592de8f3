//! The agent's way to its hub: HTTP out, nothing in.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::hubs::Hubs;
use crate::tls::{self, Fingerprint};
use crate::wire::{HOST_HEADER, MARK_HEADER};

/// The hub could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Nothing answers there, or the answer broke off: worth another try.
    #[error("cannot reach the hub at {url}: {source}")]
    Unreachable {
        /// Where the hub should be.
        url: String,
        /// What the network said.
        #[source]
        source: Box<ureq::Error>,
    },
    /// What answers there is not the hub that is meant, or cannot show that it is.
    #[error("the certificate of the hub at {url} is not to be trusted: {problem}{hint}")]
    Untrusted {
        /// Where the hub should be.
        url: String,
        /// What is wrong with it.
        problem: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// The hub does not know the token, or the token is not this pool's.
    #[error("the hub refuses this agent ({status}): {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The hub's words.
        message: String,
    },
}

impl Fault {
    /// Whether the same request may succeed later.
    pub fn retryable(&self) -> bool {
        match self {
            Fault::Unreachable { .. } => true,
            Fault::Untrusted { .. } => false,
            Fault::Refused { status, .. } => *status >= 500 || *status == 429,
        }
    }
}

/// What a simulated network carries.
#[derive(Debug)]
pub struct Letter<'a> {
    /// The address.
    pub url: &'a str,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query.
    pub path: &'a str,
    /// The sender's token.
    pub bearer: String,
    /// Which agent it is.
    pub mark: &'a str,
    /// JSON; empty where nothing is sent.
    pub body: Vec<u8>,
}

/// Carries a letter and brings the answer, its status and body; `None` where one of the two is lost.
pub type Carrier = fn(&Letter) -> Option<(u16, Vec<u8>)>;

/// A connection to one hub with one token.
#[derive(Clone)]
pub struct Link {
    /// In a simulation.
    carrier: Option<Carrier>,
    hubs: Hubs,
    token: Arc<RwLock<String>>,
    mark: String,
    /// The one machine it speaks for, if it does; else empty.
    host: String,
    http: ureq::Agent,
}

impl fmt::Debug for Link {
    /// Without its token: what is debugged is logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("url", &self.url()).finish_non_exhaustive()
    }
}

impl Link {
    /// A link to the hub at `url` (to several of one store, parted by commas), whose certificate has this fingerprint, if one is known; nothing is sent yet.
    pub fn new(url: &str, token: &str, fingerprint: Option<Fingerprint>) -> Link {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        let token = Arc::new(RwLock::new(token.to_owned()));
        Link {
            carrier: None,
            hubs: Hubs::new(url),
            token,
            mark: String::new(),
            host: String::new(),
            http: tls::client(config, fingerprint),
        }
    }

    /// The same link over a simulated network.
    #[must_use]
    pub fn carried_by(mut self, carrier: Carrier) -> Link {
        self.carrier = Some(carrier);
        self
    }

    /// Sends over the simulated network, if this is a simulation.
    fn simulated<T: DeserializeOwned>(&self, method: &'static str, path: &str, body: Vec<u8>) -> Option<Result<T, Fault>> {
        let url = self.url();
        let letter = Letter { url, method, path, bearer: self.bearer(), mark: &self.mark, body };
        Some(match self.carrier?(&letter) {
            None => {
                self.hubs.turn(url, None);
                let lost = std::io::Error::from(std::io::ErrorKind::TimedOut);
                Err(Fault::Unreachable { url: url.to_owned(), source: Box::new(ureq::Error::Io(lost)) })
            }
            Some((status, body)) if (200..300).contains(&status) => serde_json::from_slice(&body)
                .map_err(|error| Fault::Refused { status, message: format!("an answer that cannot be read: {error}") }),
            Some((status, body)) => Err(self.refusal(url, status, String::from_utf8_lossy(&body).into_owned())),
        })
    }

    /// Shows this token from now on; all copies of the link do.
    pub(crate) fn show(&self, token: &str) {
        token.clone_into(&mut self.token.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same link, saying which agent speaks.
    pub fn marked(mut self, mark: &str) -> Link {
        self.mark = mark.to_owned();
        self
    }

    /// The same link, saying for which machine it speaks.
    pub(crate) fn hosted(mut self, host: &str) -> Link {
        self.host = host.to_owned();
        self
    }

    /// A request that says who asks.
    fn signed<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        let request = request.header("authorization", self.bearer()).header(MARK_HEADER, &self.mark);
        if self.host.is_empty() { request } else { request.header(HOST_HEADER, &self.host) }
    }

    /// The hub's address.
    pub fn url(&self) -> &str {
        self.hubs.url()
    }

    /// Asks.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        if let Some(answer) = self.simulated("GET", path, Vec::new()) {
            return answer;
        }
        let url = self.url();
        self.answer(url, self.signed(self.http.get(format!("{url}{path}"))).call())
    }

    /// Sends JSON.
    pub fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, Fault> {
        if self.carrier.is_some()
            && let Some(answer) = self.simulated("POST", path, serde_json::to_vec(body).unwrap_or_default())
        {
            return answer;
        }
        let url = self.url();
        self.answer(url, self.signed(self.http.post(format!("{url}{path}"))).send_json(body))
    }

    /// Sends JSON as it is, under a name by which the hub knows a repeat of it.
    pub(crate) fn post_named<T: DeserializeOwned>(&self, path: &str, name: &str, json: &str) -> Result<T, Fault> {
        let url = self.url();
        let request = self.signed(self.http.post(format!("{url}{path}"))).header("idempotency-key", name);
        self.answer(url, request.content_type("application/json").send(json))
    }

    /// Reads at most so many bytes of a text, and where a header says that they begin; `None` where it does not.
    pub(crate) fn get_piece(&self, path: &str, header: &str, most: u64) -> Result<(Option<u64>, Vec<u8>), Fault> {
        let url = self.url();
        let unreachable = |source| Fault::Unreachable { url: url.to_owned(), source: Box::new(source) };
        let mut response = self.signed(self.http.get(format!("{url}{path}"))).call().map_err(unreachable)?;
        let status = response.status().as_u16();
        if !(200..300).contains(&status) {
            return self.answer::<serde::de::IgnoredAny>(url, Ok(response)).map(|_| (None, Vec::new()));
        }
        let from = response.headers().get(header).and_then(|from| from.to_str().ok()?.parse().ok());
        let mut bytes = Vec::new();
        let read = std::io::Read::read_to_end(&mut std::io::Read::take(response.body_mut().as_reader(), most), &mut bytes);
        read.map_err(|error| unreachable(ureq::Error::Io(error)))?;
        Ok((from, bytes))
    }

    /// Sends bytes.
    pub fn post_bytes(&self, path: &str, body: &[u8]) -> Result<(), Fault> {
        let url = self.url();
        let request = self.signed(self.http.post(format!("{url}{path}")));
        self.answer::<serde::de::IgnoredAny>(url, request.send(body)).map(drop)
    }

    /// Whoever does not answer, or stands by, is not asked again before another one was.
    fn answer<T: DeserializeOwned>(
        &self,
        url: &str,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<T, Fault> {
        let unreachable = |source| {
            self.hubs.turn(url, None);
            match tls::untrusted(&source) {
                Some((problem, hint)) => Fault::Untrusted { url: url.to_owned(), problem, hint },
                None => Fault::Unreachable { url: url.to_owned(), source: Box::new(source) },
            }
        };
        let mut response = answer.map_err(unreachable)?;
        let status = response.status().as_u16();
        if (200..300).contains(&status) {
            return response.body_mut().with_config().limit(1 << 30).read_json().map_err(unreachable);
        }
        let message = response.body_mut().read_to_string().unwrap_or_default();
        Err(self.refusal(url, status, message))
    }

    /// What an answer that is none means; one of a hub that stands by turns the link to another.
    fn refusal(&self, url: &str, status: u16, message: String) -> Fault {
        if let Some(writer) = Hubs::elsewhere(status, &message) {
            self.hubs.turn(url, writer.as_deref());
        }
        let told = serde_json::from_str::<serde_json::Value>(&message).ok();
        let told = told.and_then(|value| value["error"]["message"].as_str().map(str::to_owned));
        Fault::Refused { status, message: told.unwrap_or(message) }
    }
}
