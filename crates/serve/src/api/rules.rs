//! What operators and providers lay down: what tenants are due, what a pool's provider allows, and what is closed when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use dispatch::{Closing, Fact, Hub, Limits, Refusal, Request, Target, Tenant, Terms, decide};
use measure::{Devices, Malformed, Name, PoolId, Span, TenantId, Time};
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
use super::error::Error;
use super::extract::{Path, Query};
use super::jobs::{parse, pool_name, pool_names};
use super::view::{
    ClosedBy, ClosingForm, ClosingKind, ClosingList, ClosingView, LimitsForm, LimitsView, TenantForm, TenantList, TenantView,
};
use crate::access::{Grant, Role};
use crate::clock;

/// A name in an address or a query.
pub(super) fn named(field: &str, text: &str) -> Result<Name, Error> {
    text.parse().map_err(|problem: Malformed| Error::field(field, &problem.to_string()))
}

/// Asks for one thing.
pub(super) async fn ask(app: &App, request: Request) -> Result<(), Error> {
    let answer = app.hub.ask(vec![request]).await?.into_iter().next().expect("one request, one answer");
    let Err(refusal) = answer else { return Ok(()) };
    let names = app.hub.look(pool_names).await?;
    Err(Error::refusal(&refusal, &|id| pool_name(&names, id)))
}

/// From a tenant up to its organisation.
fn path(hub: &Hub, id: TenantId) -> impl Iterator<Item = (TenantId, &Tenant)> {
    let of = |id: TenantId| hub.tenants.get(&id).map(|tenant| (id, tenant));
    std::iter::successors(of(id), move |(_, tenant)| of(tenant.terms.parent?))
}

/// Tenants as they are shown: all of them, or one with the projects below it; projects follow what they are projects of.
fn tenant_views(hub: &Hub, of: Option<TenantId>) -> Vec<TenantView> {
    let mut weights: BTreeMap<Option<TenantId>, u64> = BTreeMap::new();
    for tenant in hub.tenants.values() {
        *weights.entry(tenant.terms.parent).or_default() += u64::from(tenant.terms.weight);
    }
    let all: u128 = hub.tenants.values().filter(|tenant| tenant.terms.parent.is_none()).map(Tenant::used).sum();
    let due = |tenant: &Tenant| f64::from(tenant.terms.weight) / weights[&tenant.terms.parent] as f64;
    let mut views: Vec<(Vec<&Name>, TenantView)> = Vec::new();
    for (id, tenant) in &hub.tenants {
        if of.is_some_and(|of| path(hub, *id).all(|(above, _)| above != of)) {
            continue;
        }
        let mut names: Vec<&Name> = path(hub, *id).map(|(_, above)| &above.name).collect();
        names.reverse();
        let Terms { parent, weight, guaranteed, most, patience } = tenant.terms;
        let view = TenantView {
            name: tenant.name.to_string(),
            parent: parent.and_then(|parent| hub.tenants.get(&parent)).map(|parent| parent.name.to_string()),
            weight,
            guaranteed: guaranteed.map(|devices| devices.0),
            most: most.map(|devices| devices.0),
            patience: patience.map(|patience| patience.to_string()),
            devices_held: tenant.milli_held as f64 / 1000.0,
            used_device_hours: tenant.used() as f64 / 1000.0 / Span::HOUR.0 as f64,
            share: (all > 0).then(|| tenant.used() as f64 / all as f64),
            due: path(hub, *id).map(|(_, above)| due(above)).product(),
        };
        views.push((names, view));
    }
    views.sort_by(|(one, _), (other, _)| one.cmp(other));
    views.into_iter().map(|(_, view)| view).collect()
}

