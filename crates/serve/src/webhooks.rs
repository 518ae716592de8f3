//! Telling others what happens: CloudEvents 1.0 over HTTP, from the journal, at least once and in order.
//!
//! Each webhook remembers up to which entry its receiver has been told, so that nothing is left out while the receiver, or the hub, is
//! down. What it is told twice has the same id. Requests are signed as Standard Webhooks says (<https://www.standardwebhooks.com>).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dispatch::{Fact, Stop};
use hmac::{Hmac, KeyInit, Mac};
use measure::{JobId, TenantId, Time};
use serde_json::{Value, json};
use settle::{Body, Entry};
use sha2::Sha256;
use tokio::sync::{Notify, broadcast, watch};

use crate::hub::{Change, HubHandle};
use crate::store::{Reader, StoreFault};

/// A webhook as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Webhook {
    pub(crate) name: String,
    pub(crate) url: String,
    /// `job`, `money`.
    pub(crate) events: Vec<String>,
    /// Only what concerns this tenant.
    pub(crate) tenant: Option<String>,
    pub(crate) made: Time,
    /// The last entry that was told, or need not be.
    pub(crate) told: u64,
    /// Why the receiver cannot be told now.
    pub(crate) trouble: Option<String>,
}

/// The kinds of events.
pub(crate) const KINDS: [&str; 2] = ["job", "money"];

/// What the hub signs with lies in its folder; a webhook's own secret follows from it, and is kept nowhere.
pub(crate) const KEY: &str = "webhook.key";

/// The key that all secrets follow from; made where it is missing.
pub(crate) fn key(folder: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path = folder.join(KEY);
    match std::fs::read(&path) {
        Ok(key) if key.len() >= 32 => return Ok(key),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let key = execute::credential::new_secret("").map_err(|error| std::io::Error::other(error.to_string()))?.into_bytes();
    let new = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
    file.write_all(&key)?;
    file.sync_all()?;
    std::fs::rename(&new, &path)?;
    Ok(key)
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// The secret of a webhook, as its receiver is given it.
pub(crate) fn secret(key: &[u8], name: &str, made: Time) -> String {
    format!("whsec_{}", STANDARD.encode(mac(key, &[b"webhook", name.as_bytes(), &made.0.to_be_bytes()])))
}

/// What is sent with a body, by which its receiver knows that it is of this hub: of the message's id, its instant in seconds, and itself.
pub(crate) fn signature(secret: &str, id: &str, seconds: i64, body: &[u8]) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap_or_default();
    let head = format!("{id}.{seconds}.");
    format!("v1,{}", STANDARD.encode(mac(&key, &[head.as_bytes(), body])))
}

/// What is known of a job beside an entry: its name, its tenant.
pub(crate) type Whose = BTreeMap<JobId, (String, String)>;

/// The event that an entry is, if it is one: its type, its subject, whose it is, and what it tells.
pub(crate) fn event(
    entry: &Entry,
    whose: &Whose,
    tenants: &BTreeMap<TenantId, String>,
    pools: &BTreeMap<measure::PoolId, String>,
) -> Option<(&'static str, &'static str, String, String, Value)> {
    let pool = |id: &measure::PoolId| pools.get(id).cloned();
    let of_job = |what: &'static str, id: &JobId, more: Value| {
        let (name, tenant) = whose.get(id).cloned().unwrap_or_default();
        let mut data = json!({ "job": id.to_string(), "name": name, "tenant": tenant });
        if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
        }
        Some(("job", what, id.to_string(), tenant, data))
    };
    let of_bill = |what: &'static str, bill: &settle::Bill, more: Value| {
        let (place, provider) = bill.place.as_ref()?;
        let yuan = |money: measure::Money| serde_json::value::RawValue::from_string(money.yuan()).ok();
        let mut data = json!({
            "job": bill.job.to_string(), "attempt": bill.attempt, "tenant": tenants.get(&bill.tenant), "provider": provider,
            "pool": pool(place), "run_s": bill.run.as_seconds(), "price_yuan": yuan(bill.price), "fee_yuan": yuan(bill.fee()),
            "energy_kwh": bill.energy.as_kwh(), "carbon_kg": bill.carbon.map(measure::Carbon::as_kg),
        });
        if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
        }
        Some(("money", what, bill.job.to_string(), tenants.get(&bill.tenant).cloned().unwrap_or_default(), data))
    };
    let of_tenant = |what: &'static str, id: &TenantId, data: Value| {
        let tenant = tenants.get(id).cloned().unwrap_or_default();
        let mut all = json!({ "tenant": tenant });
        if let (Some(all), Value::Object(data)) = (all.as_object_mut(), data) {
            all.extend(data);
        }
        Some(("money", what, tenant.clone(), tenant, all))
    };
    match &entry.body {
        Body::Fact(Fact::Submitted(id, _)) => of_job("job.submitted", id, json!({ "state": "waiting" })),
        Body::Fact(Fact::Placed(id, place)) => of_job("job.placed", id, json!({ "state": "placed", "pool": pool(&place.pool) })),
        Body::Fact(Fact::Started(id)) => of_job("job.started", id, json!({ "state": "running" })),
        Body::Fact(Fact::StopWanted(id, stop)) => {
            let by = match stop {
                Stop::Preempted { by, .. } => Some(by.to_string()),
                _ => None,
            };
            of_job("job.stopping", id, json!({ "state": "stopping", "for": by }))
        }
        Body::Fact(Fact::Yielded(id, end, ..)) => {
            of_job("job.yielded", id, json!({ "state": "waiting", "end": end.to_string() }))
        }
        Body::Fact(Fact::Ended(id, end, _)) => {
            of_job("job.ended", id, json!({ "state": end.state(), "end": end.to_string(), "exit_code": end.exit_code() }))
        }
        Body::Settled(bill) | Body::Attempted(bill) => of_bill("money.billed", bill, json!({})),
        Body::Corrected(correction) => {
            let was = serde_json::value::RawValue::from_string(correction.was.yuan()).ok();
            of_bill("money.corrected", &correction.bill, json!({ "was_yuan": was, "why": correction.why }))
        }
        Body::Granted(id, credit, reason) => of_tenant(
            "money.credit-granted",
            id,
            json!({ "amount_yuan": serde_json::value::RawValue::from_string(credit.left.yuan()).ok(), "reason": reason }),
        ),
        Body::Expired(id, left) => of_tenant(
            "money.credit-expired",
            id,
            json!({ "left_yuan": serde_json::value::RawValue::from_string(left.yuan()).ok() }),
        ),
        Body::Fact(Fact::Funded(id, purse)) => {
            let amount = purse.as_ref().and_then(|purse| serde_json::value::RawValue::from_string(purse.amount.yuan()).ok());
            of_tenant("money.budget-set", id, json!({ "amount_yuan": amount }))
        }
        _ => None,
    }
}

