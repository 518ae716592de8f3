//! Requests to a whole hub, by anybody who has a token: none ends it or is answered as a fault of its own, and its journal is sound.
//!
//! A request is a line `WHO METHOD PATH`, its body, and an empty line. WHO is operator, tenant, provider, agent, or anybody.

use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use census::Census;
use measure::{Span, Time};
use serde_json::{Value, json};
use serve::Store;
use serve::simulated::Hub;
use tempfile::TempDir;

/// One of the census.
const MODEL: &str = "A100 SXM4 40GB";
const JOURNAL: &str = "journal.db";
const MARK: &str = "0123456789abcdef0123456789abcdef";
/// 2026-01-01.
const BEGINS: i64 = 1_767_225_600_000;
/// The most requests of an input.
const REQUESTS_MOST: usize = 12;

/// Answers that take their time: whoever asks is held until something happens.
const HELD: [&str; 3] = ["/v1/events", "/logs", "/v1/agent/wanted"];

/// Everybody's tokens.
#[derive(Debug, Clone, Default)]
struct Keys {
    operator: String,
    tenant: String,
    provider: String,
    agent: String,
}

struct Hall {
    hub: Hub,
    /// How many requests there were: a second each.
    seconds: u64,
    keys: Keys,
}

/// A hub as each input finds it: made once, and copied.
struct Prepared {
    folder: TempDir,
    seconds: u64,
    keys: Keys,
}

thread_local! {
    static PREPARED: Prepared = {
        let folder = folder();
        let Hall { hub, seconds, keys } = Hall::make(folder.path());
        drop(hub);
        Prepared { folder, seconds, keys }
    };
}

/// In memory, where there is such a folder.
fn folder() -> TempDir {
    let shared = Path::new("/dev/shm");
    let folder = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
    folder.expect("there is room")
}

/// Asks one after the other, and audits what is left.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let folder = folder();
    let mut hall = PREPARED.with(|prepared| Hall::open(prepared, folder.path()));
    for request in text.split("\n\n").take(REQUESTS_MOST) {
        let (head, body) = request.split_once('\n').unwrap_or((request, ""));
        let words: Vec<&str> = head.split(' ').collect();
        if let [who, method, path] = words[..]
            && !HELD.iter().any(|held| path.contains(held))
        {
            hall.checked(who, method, path, body);
        }
    }
    drop(hall.hub);
    let audit = serve::audit(&store(folder.path()), None).expect("the journal is read");
    assert_eq!(audit.violations, Vec::<String>::new());
}

fn store(folder: &Path) -> Store {
    Store::Sqlite(folder.join(JOURNAL))
}

fn start(folder: &Path) -> Hub {
    let mut hub = Hub::start(folder, &store(folder), "http://127.0.0.1:1", Span::seconds(3600), &census()).expect("a hub starts");
    hub.turn().expect("its store is there");
    hub
}

/// The shipped census, but for most of its rows: each hub takes it in anew.
fn census() -> Census {
    let file = |name: &str, text: &str, rows: usize| {
        let text = text.split_inclusive('\n').take(1 + rows).collect();
        census::File { name: name.to_owned(), text }
    };
    let all = usize::MAX - 1;
    let files = [
        file("hub.toml", include_str!("../../data/guizhou/hub.toml"), all),
        file("accelerators.csv", include_str!("../../data/accelerators.csv"), 12),
        file("providers.csv", include_str!("../../data/guizhou/providers.csv"), all),
        file("sites.csv", include_str!("../../data/guizhou/sites.csv"), 2),
        file("tariffs.csv", include_str!("../../data/sample/tariffs.csv"), all),
    ];
    let mut census = census::read(&files).expect("the shipped census is read");
    census.providers.retain(|id, _| census.sites.values().any(|site| site.provider.as_ref() == Some(id)));
    census
}

impl Hall {
    /// A copy of what was prepared.
    fn open(prepared: &Prepared, folder: &Path) -> Hall {
        std::fs::copy(prepared.folder.path().join(JOURNAL), folder.join(JOURNAL)).expect("there is room");
        tell_time(prepared.seconds);
        Hall { hub: start(folder), seconds: prepared.seconds, keys: prepared.keys.clone() }
    }

