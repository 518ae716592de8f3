//! The hubs of one store, of which one writes: whoever asks them asks the one that last answered, and the next where it does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The addresses, and which of them is asked. Copies turn together.
#[derive(Debug, Clone)]
pub struct Hubs {
    urls: Arc<[String]>,
    at: Arc<AtomicUsize>,
}

impl Hubs {
    /// Addresses parted by commas; one is usual.
    pub fn new(text: &str) -> Hubs {
        let urls = text.split(',').map(|url| url.trim().trim_end_matches('/').to_owned());
        Hubs { urls: urls.collect(), at: Arc::default() }
    }

    /// The one that is asked.
    pub fn url(&self) -> &str {
        &self.urls[self.at.load(Ordering::Relaxed) % self.urls.len()]
    }

    /// Whether there is another one to ask.
    pub fn many(&self) -> bool {
        self.urls.len() > 1
    }

    /// Turns to another one, unless somebody did already: to the one that writes, where it was told and is one of these, else to the next.
    pub fn turn(&self, from: &str, writer: Option<&str>) {
        let Some(at) = self.urls.iter().position(|url| url == from) else { return };
        let told = writer.map(|writer| writer.trim_end_matches('/'));
        let to = told.and_then(|writer| self.urls.iter().position(|url| url == writer)).unwrap_or((at + 1) % self.urls.len());
        let _ = self.at.compare_exchange(at, to, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Where the hub is that writes, where an answer tells it: `None` if it is no answer of a hub that stands by or stops.
    pub fn elsewhere(status: u16, body: &str) -> Option<Option<String>> {
        let told: serde_json::Value = (status == 503).then(|| serde_json::from_str(body).ok()).flatten()?;
        let error = &told["error"];
        ["standby", "stopping"].contains(&error["code"].as_str()?).then(|| error["writer"].as_str().map(str::to_owned))
    }
}

/// A value as part of an address.
pub fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::Hubs;

    #[test]
    fn the_next_hub_is_asked_once_however_many_find_the_one_before_away() {
        let hubs = Hubs::new("http://one/, http://two,http://three");
        let copy = hubs.clone();
        hubs.turn("http://one", None);
        copy.turn("http://one", None);
        assert_eq!(hubs.url(), "http://two");
        copy.turn("http://two", Some("http://one/"));
        assert_eq!(hubs.url(), "http://one");
        hubs.turn("http://one", Some("http://unknown"));
        assert_eq!(hubs.url(), "http://two");
    }

    #[test]
    fn only_a_hub_that_stands_by_or_stops_sends_elsewhere() {
        let standby = r#"{"error":{"code":"standby","writer":"http://two","message":""}}"#;
        assert_eq!(Hubs::elsewhere(503, standby), Some(Some("http://two".to_owned())));
        assert_eq!(Hubs::elsewhere(503, r#"{"error":{"code":"stopping"}}"#), Some(None));
        assert_eq!(Hubs::elsewhere(503, "no healthy upstream"), None);
        assert_eq!(Hubs::elsewhere(409, standby), None);
    }
}
