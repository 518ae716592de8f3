//! The agent's way to its hub: HTTP out, nothing in.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::wire::MARK_HEADER;

/// The hub could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Nothing answers there, or the answer broke off: worth another try.
    #[error("cannot reach the hub at {url}")]
    Unreachable {
        /// Where the hub should be.
        url: String,
        /// What the network said.
        #[source]
        source: Box<ureq::Error>,
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
            Fault::Refused { status, .. } => *status >= 500 || *status == 429,
        }
    }
}

/// A connection to one hub with one token.
#[derive(Debug, Clone)]
pub struct Link {
    url: String,
    token: String,
    mark: String,
    http: ureq::Agent,
}

impl Link {
    /// A link to the hub at `url`; nothing is sent yet.
    pub fn new(url: &str, token: &str) -> Link {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Link { url: url.trim_end_matches('/').to_owned(), token: token.to_owned(), mark: String::new(), http: config.into() }
    }

    /// The same link, saying which agent speaks.
    pub fn marked(mut self, mark: &str) -> Link {
        self.mark = mark.to_owned();
        self
    }

    /// The hub's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Asks.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        let request = self
            .http
            .get(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header(MARK_HEADER, &self.mark);
        self.answer(request.call())
    }

    /// Sends JSON.
    pub fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, Fault> {
        let request = self
            .http
            .post(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header(MARK_HEADER, &self.mark);
        self.answer(request.send_json(body))
    }

    /// Sends bytes.
    pub fn post_bytes(&self, path: &str, body: &[u8]) -> Result<(), Fault> {
        let request = self
            .http
            .post(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header(MARK_HEADER, &self.mark);
        self.answer::<serde::de::IgnoredAny>(request.send(body)).map(drop)
    }

    fn answer<T: DeserializeOwned>(&self, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<T, Fault> {
        let unreachable = |source| Fault::Unreachable { url: self.url.clone(), source: Box::new(source) };
        let mut response = answer.map_err(unreachable)?;
        let status = response.status().as_u16();
        if (200..300).contains(&status) {
            return response.body_mut().with_config().limit(1 << 30).read_json().map_err(unreachable);
        }
        let message = response.body_mut().read_to_string().unwrap_or_default();
        let told = serde_json::from_str::<serde_json::Value>(&message).ok();
        let told = told.and_then(|value| value["error"]["message"].as_str().map(str::to_owned));
        Err(Fault::Refused { status, message: told.unwrap_or(message) })
    }
}