    /// A hub with a pool and its agent, a tenant, a job that runs and one that has ended.
    fn make(folder: &Path) -> Hall {
        tell_time(0);
        let hub = start(folder);
        let operator = hub.operator_token().expect("the first hub writes one");
        let mut hall = Hall { hub, seconds: 0, keys: Keys { operator, ..Keys::default() } };
        let pool = hall.made(
            "operator",
            "POST",
            "/v1/pools",
            &json!({ "name": "pool-0", "provider": "provider-0", "executor": "slurm" }),
        );
        hall.keys.agent = token(&pool);
        let secret = format!("shugu_{}", "0123456789abcdef".repeat(4));
        hall.made("agent", "POST", "/v1/agent/join", &json!({ "credential": secret }));
        hall.keys.agent = secret;
        let node = |number: u32| json!({ "name": format!("node-{number}"), "model": MODEL, "devices": 8, "cpu": 64_000, "memory": 1_u64 << 38 });
        let hello = json!({ "version": "0", "executor": "slurm", "nodes": [node(0), node(1)] });
        hall.made("agent", "POST", "/v1/agent/hello", &hello);
        hall.made("operator", "PUT", "/v1/tenants/llm-lab", &json!({ "weight": 2 }));
        hall.keys.tenant =
            token(&hall.made("operator", "POST", "/v1/tokens", &json!({ "role": "tenant", "subject": "llm-lab" })));
        hall.keys.provider =
            token(&hall.made("operator", "POST", "/v1/tokens", &json!({ "role": "provider", "subject": "provider-0" })));
        for _ in 0..2 {
            hall.made("tenant", "POST", "/v1/jobs", &json!({ "command": ["date"], "devices": 1 }));
        }
        let usage = json!({ "run": 1000, "cpu": 1000, "peak_memory": 1, "energy": 1, "energy_source": "modelled" });
        let ended = json!([2, { "Ended": [{ "Exited": 0 }, usage] }]);
        hall.made("agent", "POST", "/v1/agent/reports", &json!({ "reports": [[1, "Started"], [2, "Started"], ended] }));
        hall
    }

    fn ask(&mut self, who: &str, method: &str, path: &str, body: &str) -> Option<(u16, Vec<u8>)> {
        self.seconds += 1;
        tell_time(self.seconds);
        let token = match who {
            "operator" => &self.keys.operator,
            "tenant" => &self.keys.tenant,
            "provider" => &self.keys.provider,
            "agent" => &self.keys.agent,
            _ => "",
        };
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
        let request = request.header(execute::wire::MARK_HEADER, MARK).body(Body::from(body.to_owned())).ok()?;
        let (answer, died) = self.hub.ask(request);
        assert!(died.is_none(), "{who} {method} {path} ended the hub: {died:?}");
        self.hub.turn().expect("the hub goes on");
        answer
    }

    /// What the hub's own setting asks must be granted.
    fn made(&mut self, who: &str, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(who, method, path, &body.to_string()).expect("it is a request");
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        assert!((200..300).contains(&status), "{who} {method} {path}: {status} {answer}");
        answer
    }

    fn checked(&mut self, who: &str, method: &str, path: &str, body: &str) {
        let Some((status, answer)) = self.ask(who, method, path, body) else { return };
        let said = String::from_utf8_lossy(&answer);
        // 501: this hub runs no studies.
        assert!(status < 500 || [501, 503].contains(&status), "{who} {method} {path} {body}: {status} {said}");
        if (400..500).contains(&status) && ![404, 405].contains(&status) {
            let code =
                serde_json::from_slice::<Value>(&answer).ok().and_then(|told| Some(told["error"]["code"].as_str()?.to_owned()));
            assert!(code.is_some(), "{who} {method} {path} {body}: {status} without a code: {said}");
        }
    }
}

fn token(made: &Value) -> String {
    made["token"].as_str().expect("a token is told once").to_owned()
}

fn tell_time(seconds: u64) {
    let wall = Time(BEGINS + i64::try_from(seconds * 1000).unwrap_or(i64::MAX));
    execute::simulated::tell_time(wall, Duration::from_secs(1000 + seconds));
}