/// What tenants are due, hold and used. A tenant sees itself and its projects.
#[utoipa::path(get, path = "/v1/tenants", tag = "rules", responses((status = 200, body = TenantList)))]
pub(crate) async fn tenants(State(app): State<Arc<App>>, Extension(who): Extension<Grant>) -> Result<Json<TenantList>, Error> {
    let list = app.hub.look(move |ledger| match who.role {
        _ if who.sees_all() => tenant_views(&ledger.hub, None),
        _ => ledger.hub.tenant_named(&who.subject).map(|own| tenant_views(&ledger.hub, Some(own))).unwrap_or_default(),
    });
    Ok(Json(TenantList { tenants: list.await? }))
}

/// Whether a tenant that is not there yet may be given these terms: the engine decides it for a hub in which only those
/// above it are, so that nobody is let in whose terms are refused.
fn could_arrange(hub: &Hub, name: &Name, terms: Terms) -> Result<(), Refusal> {
    let mut small = Hub::default();
    let above: Vec<(TenantId, &Tenant)> = terms.parent.map(|parent| path(hub, parent).collect()).unwrap_or_default();
    let new = TenantId(above.iter().map(|(id, _)| id.0 + 1).max().unwrap_or(1));
    for (id, tenant) in &above {
        small.apply(Time(0), &Fact::Admitted(*id, tenant.name.clone()));
    }
    for (id, tenant) in &above {
        small.apply(Time(0), &Fact::Arranged(*id, tenant.terms));
    }
    small.apply(Time(0), &Fact::Admitted(new, name.clone()));
    decide(&small, Time(0), Request::Arrange(new, terms)).map(drop)
}

/// Says what a tenant is due, all of it: what is left out is as with a new tenant. One that is new is let in.
#[utoipa::path(put, path = "/v1/tenants/{name}", tag = "rules", params(("name" = String, Path)), request_body = TenantForm,
    responses((status = 200, body = TenantView), (status = 400)))]
pub(crate) async fn arrange(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<TenantView>, Error> {
    let name = named("name", &name)?;
    let form: TenantForm = parse(&body)?;
    let (wanted, parent) = (name.clone(), form.parent.clone());
    let (known, parent) = app
        .hub
        .look(move |ledger| {
            let parent = parent.map(|parent| ledger.hub.tenant_named(&parent).ok_or(parent)).transpose();
            (ledger.hub.tenant_named(&wanted), parent)
        })
        .await?;
    let parent = parent.map_err(|missing| Error::field("parent", &format!("there is no tenant {missing}")))?;
    let (guaranteed, most) = (form.guaranteed.map(Devices), form.most.map(Devices));
    let patience = form.patience.as_deref().map(|text| super::form::patience("patience", text)).transpose()?;
    let terms = Terms { parent, weight: form.weight.unwrap_or(Terms::default().weight), guaranteed, most, patience };
    if known.is_none() {
        let new = name.clone();
        let could = app.hub.look(move |ledger| could_arrange(&ledger.hub, &new, terms)).await?;
        could.map_err(|refusal| Error::refusal(&refusal, &|id| id.to_string()))?;
        ask(&app, Request::Admit(name.clone())).await?;
    }
    let wanted = name.clone();
    let id = app.hub.look(move |ledger| ledger.hub.tenant_named(&wanted)).await?.expect("tenants stay");
    ask(&app, Request::Arrange(id, terms)).await?;
    let views = app.hub.look(move |ledger| tenant_views(&ledger.hub, Some(id))).await?;
    let view = views.into_iter().find(|view| view.name == name.as_str());
    Ok(Json(view.expect("it is there")))
}

/// A pool in which `who` may lay something down. Whoever may not learns nothing, not even that it exists.
async fn own_pool(app: &App, who: &Grant, name: &Name) -> Result<PoolId, Error> {
    let (asker, wanted) = (who.clone(), name.clone());
    let found = app.hub.look(move |ledger| {
        let id = ledger.hub.pool_named(&wanted)?;
        asker.owns(Some(&ledger.hub.pools[&id].join.provider)).then_some(id)
    });
    found.await?.ok_or_else(|| Error::not_found(&format!("there is no pool {name}")))
}

async fn limits_view(app: &App, id: PoolId) -> Result<LimitsView, Error> {
    let view = app.hub.look(move |ledger| {
        let pool = &ledger.hub.pools[&id];
        let name = |tenant: &TenantId| ledger.hub.tenants.get(tenant).map(|tenant| tenant.name.to_string());
        let mut veto: Vec<String> = pool.limits.veto.iter().filter_map(name).collect();
        veto.sort_unstable();
        LimitsView { pool: pool.join.name.to_string(), most: pool.limits.most.map(|devices| devices.0), veto }
    });
    Ok(view.await?)
}

/// What the provider of a pool allows there.
#[utoipa::path(get, path = "/v1/pools/{name}/limits", tag = "rules", params(("name" = String, Path)),
    responses((status = 200, body = LimitsView), (status = 404)))]
