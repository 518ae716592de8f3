//! The hub, its census and its pools at a glance.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use census::{By, Census, PoolCount};
use dispatch::{Hub, Stage, Target};
use measure::{AnyFlops, Class, Cpu, Kind, Malformed, Memory, PoolId, Span, Sparsity, Time};
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
use super::error::Error;
use super::extract::{Path, Query};
use super::jobs::blocking;
use super::sites::PowerView;
use super::view::{HubView, NodeList, NodeView, PoolList, PoolView};
use crate::access::{Grant, Role};
use crate::clock;
use crate::store::Delivered;

/// Whether the hub serves.
#[utoipa::path(get, path = "/healthz", tag = "hub", responses((status = 200, body = String), (status = 503)))]
pub(crate) async fn healthz(State(app): State<Arc<App>>) -> Result<&'static str, Error> {
    app.hub.look(|_| ()).await?;
    Ok("ok\n")
}

/// Counters for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "hub", responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    (kind, app.shared.metrics.text()).into_response()
}

/// What is counted for everybody who looks, at most once a second: a million jobs and sixty thousand nodes are looked at for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Glance {
    name: String,
    name_zh: String,
    utc_offset_hours: i64,
    waiting: usize,
    running: usize,
    placed: usize,
    tenants: usize,
    pools: usize,
    nodes: usize,
    devices: u32,
    devices_held: u32,
    cores: f64,
    cores_held: f64,
    power: PowerView,
}

impl Glance {
    fn of(hub: &Hub) -> Glance {
        let nodes = || hub.pools.values().flat_map(|pool| &pool.nodes);
        let cores = |milli: u64| milli as f64 / 1000.0;
        Glance {
            name: hub.census.hub.name.clone(),
            name_zh: hub.census.hub.name_zh.clone(),
            utc_offset_hours: hub.census.hub.utc_offset_hours,
            waiting: hub.waiting(),
            running: hub.jobs.values().filter(|job| matches!(job.stage, Stage::Running { .. })).count(),
            placed: hub.pools.values().map(dispatch::Pool::jobs_len).sum(),
            tenants: hub.tenants.len(),
            pools: hub.pools.len(),
            nodes: nodes().count(),
            devices: hub.pools.values().map(|pool| pool.devices().0).sum(),
            devices_held: hub.pools.values().map(|pool| pool.devices_held().0).sum(),
            cores: cores(nodes().map(|state| state.node.cpu.0).sum()),
            cores_held: cores(nodes().map(|state| state.cpu_held.0).sum()),
            power: super::sites::power(hub, clock::now()),
        }
    }
}

/// How old a glance may be.
const GLANCE: std::time::Duration = std::time::Duration::from_secs(1);

/// The hub at a glance.
#[utoipa::path(get, path = "/v1/hub", tag = "hub", responses((status = 200, body = HubView)))]
pub(crate) async fn hub(State(app): State<Arc<App>>, Extension(who): Extension<Grant>) -> Result<Json<HubView>, Error> {
    let glance = {
        let mut kept = app.glance.lock().await;
        match &*kept {
            // A small hub is counted anew each time: nobody should see a second of the past for nothing.
            Some((at, glance)) if at.elapsed() < GLANCE && glance.waiting + glance.placed > 10_000 => glance.clone(),
            _ => {
                let glance = app.hub.look(|ledger| Glance::of(&ledger.hub)).await?;
                *kept = Some((std::time::Instant::now(), glance.clone()));
                glance
            }
        }
    };
    Ok(Json(HubView {
        writer: app.hub.writer(),
        name: glance.name,
        name_zh: glance.name_zh,
        now: local(clock::now(), glance.utc_offset_hours),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        waiting: glance.waiting,
        running: glance.running,
        placed: glance.placed,
        tenants: glance.tenants,
        pools: glance.pools,
        nodes: glance.nodes,
        devices: glance.devices,
        devices_held: glance.devices_held,
        cores: glance.cores,
        cores_held: glance.cores_held,
        power: who.sees_all().then_some(glance.power),
        role: who.role.to_string(),
        subject: who.subject.to_string(),
    }))
}

