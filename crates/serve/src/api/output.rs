//! What jobs wrote, fetched from their pool's agent.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use execute::wire::{LOG_PIECE, Stream};
use measure::JobId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
use super::error::Error;
use super::extract::{Path, Query};
use super::jobs::find;
use crate::access::Grant;
use crate::logs::Piece;
use crate::post::Post;
use crate::store::StoreFault;

/// How long an agent may take to send a piece.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a follower looks for more.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);

/// What to read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogQuery {
    /// `stdout` or `stderr`.
    #[param(value_type = Option<String>)]
    stream: Option<Stream>,
    /// Which replica.
    replica: Option<u32>,
    /// Only the last so many bytes.
    tail: Option<u32>,
    /// From this byte on.
    from: Option<u64>,
    /// Go on until the job ends.
    follow: Option<bool>,
}

/// Where what is answered begins: a header of the answer, of which there is none where the job wrote nothing yet.
const FROM_HEADER: &str = "x-shugu-from";

/// What a job wrote. With `follow`, until it ends. The header `x-shugu-from` tells the byte at which it begins; there is none while there is
/// no output.
#[utoipa::path(get, path = "/v1/jobs/{id}/logs", operation_id = "job_logs", tag = "jobs", params(("id" = String, Path), LogQuery),
    responses((status = 200, content_type = "text/plain", body = String), (status = 404), (status = 503)))]
pub(crate) async fn logs(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<String>,
    Query(query): Query<LogQuery>,
) -> Result<Response, Error> {
    let row = find(&app, &who, &id).await?;
    let replica = query.replica.unwrap_or(0);
    if replica >= row.spec.shape.replicas {
        return Err(Error::field("replica", &format!("the job has replicas 0 to {}", row.spec.shape.replicas - 1)));
    }
    let from = match (query.tail, query.from) {
        (Some(_), Some(_)) => return Err(Error::field("from", "is said, and so is `tail`: one of them")),
        (tail, None) => tail.map_or(0, |tail| -i64::from(tail)),
        (None, Some(from)) => i64::try_from(from).map_err(|_| Error::field("from", "no output is so long"))?,
    };
    let reader = Reader { app, job: row.id, replica, stream: query.stream.unwrap_or(Stream::Stdout), from };
    let follow = query.follow.unwrap_or(false);
    // The first piece is fetched before answering, so that a silent pool is an error and not an empty log.
    let first = reader.piece().await?;
    let begins = first.as_ref().map(|piece| (FROM_HEADER, piece.from.to_string()));
    let state = Some((reader, Some(first), false));
    let ahead = futures_util::stream::unfold(state, move |state| async move {
        let (mut reader, mut piece, mut over) = state?;
        loop {
            let read = match piece.take() {
                Some(read) => read,
                None => match reader.piece().await {
                    Ok(read) => read,
                    // The reader must see that this is not the end.
                    Err(error) => return Some((Err(io::Error::other(error.message())), None)),
                },
            };
            if let Some(read) = read.filter(|read| !read.bytes.is_empty()) {
                reader.from = (read.from + read.bytes.len() as u64).cast_signed();
                return Some((Ok(Bytes::from(read.bytes)), Some((reader, None, over))));
            }
            // Nothing more now. What is written while the job ends is looked for once more after it has ended.
            if over {
                return None;
            }
            if *reader.app.stopping.borrow() {
                return Some((Err(io::Error::other("the hub is stopping")), None));
            }
            over = !follow || reader.ended().await;
            if !over {
                tokio::time::sleep(FOLLOW_EVERY).await;
            }
        }
    });
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    let begins = axum::response::AppendHeaders(begins);
    Ok((kind, begins, Body::from_stream(ahead)).into_response())
}

struct Reader {
    app: Arc<App>,
    job: JobId,
    replica: u32,
    stream: Stream,
    from: i64,
}

impl Reader {
    /// The next piece; `None` while the job has no place or the site has no output of it.
    async fn piece(&self) -> Result<Option<Piece>, Error> {
        let Some((post, seq)) = self.post().await? else { return Ok(None) };
        let receiver = self.app.logs.ask(post, self.job, self.replica, self.stream, self.from, LOG_PIECE);
        self.app.shared.wanted.ring(post, seq);
        match tokio::time::timeout(PATIENCE, receiver).await {
            Ok(Ok(piece)) => Ok(Some(piece).filter(|piece| piece.found)),
            _ => {
                let message = "the pool's agent does not answer; its jobs go on, their output can be read when it is back";
                Err(Error::new(StatusCode::SERVICE_UNAVAILABLE, "agent_silent", message))
            }
        }
    }

    /// Whose agent has the output.
    async fn post(&self) -> Result<Option<(Post, u64)>, Error> {
        let (reader, job) = (self.app.reader.clone(), self.job);
        let look = move || Ok::<_, StoreFault>((reader.job(job)?, reader.place(job)?));
        let (row, place) = super::jobs::blocking(look).await??;
        let Some(pool) = row.and_then(|row| row.pool) else { return Ok(None) };
        let replica = self.replica as usize;
        let find = move |ledger: &settle::Ledger| {
            let (id, known) = ledger.hub.pools.iter().find(|(_, known)| known.join.name.as_str() == pool)?;
            let post = match place.and_then(|place| place.slots.get(replica).copied()) {
                Some(slot) if !known.hosts.is_empty() => Post::host(*id, slot.node),
                _ => Post::whole(*id),
            };
            Some((post, ledger.seq))
        };
        Ok(self.app.hub.look(find).await?)
    }

    async fn ended(&self) -> bool {
        let (reader, job) = (self.app.reader.clone(), self.job);
        let row = super::jobs::blocking(move || reader.job(job)).await;
        !matches!(row, Ok(Ok(Some(row))) if row.ended.is_none())
    }
}