/// What is told at once: at most so many events a request, of at most so many entries.
const BATCH: usize = 200;
const ENTRIES: u32 = 2000;
/// Between two attempts to reach a receiver: twice as long each time, between these.
const SOONEST: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_secs(300);
/// How far a receiver has been told is written so often, since each time is a sync of the disk.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// What telling needs of the hub.
pub(crate) struct Teller {
    pub(crate) hub: HubHandle,
    pub(crate) reader: Arc<Reader>,
    pub(crate) key: Vec<u8>,
    /// A number of this hub that no other has: of its first entry's hash.
    source: Mutex<Option<String>>,
    changes: broadcast::Sender<Arc<Change>>,
    stopping: watch::Receiver<bool>,
    live: Mutex<BTreeMap<String, Arc<Notify>>>,
}

impl Teller {
    pub(crate) fn new(
        hub: HubHandle,
        reader: Arc<Reader>,
        key: Vec<u8>,
        changes: broadcast::Sender<Arc<Change>>,
        stopping: watch::Receiver<bool>,
    ) -> Teller {
        Teller { hub, reader, key, source: Mutex::default(), changes, stopping, live: Mutex::default() }
    }

    /// Begins to tell the receiver of a webhook, or lets the one who tells it look at it again.
    pub(crate) fn follow(self: &Arc<Teller>, name: &str) {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(teller) = live.get(name) {
            teller.notify_one();
            return;
        }
        let again = Arc::new(Notify::new());
        live.insert(name.to_owned(), again.clone());
        let (teller, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move {
            let mut stopping = teller.stopping.clone();
            tokio::select! {
                () = teller.tell(&name, &again) => {}
                _ = stopping.wait_for(|stop| *stop) => {}
            }
            teller.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
        });
    }

    async fn kept(&self, name: &str) -> Option<Webhook> {
        let (reader, name) = (self.reader.clone(), name.to_owned());
        let all = tokio::task::spawn_blocking(move || reader.webhooks()).await.ok()?.ok()?;
        all.into_iter().find(|hook| hook.name == name)
    }

    /// Tells a receiver what happens, until the webhook is gone.
    async fn tell(&self, name: &str, again: &Notify) {
        let mut changes = self.changes.subscribe();
        let (mut wait, mut noted) = (SOONEST, Instant::now());
        let Some(mut hook) = self.kept(name).await else { return };
        let mut told = hook.told;
        loop {
            let step = self.step(&hook, told).await;
            match step {
                Ok(Some(seq)) => {
                    told = seq;
                    wait = SOONEST;
                    if noted.elapsed() >= NOTE_EVERY || hook.trouble.is_some() {
                        self.note(&mut hook, told, None).await;
                        noted = Instant::now();
                    }
                }
                Ok(None) => {
                    if told != hook.told || hook.trouble.is_some() {
                        self.note(&mut hook, told, None).await;
                        noted = Instant::now();
                    }
                    tokio::select! {
                        change = changes.recv() => if matches!(change, Err(broadcast::error::RecvError::Closed)) { return },
                        () = again.notified() => {}
                        () = tokio::time::sleep(Duration::from_secs(30)) => {}
                    }
                    match self.kept(name).await {
                        Some(kept) if kept.made == hook.made => {}
                        Some(kept) => (told, hook) = (kept.told, kept),
                        None => return,
                    }
                }
                Err(trouble) => {
                    if hook.trouble.as_ref() != Some(&trouble) {
                        tracing::warn!(webhook = name, "{trouble}");
                        self.note(&mut hook, told, Some(trouble)).await;
                    }
                    tokio::select! {
                        () = again.notified() => {}
                        () = tokio::time::sleep(wait) => {}
                    }
                    wait = (wait * 2).min(LATEST);
                    match self.kept(name).await {
                        Some(kept) if kept.made == hook.made => {}
                        Some(kept) => (told, hook) = (kept.told, kept),
                        None => return,
                    }
                }
            }
        }
    }