/// An instant with the hub's own offset, so that its date is the local one.
fn local(at: Time, utc_offset_hours: i64) -> String {
    let shifted = (at + Span(utc_offset_hours * Span::HOUR.0)).to_string();
    let sign = if utc_offset_hours < 0 { '-' } else { '+' };
    format!("{}{sign}{:02}:00", shifted.trim_end_matches('Z'), utc_offset_hours.abs())
}

/// As of when, and by what.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct CensusQuery {
    /// A date; today if left out. Pools are counted as the journal says they were at the end of that day.
    at: Option<String>,
    /// Break the ladder down: site, provider, zone, model or class.
    by: Option<String>,
    /// Count what this hub's census said at the end of this day, before it was restated; what it says now if left out.
    known: Option<String>,
}

/// What the hub's pools have, for the ladder.
pub(crate) fn pool_counts(hub: &Hub, delivered: &[Delivered]) -> Vec<PoolCount> {
    let count = |pool: &dispatch::Pool| {
        let own = || delivered.iter().filter(|row| row.pool == pool.join.name.as_str());
        let class = if pool.model().is_some() { Class::Intelligent } else { Class::General };
        let rate = |row: &Delivered| {
            let kind = Kind { class, precision: row.precision?, sparsity: Sparsity::Dense };
            // What little was done is not nothing.
            Some(AnyFlops { kind, mega: row.mega.div_ceil(86_400) }).filter(|flops| flops.mega > 0)
        };
        PoolCount {
            pool: pool.join.name.clone(),
            provider: pool.join.provider.clone(),
            site: pool.join.site.clone(),
            model: pool.model().map(str::to_owned),
            connected: pool.devices(),
            schedulable: pool.nodes.iter().filter(|state| pool.contact && !state.silent).map(|state| state.node.devices).sum(),
            allocated: pool.devices_held(),
            cores: pool.nodes.iter().map(|state| state.node.cpu).sum(),
            cores_allocated: pool.nodes.iter().map(|state| state.cpu_held).sum(),
            contact: pool.contact,
            delivered: own().filter_map(rate).collect(),
            // What runs is metered when it ends.
            unmetered: own().any(|row| row.unmetered) || (own().next().is_none() && pool.jobs_len() > 0),
        }
    };
    hub.pools.values().map(count).collect()
}

const DAY: Span = Span(24 * Span::HOUR.0);

/// The end of a day of the hub's local time, or an instant as it is.
fn end_of(text: &str, utc_offset_hours: i64) -> Result<(Time, Time), Malformed> {
    let at = Time::parse_date(text)?;
    let end = if text.len() <= 10 { at + DAY + Span(-utc_offset_hours * Span::HOUR.0) } else { at };
    Ok((at, end))
}

/// The census as of a day, of what is known now or was known on another.
pub(crate) async fn counted(app: &App, query: &CensusQuery) -> Result<census::Count, Error> {
    let by = query.by.as_deref().map(|text| text.parse::<By>().map_err(|problem| Error::field("by", &problem.to_string())));
    let by = by.transpose()?;
    let (census, pools, at, _) = as_of(app, query).await?;
    Ok(census::count(&census, &pools, at, by))
}