pub(crate) async fn limits(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(name): Path<String>,
) -> Result<Json<LimitsView>, Error> {
    let pool = own_pool(&app, &who, &named("name", &name)?).await?;
    Ok(Json(limits_view(&app, pool).await?))
}

/// Says what is allowed in a pool, all of it: what is left out is no limit. What runs there already goes on.
#[utoipa::path(put, path = "/v1/pools/{name}/limits", tag = "rules", params(("name" = String, Path)), request_body = LimitsForm,
    responses((status = 200, body = LimitsView), (status = 400), (status = 404)))]
pub(crate) async fn limit(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<LimitsView>, Error> {
    let pool = own_pool(&app, &who, &named("name", &name)?).await?;
    let LimitsForm { most, veto } = parse(&body)?;
    let ids = app.hub.look(move |ledger| {
        let id = |name: Name| ledger.hub.tenant_named(&name).ok_or(name);
        veto.into_iter().map(id).collect::<Result<BTreeSet<TenantId>, Name>>()
    });
    let veto = ids.await?.map_err(|missing| Error::field("veto", &format!("there is no tenant {missing}")))?;
    ask(&app, Request::Limit(pool, Limits { most: most.map(Devices), veto })).await?;
    Ok(Json(limits_view(&app, pool).await?))
}

/// What is opened again: a site, a pool, or a node of a pool.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetQuery {
    /// Every pool at this site.
    site: Option<String>,
    /// This pool.
    pool: Option<String>,
    /// Of that pool, this node only.
    node: Option<String>,
}

/// What is named, if `who` may close and open it.
async fn target(app: &App, who: &Grant, site: Option<Name>, pool: Option<Name>, node: Option<String>) -> Result<Target, Error> {
    match (site, pool, node) {
        (Some(site), None, None) if who.role == Role::Operator => Ok(Target::Site(site)),
        (Some(_), None, None) => Err(Error::forbidden("only an operator closes and opens a site; name your pools")),
        (None, Some(pool), None) => Ok(Target::Pool(own_pool(app, who, &pool).await?)),
        (None, Some(pool), Some(node)) => Ok(Target::Node(own_pool(app, who, &pool).await?, node)),
        (None, None, Some(_)) => Err(Error::field("node", "say of which pool")),
        _ => Err(Error::field("pool", "name one thing: a site, a pool, or a pool and a node")),
    }
}

/// Nobody plans so far ahead: it is a slip.
const AHEAD_MOST: Span = Span(3650 * 24 * Span::HOUR.0);
const REASON_MOST: usize = 256;

/// An instant, or a span from now.
fn instant(field: &str, text: &str, now: Time) -> Result<Time, Error> {
    let at = match text.parse::<Span>() {
        Ok(span) => now + span,
        Err(_) => Time::parse_date(text).map_err(|_| {
            let problem = format!("`{text}` is neither an instant such as 2026-11-23T08:00:00Z nor a span from now such as 2h");
            Error::field(field, &problem)
        })?,
    };
    if at < now {
        return Err(Error::field(field, &format!("{at} is over")));
    }
    if at > now + AHEAD_MOST {
        return Err(Error::field(field, &format!("`{text}` lies more than ten years ahead")));
    }
    Ok(at)
}

