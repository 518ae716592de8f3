//! What changes, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use serde_json::json;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::App;
use crate::access::{Grant, Role};
use crate::hub::Change;

/// Follows changes: `job` (id and state), `pool`, `tenant`, `closing`, `data`, `census`, `money` (bills that are no job's end, corrections,
/// disputes, credits), `study`, and `missed` when a follower was too slow and must look for itself. A tenant hears of its own jobs and
/// money, a provider of what concerns its pools; studies are heard of by operators.
#[utoipa::path(get, path = "/v1/events", tag = "hub", responses((status = 200, content_type = "text/event-stream", body = String)))]
pub(crate) async fn events(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = BroadcastStream::new(app.shared.changes.subscribe());
    let mut stopping = app.stopping.clone();
    let shown = changes.filter_map(move |change| {
        let event = match change {
            Ok(change) => may_hear(&who, &change).then(|| event(&change)),
            Err(BroadcastStreamRecvError::Lagged(missed)) => {
                Some(Event::default().event("missed").data(json!({ "missed": missed }).to_string()))
            }
        };
        std::future::ready(event.map(Ok))
    });
    let until = async move { drop(stopping.wait_for(|stop| *stop).await) };
    // Whoever follows is to know at once that it is followed, and not with the first change.
    let first = futures_util::stream::once(std::future::ready(Ok(Event::default().comment("following"))));
    Sse::new(first.chain(shown.take_until(Box::pin(until)))).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

fn may_hear(who: &Grant, change: &Change) -> bool {
    let own = |name: &Option<String>| name.as_deref() == Some(who.subject.as_str());
    match who.role {
        Role::Operator => true,
        Role::Tenant => match change.kind {
            "job" | "money" => own(&change.tenant),
            "tenant" | "study" => false,
            _ => true,
        },
        Role::Provider => matches!(change.kind, "census" | "closing") || own(&change.provider),
        Role::Agent | Role::Joining => false,
    }
}

fn event(change: &Change) -> Event {
    let data = match change.job {
        Some(job) if change.kind == "money" => json!({ "job": job.to_string(), "tenant": change.tenant }),
        Some(job) => json!({ "id": job.to_string(), "state": change.what, "tenant": change.tenant }),
        None if change.kind == "study" => super::studies::told(&change.what),
        None => json!({ "name": change.what }),
    };
    Event::default().event(change.kind).data(data.to_string())
}