/// The census and the pools as of a day, that day, and its end.
pub(crate) async fn as_of(app: &App, query: &CensusQuery) -> Result<(Arc<Census>, Vec<PoolCount>, Time, Time), Error> {
    let now = clock::now();
    let offset = app.hub.look(|ledger| ledger.hub.census.hub.utc_offset_hours).await?;
    let day = |field: &str, text: &Option<String>| match text {
        None => Ok((now, now)),
        Some(text) => end_of(text, offset).map_err(|problem| Error::field(field, &problem.to_string())),
    };
    let ((at, end), (_, known)) = (day("at", &query.at)?, day("known", &query.known)?);
    let reader = app.reader.clone();
    let delivered = blocking(move || reader.delivered(end + Span(-DAY.0), end)).await??;
    let past = |until: Time| {
        let reader = app.reader.clone();
        async move {
            let _one = app.folding.lock().await;
            Ok::<_, Error>(blocking(move || reader.past(until)).await??)
        }
    };
    let (as_known, as_joined) = (known < now, end < now);
    let pools = match as_joined {
        true => pool_counts(&past(end).await?.hub, &delivered),
        false => app.hub.look(move |ledger| pool_counts(&ledger.hub, &delivered)).await?,
    };
    let census = match as_known {
        true => past(known).await?.hub.census,
        false => app.hub.look(|ledger| ledger.hub.census.clone()).await?,
    };
    Ok((census, pools, at, end))
}

/// Computing power by class, precision and rung; sites; published figures beside; contradictions.
#[utoipa::path(get, path = "/v1/census", tag = "hub", params(CensusQuery), responses((status = 200, body = Object)))]
pub(crate) async fn census(State(app): State<Arc<App>>, Query(query): Query<CensusQuery>) -> Result<Json<census::Count>, Error> {
    Ok(Json(counted(&app, &query).await?))
}

/// The pools. A provider sees its own.
#[utoipa::path(get, path = "/v1/pools", tag = "hub", responses((status = 200, body = PoolList)))]
pub(crate) async fn pools(State(app): State<Arc<App>>, Extension(who): Extension<Grant>) -> Result<Json<PoolList>, Error> {
    let may_see = move |pool: &&dispatch::Pool| who.provider().is_none_or(|own| pool.join.provider == *own);
    let list = app.hub.look(move |ledger| ledger.hub.pools.values().filter(may_see).map(pool_view).collect());
    Ok(Json(PoolList { pools: list.await? }))
}

/// Which of a pool's nodes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeQuery {
    /// `next` of the page before: the name of its last node.
    after: Option<String>,
    /// 1 to 1000; 100 if left out.
    limit: Option<u32>,
}

/// The nodes of a pool: what each has, what is free, whether it takes work, and how many jobs are there. A provider sees its own pools'.
#[utoipa::path(get, path = "/v1/pools/{name}/nodes", operation_id = "list_nodes", tag = "hub", params(("name" = String, Path), NodeQuery),
    responses((status = 200, body = NodeList), (status = 400), (status = 404)))]
pub(crate) async fn nodes(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(name): Path<String>,
    Query(query): Query<NodeQuery>,
) -> Result<Json<NodeList>, Error> {
    let limit = query.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(Error::field("limit", "lies between 1 and 1000"));
    }
    let wanted = name.clone();
    let list = app.hub.look(move |ledger| {
        let (id, pool) = ledger.hub.pools.iter().find(|(_, pool)| pool.join.name.as_str() == wanted)?;
        if who.provider().is_some_and(|own| pool.join.provider != *own) {
            return None;
        }
        let first = match &query.after {
            None => 0,
            Some(after) => match pool.nodes.iter().position(|state| state.node.name == *after) {
                Some(at) => at + 1,
                None => return Some(Err(Error::field("after", &format!("there is no node {after} in {wanted}")))),
            },
        };
        let end = pool.nodes.len().min(first + limit as usize);
        let page = &pool.nodes[first.min(end)..end];
        let nodes: Vec<NodeView> = page.iter().map(|state| node_view(&ledger.hub, *id, pool, state, who.role)).collect();
        let next = nodes.last().filter(|_| end < pool.nodes.len()).map(|node| node.name.clone());
        Some(Ok(NodeList { nodes, total: pool.nodes.len(), next }))
    });
    list.await?.ok_or_else(|| Error::not_found(&format!("there is no pool {name}")))?.map(Json)
}