/// The closing that a form means.
fn closing(form: &ClosingForm, by_provider: bool, now: Time) -> Result<Closing, Error> {
    let read = |field: &str, text: &Option<String>| text.as_ref().map(|text| instant(field, text, now)).transpose();
    let (from, until, deadline) = (read("from", &form.from)?, read("until", &form.until)?, read("deadline", &form.deadline)?);
    let (from, stop_at) = match (form.kind, from, deadline) {
        (ClosingKind::Cordon, None, None) => (now, None),
        (ClosingKind::Cordon, None, Some(_)) => return Err(Error::field("deadline", "a cordon stops nothing; a drain does")),
        (ClosingKind::Drain, None, deadline) => (now, Some(deadline.unwrap_or(now))),
        (ClosingKind::Window, Some(from), None) => (from, Some(from)),
        (ClosingKind::Window, None, _) => return Err(Error::field("from", "a window says when it begins")),
        (ClosingKind::Window, _, Some(_)) => return Err(Error::field("deadline", "a window stops what is left when it begins")),
        (_, Some(_), _) => return Err(Error::field("from", "cordons and drains begin at once; a window begins later")),
    };
    match until {
        None if form.kind == ClosingKind::Window => return Err(Error::field("until", "a window says when it ends")),
        Some(until) if until <= from.max(stop_at.unwrap_or(from)) => {
            return Err(Error::field("until", "it would end before it has begun, or before what is left is stopped"));
        }
        _ => {}
    }
    let reason = form.reason.clone().unwrap_or_default();
    if reason.chars().count() > REASON_MOST || reason.chars().any(char::is_control) {
        return Err(Error::field("reason", "is at most 256 characters, none of them a control character"));
    }
    Ok(Closing { from, until, stop_at, reason, by_provider })
}

fn is_over(closing: &Closing, now: Time) -> bool {
    closing.until.is_some_and(|until| until <= now)
}

/// Whether a closing of the target is one in a pool.
fn concerns(target: &Target, id: PoolId, hub: &Hub) -> bool {
    match target {
        Target::Site(site) => hub.pools[&id].join.site.as_ref() == Some(site),
        Target::Pool(pool) | Target::Node(pool, _) => *pool == id,
    }
}

/// Whether what closes one target closes something of the other.
fn overlap(one: &Target, other: &Target, hub: &Hub) -> bool {
    match (one, other) {
        (Target::Node(pool, node), Target::Node(other, of)) => (pool, node) == (other, of),
        _ => one == other || hub.pools.keys().any(|id| concerns(one, *id, hub) && concerns(other, *id, hub)),
    }
}

/// The closings of targets that are not over.
fn closing_views(hub: &Hub, shown: impl Fn(&Target) -> bool) -> Vec<ClosingView> {
    let now = clock::now();
    let pool = |id: &PoolId| hub.pools.get(id).map(|pool| pool.join.name.to_string());
    let view = |target: &Target, closing: &Closing| {
        let (site, pool, node) = match target {
            Target::Site(site) => (Some(site.to_string()), None, None),
            Target::Pool(id) => (None, pool(id), None),
            Target::Node(id, node) => (None, pool(id), Some(node.clone())),
        };
        let kind = match closing.stop_at {
            None => ClosingKind::Cordon,
            Some(at) if at == closing.from && closing.until.is_some() => ClosingKind::Window,
            Some(_) => ClosingKind::Drain,
        };
        let known = match target {
            Target::Site(site) => hub.census.sites.get(site),
            Target::Pool(_) | Target::Node(..) => None,
        };
        ClosingView {
            site,
            site_name: known.map(|site| site.name.clone()),
            pool,
            node,
            kind,
            begun: closing.from <= now,
            from: closing.from.to_string(),
            until: closing.until.map(|at| at.to_string()),
            stop_at: closing.stop_at.map(|at| at.to_string()),
            reason: closing.reason.clone(),
            by: if closing.by_provider { ClosedBy::Provider } else { ClosedBy::Operator },
        }
    };
    let of = hub.closings.iter().filter(|(target, _)| shown(target));
    of.flat_map(|(target, all)| all.iter().filter(|one| !is_over(one, now)).map(move |one| view(target, one))).collect()
}

