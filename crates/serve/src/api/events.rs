//! What changes, as server-sent events.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use dispatch::Fact;
use futures_util::stream::{self, StreamExt};
use measure::JobId;
use serde_json::json;
use settle::{Body, Ledger};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::watch;

use super::App;
use super::error::Error;
use super::jobs::blocking;
use crate::access::{Grant, Role};
use crate::hub::Change;
use crate::hub::change::{self, Known};
use crate::store::Missed;

/// By which a follower says what it was told last.
const LAST: &str = "last-event-id";
/// Who was away for more entries than these looks for itself.
const MISSED_MOST: u32 = 10_000;
/// A follower who is told nothing hears that the hub is there so often.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// What happened at once is written at once, so many changes at a time.
const TOGETHER: usize = 256;

/// Follows changes: `job` (id and state), `pool`, `tenant`, `closing`, `data`, `census`, `money` (bills that are no job's end, corrections,
/// disputes, credits), `study`, and `missed` when a follower was too slow and must look for itself. A tenant hears of its own jobs and
/// money and its projects', a provider of what concerns its pools; studies are heard of by operators. An event's id is its entry of the
/// journal: whoever comes back with it in `Last-Event-ID` is told first what came after it.
#[utoipa::path(get, path = "/v1/events", tag = "hub", responses((status = 200, content_type = "text/event-stream", body = String), (status = 400)))]
pub(crate) async fn events(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    // Followed before the journal is read: what happens meanwhile is heard of, once.
    let (changes, bell) = (app.shared.changes.subscribe(), app.turns.join());
    let last = headers.get(LAST).filter(|value| !value.is_empty());
    let last = last.map(|value| value.to_str().ok().and_then(|text| text.parse::<u64>().ok()));
    let last = last.map(|seq| seq.ok_or_else(|| Error::field("Last-Event-ID", "is the id of an event"))).transpose()?;
    let (before, told) = match last {
        None => (Vec::new(), 0),
        Some(seq) => since(&app, &who, seq).await?,
    };
    let mut stopping = app.stopping.clone();
    let shown = stream::unfold((changes, bell), move |(mut changes, mut bell)| {
        let who = who.clone();
        async move {
            let bytes = loop {
                let texts = ready(&mut changes, &mut bell, told, &who);
                if !texts.is_empty() {
                    break texts;
                }
                bell.changed().await.ok()?;
            };
            Some((Bytes::from(bytes), (changes, bell)))
        }
    });
    let signs = stream::unfold((), |()| async {
        tokio::time::sleep(SIGN_OF_LIFE).await;
        Some((Bytes::from_static(b":\n\n"), ()))
    });
    let until = async move { drop(stopping.wait_for(|stop| *stop).await) };
    // Whoever follows is to know at once that it is followed, and not with the first change.
    let first = stream::iter([Bytes::from(format!(": following\n\n{}", before.concat()))]);
    let all = first.chain(stream::select(shown, Box::pin(signs)).take_until(Box::pin(until))).map(Ok::<_, Infallible>);
    let kind = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
    Ok((kind, Answer::from_stream(all)).into_response())
}

/// What is there to be told, at most of [`TOGETHER`] changes. The bell rings for what comes after this look.
fn ready(changes: &mut Receiver<Arc<Change>>, bell: &mut watch::Receiver<()>, told: u64, who: &Grant) -> String {
    bell.mark_unchanged();
    let mut texts = String::new();
    for _ in 0..TOGETHER {
        match changes.try_recv() {
            Ok(change) if change.entry.is_none_or(|entry| entry > told) && may_hear(who, &change) => {
                texts.push_str(text(&change))
            }
            Ok(_) => {}
            Err(TryRecvError::Lagged(missed)) => texts.push_str(&lost(missed, None)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return texts,
        }
    }
    // There may be more.
    bell.mark_changed();
    texts
}

/// That so many changes were not told, up to an entry where that is known.
fn lost(missed: u64, entry: Option<u64>) -> String {
    let id = entry.map(|entry| format!("id: {entry}\n")).unwrap_or_default();
    format!("event: missed\ndata: {}\n{id}\n", json!({ "missed": missed }))
}

/// What somebody may hear of what happened after an entry, and the last entry that was looked at for it.
async fn since(app: &App, who: &Grant, seq: u64) -> Result<(Vec<String>, u64), Error> {
    let reader = app.reader.clone();
    let missed = blocking(move || reader.missed(seq, MISSED_MOST)).await??;
    let now = app.hub.look(|ledger| ledger.seq).await?;
    match missed {
        None => Ok((vec![lost(now.saturating_sub(seq), Some(now))], now)),
        Some(missed) => {
            let (told, asker) = (missed.entries.last().map_or(seq.min(now), |entry| entry.seq), who.clone());
            let changes = app.hub.look(move |ledger| again(&missed, ledger)).await?;
            Ok((changes.iter().filter(|change| may_hear(&asker, change)).map(|change| text(change).to_owned()).collect(), told))
        }
    }
}

/// The changes of entries of the past.
fn again(missed: &Missed, ledger: &Ledger) -> Vec<Change> {
    let hub = &ledger.hub;
    // Where each job was placed meanwhile, in order.
    let mut places: BTreeMap<JobId, Vec<(u64, Option<String>)>> = BTreeMap::new();
    for entry in &missed.entries {
        if let Body::Fact(Fact::Placed(job, place)) = &entry.body {
            let provider = hub.pools.get(&place.pool).map(|pool| pool.join.provider.to_string());
            places.entry(*job).or_default().push((entry.seq, provider));
        }
    }
    let provider = |job: JobId, seq: u64| match places.get(&job) {
        // Where it was before all of them is not known any more.
        Some(places) => places.iter().rev().find(|(placed, _)| *placed < seq)?.1.clone(),
        None => missed.jobs.get(&job)?.provider.clone(),
    };
    let known = Known {
        hub,
        tenant: &|job| Some(missed.jobs.get(&job)?.tenant.clone()),
        provider: &provider,
        end: &|job| Some(missed.jobs.get(&job)?.state.clone()),
    };
    missed.entries.iter().filter_map(|entry| change::of(entry, &known)).collect()
}

fn may_hear(who: &Grant, change: &Change) -> bool {
    let own = |name: &Option<String>| name.as_deref() == Some(who.subject.as_str());
    match who.role {
        Role::Operator | Role::Auditor => true,
        Role::Tenant => match change.kind {
            "job" | "money" => own(&change.tenant) || change.above.iter().any(|name| name == who.subject.as_str()),
            "tenant" | "study" => false,
            _ => true,
        },
        Role::Provider => matches!(change.kind, "census" | "closing") || own(&change.provider),
        Role::Agent | Role::Joining => false,
    }
}

/// A change as it is told.
fn text(change: &Change) -> &str {
    change.text.get_or_init(|| {
        let data = match change.job {
            Some(job) if change.kind == "money" => json!({ "job": job.to_string(), "tenant": change.tenant }),
            Some(job) => json!({ "id": job.to_string(), "state": change.what, "tenant": change.tenant }),
            None if change.kind == "study" => super::studies::told(&change.what),
            None => json!({ "name": change.what }),
        };
        let id = change.entry.map(|entry| format!("id: {entry}\n")).unwrap_or_default();
        format!("event: {}\ndata: {data}\n{id}\n", change.kind)
    })
}
