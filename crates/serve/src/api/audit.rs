//! Who asked for which change, and what came of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::accounts::instant;
use super::error::Error;
use super::extract::Query;
use super::jobs::blocking;
use crate::store::{Asked, AskedPage};

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    /// Only of this token.
    token: Option<i64>,
    /// Only of this role.
    role: Option<String>,
    /// Only of this tenant, provider, pool or operator.
    subject: Option<String>,
    /// Only those whose path begins so.
    path: Option<String>,
    /// The one that brought this entry of the journal about.
    entry: Option<u64>,
    /// Only those that were refused.
    #[serde(default)]
    refused: bool,
    /// Only from then on: RFC 3339, or a day.
    from: Option<String>,
    /// Only before.
    until: Option<String>,
    /// `next` of the page before.
    after: Option<i64>,
    /// 1 to 1000; 100 if left out.
    limit: Option<u32>,
}

/// A request to change something.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AskedView {
    /// Its number in the log.
    pub id: i64,
    /// RFC 3339.
    pub at: String,
    /// The number of the token; 0 where somebody signed in.
    pub token: i64,
    /// Of which role.
    pub role: String,
    /// As whom.
    pub subject: String,
    /// GET, POST, PUT or DELETE.
    pub method: String,
    /// Of what.
    pub path: String,
    /// What was answered, as a status of HTTP; null where the hub ended before it was.
    pub status: Option<u16>,
    /// The first entry of the journal that it brought about; null where it brought none about.
    pub first_entry: Option<u64>,
    /// The last one.
    pub last_entry: Option<u64>,
    /// What it made that is not in the journal.
    pub made: Option<String>,
}

/// A page of the log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AskedList {
    /// Newest first.
    pub requests: Vec<AskedView>,
    /// Give it as `after` for the next page; null on the last.
    pub next: Option<i64>,
}

impl AskedView {
    fn of(row: Asked) -> AskedView {
        let (first_entry, last_entry) = row.entries.unzip();
        AskedView {
            id: row.id,
            at: row.at.to_string(),
            token: row.token,
            role: row.role,
            subject: row.subject,
            method: row.method,
            path: row.path,
            status: row.status,
            first_entry,
            last_entry,
            made: row.made,
        }
    }
}

/// Who asked for which change, newest first: by which token, when, what was answered, and which entries of the journal it brought about. What
/// only reads is not kept, and neither is what agents tell of their jobs: that is in the journal itself.
#[utoipa::path(get, path = "/v1/audit", tag = "access", params(AuditQuery), responses((status = 200, body = AskedList), (status = 400)))]
pub(crate) async fn audit(State(app): State<Arc<App>>, Query(query): Query<AuditQuery>) -> Result<Json<AskedList>, Error> {
    let limit = query.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(Error::field("limit", "lies between 1 and 1000"));
    }
    let page = AskedPage {
        token: query.token,
        role: query.role,
        subject: query.subject,
        path: query.path,
        entry: query.entry,
        refused: query.refused,
        from: query.from.as_deref().map(|text| instant("from", text)).transpose()?,
        until: query.until.as_deref().map(|text| instant("until", text)).transpose()?,
        before: query.after,
        // One more tells whether there is another page.
        limit: limit + 1,
    };
    app.hub.flush().await;
    let reader = app.reader.clone();
    let mut rows = blocking(move || reader.asked(&page)).await??;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().map(|row| row.id).filter(|_| more);
    Ok(Json(AskedList { requests: rows.into_iter().map(AskedView::of).collect(), next }))
}