    async fn note(&self, hook: &mut Webhook, told: u64, trouble: Option<String>) {
        (hook.told, hook.trouble) = (told, trouble);
        let hook = hook.clone();
        // A hub that stops tells again what was not noted.
        let _ = self.hub.write(move |store| store.note_webhook(&hook)).await;
    }

    /// Tells the next entries: the last entry told, nothing where there is none, or what went wrong.
    async fn step(&self, hook: &Webhook, told: u64) -> Result<Option<u64>, String> {
        let reader = self.reader.clone();
        let read = tokio::task::spawn_blocking(move || reader.told_after(told, ENTRIES)).await;
        let (entries, whose, tenants, pools) =
            read.map_err(|_| "a reader panicked; this is a bug".to_owned())?.map_err(|fault: StoreFault| fault.to_string())?;
        let Some(last) = entries.last().map(|entry| entry.seq) else { return Ok(None) };
        let source = self.source().await?;
        let wanted = |(kind, _, _, tenant, _): &(&str, &str, String, String, Value)| {
            hook.events.iter().any(|wanted| wanted == kind) && hook.tenant.as_ref().is_none_or(|wanted| wanted == tenant)
        };
        let events: Vec<Value> = entries
            .iter()
            .filter_map(|entry| {
                let found = event(entry, &whose, &tenants, &pools)?;
                wanted(&found).then_some((entry, found))
            })
            .map(|(entry, (_, what, subject, _, data))| {
                json!({
                    "specversion": "1.0", "id": entry.seq.to_string(), "source": source, "type": format!("shugu.{what}"),
                    "subject": subject, "time": entry.at.to_string(), "datacontenttype": "application/json", "data": data,
                })
            })
            .collect();
        for batch in events.chunks(BATCH) {
            let (url, secret) = (hook.url.clone(), secret(&self.key, &hook.name, hook.made));
            let id = batch.first().and_then(|event| event["id"].as_str()).unwrap_or_default().to_owned();
            let body = serde_json::to_vec(batch).expect("events are plain data");
            let sent = tokio::task::spawn_blocking(move || post(&url, &secret, &id, &body)).await;
            sent.map_err(|_| "sending panicked; this is a bug".to_owned())??;
        }
        Ok(Some(last))
    }

    async fn source(&self) -> Result<String, String> {
        if let Some(source) = self.source.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Ok(source);
        }
        let reader = self.reader.clone();
        let first = tokio::task::spawn_blocking(move || reader.first_hash()).await;
        let first = first.map_err(|_| "a reader panicked; this is a bug".to_owned())?.map_err(|fault| fault.to_string())?;
        let source = format!("urn:shugu:hub:{}", first.get(..16).unwrap_or_default());
        *self.source.lock().unwrap_or_else(PoisonError::into_inner) = Some(source.clone());
        Ok(source)
    }
}

/// Sends a batch of events. No redirect is followed, so that events go where an operator said and nowhere else.
fn post(url: &str, secret: &str, id: &str, body: &[u8]) -> Result<(), String> {
    let seconds = crate::clock::now().0.div_euclid(1000);
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(15)))
        .max_redirects(0)
        .http_status_as_error(false)
        .build();
    let request = ureq::Agent::new_with_config(config)
        .post(url)
        .header("content-type", "application/cloudevents-batch+json; charset=utf-8")
        .header("user-agent", concat!("shugu/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", id)
        .header("webhook-timestamp", &seconds.to_string())
        .header("webhook-signature", &signature(secret, id, seconds, body));
    match request.send(body) {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("{url} answers {}", answer.status())),
        Err(error) => Err(format!("{url} cannot be reached: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // The example of the specification's reference implementations.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = br#"{"test": 2432232314}"#;
        let signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_webhook_has_a_secret_of_its_own() {
        let of = |name: &str, made: i64| secret(b"a key of the hub's folder, long enough", name, Time(made));
        assert_eq!(of("billing", 1), of("billing", 1));
        assert_ne!(of("billing", 1), of("other", 1));
        assert_ne!(of("billing", 1), of("billing", 2), "one that is made anew is another");
    }
}