/// What takes no work, now or later. A provider sees what concerns its own pools.
#[utoipa::path(get, path = "/v1/closings", tag = "rules", responses((status = 200, body = ClosingList)))]
pub(crate) async fn closings(State(app): State<Arc<App>>, Extension(who): Extension<Grant>) -> Result<Json<ClosingList>, Error> {
    let list = app.hub.look(move |ledger| {
        let hub = &ledger.hub;
        let own =
            |target: &Target| hub.pools.iter().any(|(id, pool)| pool.join.provider == who.subject && concerns(target, *id, hub));
        closing_views(hub, |target| who.sees_all() || own(target))
    });
    Ok(Json(ClosingList { closings: list.await? }))
}

/// What is said of a target that is not over.
async fn said_of(app: &App, target: &Target, now: Time) -> Result<Vec<Closing>, Error> {
    let known = target.clone();
    let said = app.hub.look(move |ledger| ledger.hub.closings.get(&known).cloned()).await?;
    Ok(said.into_iter().flatten().filter(|closing| !is_over(closing, now)).collect())
}

/// Closes a site, a pool or a node, in place of what its provider, or the operators, said of it before; a window is added to
/// that. What the other of the two said stands. Answers with all that is then said of it.
#[utoipa::path(post, path = "/v1/closings", tag = "rules", request_body = ClosingForm,
    responses((status = 201, body = ClosingList), (status = 400), (status = 403), (status = 404)))]
pub(crate) async fn close(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    body: Bytes,
) -> Result<(StatusCode, Json<ClosingList>), Error> {
    let form: ClosingForm = parse(&body)?;
    let target = target(&app, &who, form.site.clone(), form.pool.clone(), form.node.clone()).await?;
    let now = clock::now();
    let by_provider = who.role == Role::Provider;
    let closing = closing(&form, by_provider, now)?;
    // The list is read and written back; nobody else's window is to be lost in between.
    let _turn = app.closing.lock().await;
    let mut all = said_of(&app, &target, now).await?;
    let adds = form.kind == ClosingKind::Window;
    all.retain(|known| *known != closing && (adds || known.by_provider != by_provider));
    all.push(closing);
    if all.len() > CLOSINGS_MOST {
        return Err(Error::field("from", &format!("{CLOSINGS_MOST} windows are the most that are kept of one thing")));
    }
    ask(&app, Request::Close(target.clone(), all)).await.map_err(|error| match (&target, &form.pool, &form.node) {
        _ if !error.is_not_found() => error,
        (Target::Site(site), ..) => Error::not_found(&format!("there is no site {site}")),
        (_, Some(pool), Some(node)) => Error::not_found(&format!("there is no node {node} in {pool}")),
        _ => error,
    })?;
    let list = app.hub.look(move |ledger| closing_views(&ledger.hub, |known| *known == target)).await?;
    Ok((StatusCode::CREATED, Json(ClosingList { closings: list })))
}

/// The engine looks through all of them whenever a node of the target changes.
const CLOSINGS_MOST: usize = 100;