fn node_view(hub: &Hub, id: PoolId, pool: &dispatch::Pool, state: &dispatch::NodeState, role: Role) -> NodeView {
    let (now, node) = (clock::now(), &state.node);
    let targets = [Target::Node(id, node.name.clone()), Target::Pool(id)];
    let targets = targets.into_iter().chain(pool.join.site.clone().map(Target::Site));
    let closed = targets.filter_map(|target| hub.closings.get(&target)).flatten();
    // The one that says most: what stops jobs before what does not.
    let begun = |closing: &&dispatch::Closing| closing.from <= now && closing.until.is_none_or(|until| now < until);
    let closed = closed.filter(begun).collect::<Vec<_>>();
    let told = closed.iter().max_by_key(|closing| closing.stop_at.is_some());
    let out = state.others.as_ref().map(|others| others.reason.clone()).filter(|reason| !reason.is_empty());
    let (word, reason) = match (told, &out) {
        _ if !pool.contact || state.silent => ("silent", None),
        (Some(closing), _) => {
            let word = match closing.stop_at {
                None => "cordoned",
                Some(at) if at == closing.from && closing.until.is_some() => "window",
                Some(_) => "drained",
            };
            (word, Some(closing.reason.clone()).filter(|reason| role != Role::Tenant && !reason.is_empty()))
        }
        (None, Some(reason)) => ("out_of_service", Some(reason.clone())),
        (None, None) => ("open", None),
    };
    let opens = closed.iter().map(|closing| closing.until).collect::<Option<Vec<Time>>>().and_then(|all| all.into_iter().max());
    let (devices, cores, memory) = if pool.contact { state.left() } else { (0, Cpu(0), Memory(0)) };
    NodeView {
        name: node.name.clone(),
        state: word.to_owned(),
        reason,
        opens_at: opens.map(|at| at.to_string()),
        asleep: state.others.as_ref().is_some_and(|others| others.asleep),
        kept: state.reserved.is_some(),
        model: node.model.clone(),
        devices: node.devices.0,
        devices_free: devices as f64 / 1000.0,
        cores: node.cpu.0 as f64 / 1000.0,
        cores_free: cores.0 as f64 / 1000.0,
        memory_bytes: node.memory.0,
        memory_free_bytes: memory.0,
        whole_devices: node.whole_devices,
        whole_cores: node.whole_cores,
        images: node.images,
        jobs: state.jobs().len(),
    }
}

/// Nodes on which nothing is started, and why.
fn out_of_service(pool: &dispatch::Pool) -> BTreeMap<String, String> {
    let told = |state: &dispatch::NodeState| match &state.others {
        _ if state.silent => Some(dispatch::SILENT.to_owned()),
        Some(others) => Some(others.reason.clone()).filter(|reason| !reason.is_empty()),
        None => None,
    };
    pool.nodes.iter().filter_map(|state| Some((state.node.name.clone(), told(state)?))).collect()
}

fn pool_view(pool: &dispatch::Pool) -> PoolView {
    let cores = |milli: u64| milli as f64 / 1000.0;
    PoolView {
        name: pool.join.name.to_string(),
        provider: pool.join.provider.to_string(),
        site: pool.join.site.as_ref().map(ToString::to_string),
        executor: pool.join.executor.clone(),
        contact: pool.contact,
        model: pool.model().map(str::to_owned),
        nodes: pool.nodes.len(),
        nodes_asleep: pool.nodes.iter().filter(|state| state.others.as_ref().is_some_and(|others| others.asleep)).count(),
        devices: pool.devices().0,
        devices_held: pool.devices_held().0,
        devices_others: pool.others().map(|(_, others)| others.devices.0).sum(),
        cores_others: cores(pool.others().map(|(_, others)| others.cpu.0).sum()),
        out_of_service: out_of_service(pool),
        cores: cores(pool.nodes.iter().map(|state| state.node.cpu.0).sum()),
        cores_held: cores(pool.nodes.iter().map(|state| state.cpu_held.0).sum()),
        memory_bytes: pool.nodes.iter().map(|state| state.node.memory.0).sum(),
        jobs: pool.jobs_len(),
    }
}