/// Opens a site, a pool or a node again and forgets its windows, as far as it was its provider, or an operator, that closed it:
/// neither opens what the other closed. Answers with what still closes it or something of it.
#[utoipa::path(delete, path = "/v1/closings", tag = "rules", params(TargetQuery),
    responses((status = 200, body = ClosingList), (status = 400), (status = 403), (status = 404)))]
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Query(query): Query<TargetQuery>,
) -> Result<Json<ClosingList>, Error> {
    let site = query.site.map(|site| named("site", &site)).transpose()?;
    let pool = query.pool.map(|pool| named("pool", &pool)).transpose()?;
    let target = target(&app, &who, site, pool, query.node).await?;
    let _turn = app.closing.lock().await;
    let mut left = said_of(&app, &target, clock::now()).await?;
    left.retain(|known| known.by_provider != (who.role == Role::Provider));
    ask(&app, Request::Close(target.clone(), left)).await?;
    let list = app.hub.look(move |ledger| closing_views(&ledger.hub, |known| overlap(known, &target, &ledger.hub))).await?;
    Ok(Json(ClosingList { closings: list }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_700_000_000_000);

    fn form(kind: ClosingKind, from: &str, until: &str, deadline: &str) -> ClosingForm {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (from, until, deadline) = (given(from), given(until), given(deadline));
        ClosingForm { site: None, pool: None, node: None, kind, from, until, deadline, reason: None }
    }

    #[test]
    fn each_kind_says_when_it_closes_and_when_it_stops() {
        use ClosingKind::{Cordon, Drain, Window};
        let read = |form| closing(&form, false, NOW).map(|closing| (closing.from, closing.until, closing.stop_at)).unwrap();
        let later = |hours: i64| NOW + Span(hours * Span::HOUR.0);
        assert_eq!(read(form(Cordon, "", "", "")), (NOW, None, None));
        assert_eq!(read(form(Drain, "", "", "")), (NOW, None, Some(NOW)));
        assert_eq!(read(form(Drain, "", "3h", "2h")), (NOW, Some(later(3)), Some(later(2))));
        assert_eq!(read(form(Window, "1h", "2h", "")), (later(1), Some(later(2)), Some(later(1))));
        let day = Time::parse_date("2024-01-01T00:00:00+08:00").unwrap();
        assert_eq!(read(form(Window, "2024-01-01T00:00:00+08:00", "2024-01-02", "")).0, day);
    }

    #[test]
    fn what_makes_no_sense_names_its_field() {
        use ClosingKind::{Cordon, Drain, Window};
        let wrong = |form| closing(&form, false, NOW).unwrap_err().body()["field"].as_str().unwrap().to_owned();
        assert_eq!(wrong(form(Cordon, "1h", "", "")), "from");
        assert_eq!(wrong(form(Cordon, "", "", "1h")), "deadline");
        assert_eq!(wrong(form(Drain, "", "", "tomorrow")), "deadline");
        assert_eq!(wrong(form(Drain, "", "", "2020-01-01")), "deadline");
        assert_eq!(wrong(form(Drain, "", "1h", "2h")), "until");
        assert_eq!(wrong(form(Window, "", "1h", "")), "from");
        assert_eq!(wrong(form(Window, "1h", "", "")), "until");
        assert_eq!(wrong(form(Window, "2h", "1h", "")), "until");
        assert_eq!(wrong(form(Window, "1h", "2h", "1h")), "deadline");
        assert_eq!(wrong(form(Window, "1h", "4000d", "")), "until");
    }

    #[test]
    fn the_terms_of_a_new_tenant_are_judged_by_those_above_it() {
        let mut hub = Hub::default();
        let names: Vec<Name> = ["a", "b", "c", "d"].iter().map(|name| name.parse().unwrap()).collect();
        for (id, name) in (1..).map(TenantId).zip(&names) {
            hub.apply(NOW, &Fact::Admitted(id, name.clone()));
            let parent = (id.0 > 1).then(|| TenantId(id.0 - 1));
            hub.apply(NOW, &Fact::Arranged(id, Terms { parent, ..Terms::default() }));
        }
        let new: Name = "new".parse().unwrap();
        let below = |parent| could_arrange(&hub, &new, Terms { parent: Some(TenantId(parent)), ..Terms::default() });
        assert_eq!(below(3), Ok(()));
        assert!(below(4).is_err(), "it would be the fifth");
        assert!(could_arrange(&hub, &new, Terms { weight: 0, ..Terms::default() }).is_err());
        let views = tenant_views(&hub, Some(TenantId(3)));
        assert_eq!(views.iter().map(|view| view.name.as_str()).collect::<Vec<_>>(), ["c", "d"]);
    }
}
