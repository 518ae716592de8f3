//! Sites: what is known of each, what runs there, what it draws; and the load of pools hour by hour.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use census::{Census, Evidence, SeriesKind, Site};
use dispatch::{Hub, Pool, Target};
use measure::{Energy, Name, Power, Span, Time};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::error::Error;
use super::extract::Query;
use super::jobs::blocking;
use crate::access::Grant;
use crate::clock;
use crate::store::Load;

/// A data centre: what the census knows of it, and what its pools tell.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SiteView {
    /// Its id in the census.
    pub id: String,
    /// Its name in English.
    pub name: String,
    /// Its name in Chinese.
    pub name_zh: Option<String>,
    /// False for one that is counted because a published total says it exists.
    pub named: bool,
    /// Who runs it.
    pub provider: Option<String>,
    /// Prefecture, as the source names it.
    pub prefecture: String,
    /// Zone or county.
    pub zone: String,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// `stated` by a source, or that of its `zone`; null where neither is known.
    pub position: Option<String>,
    /// announced, building, commissioning, operating, retiring, retired or unknown: as of now.
    pub stage: String,
    /// When that was so.
    pub stage_date: Option<String>,
    /// The strongest evidence for what it has: announced, declared, seen, measured or metered.
    pub evidence: String,
    /// Racks installed.
    pub racks: Option<f64>,
    /// Racks planned.
    pub racks_planned: Option<f64>,
    /// Published computing power, of the class and precision below.
    pub computing_power_pflops: Option<f64>,
    /// Computing power planned.
    pub computing_power_planned_pflops: Option<f64>,
    /// Class of those figures, if stated.
    pub class: Option<String>,
    /// Precision of those figures, if stated.
    pub precision: Option<String>,
    /// Power usage effectiveness now.
    pub pue: Option<f64>,
    /// `signal` where it was read this hour, `stated` where a source gives it.
    pub pue_source: Option<String>,
    /// Figures above that their source gives as a bound, or about so, by field and in its words: `<1.2`, `>=30`, `~1.1`. The number above is
    /// the edge.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bounds: BTreeMap<String, String>,
    /// What it draws by its own readings; not shown to those whom it does not concern.
    pub power_kw: Option<f64>,
    /// What it draws by what jobs hold there, cooling and losses included; not shown to those whom it does not concern, like those below.
    pub booked_kw: Option<f64>,
    /// What it may draw at most now.
    pub power_cap_kw: Option<f64>,
    /// The highest of this month so far, by what jobs held.
    pub peak_kw: Option<f64>,
    /// Up to where work that has time may raise it; null where nothing keeps it from that.
    pub shaved_to_kw: Option<f64>,
    /// Its pools that have joined.
    pub pools: Vec<String>,
    /// Their nodes.
    pub nodes: usize,
    /// Their accelerators.
    pub devices: u32,
    /// Those held by jobs.
    pub devices_held: u32,
    /// Their cores.
    pub cores: f64,
    /// Those held by jobs.
    pub cores_held: f64,
    /// Jobs that hold a place there.
    pub jobs: usize,
    /// Pools whose agent is not in touch.
    pub silent_pools: usize,
    /// Whether all of it is closed now.
    pub closed: bool,
    /// Where this is known from.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

/// Sites.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SiteList {
    /// Those with a name of their own first, by id.
    pub sites: Vec<SiteView>,
}

fn known(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty() && *text != "unknown").map(str::to_owned)
}

/// Seats of Guizhou's prefectures, degrees north and east to a tenth, as any gazetteer has them: where a source gives a site's
/// prefecture and nothing nearer.
const SEATS: [(&str, f64, f64); 10] = [
    ("Gui'an", 26.4, 106.5),
    ("Guiyang", 26.6, 106.6),
    ("Anshun", 26.2, 105.9),
    ("Zunyi", 27.7, 106.9),
    ("Liupanshui", 26.6, 104.8),
    ("Bijie", 27.3, 105.3),
    ("Tongren", 27.7, 109.2),
    ("Qianxinan", 25.1, 104.9),
    ("Qiandongnan", 26.6, 108.0),
    ("Qiannan", 26.3, 107.5),
];

type Place = (f64, f64);

/// The middle of the stated positions of a zone's sites.
fn zones(census: &Census) -> BTreeMap<&str, Place> {
    let mut sums: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
    for site in census.sites.values() {
        if let (Some(latitude), Some(longitude)) = (site.latitude, site.longitude) {
            let sum = sums.entry(&site.zone).or_default();
            *sum = (sum.0 + latitude.as_f64(), sum.1 + longitude.as_f64(), sum.2 + 1.0);
        }
    }
    sums.into_iter().map(|(zone, (latitude, longitude, count))| (zone, (latitude / count, longitude / count))).collect()
}

fn position(site: &Site, zones: &BTreeMap<&str, Place>) -> (Option<Place>, Option<&'static str>) {
    if let (Some(latitude), Some(longitude)) = (site.latitude, site.longitude) {
        return (Some((latitude.as_f64(), longitude.as_f64())), Some("stated"));
    }
    let zone = known(&site.zone).and_then(|zone| zones.get(zone.as_str()).copied());
    let seat = || SEATS.iter().find(|(name, ..)| site.prefecture.contains(name) || site.zone.contains(name));
    let place = zone.or_else(|| seat().map(|(_, latitude, longitude)| (*latitude, *longitude)));
    (place, place.map(|_| "zone"))
}

/// The strongest evidence for what stands at a site.
fn evidence(site: &Site, census: &Census, pools: &[&Pool], metered: &BTreeSet<String>) -> &'static str {
    let joined = |of: &dyn Fn(&Name) -> bool| pools.iter().any(|pool| of(&pool.join.name));
    let declared = census.pools.values().any(|pool| pool.site == site.id && pool.evidence >= Evidence::Declared);
    match () {
        () if joined(&|pool| metered.contains(pool.as_str())) => "metered",
        () if joined(&|pool| census.measured.contains_key(pool)) => "measured",
        () if pools.iter().any(|pool| !pool.nodes.is_empty()) => "seen",
        () if declared => "declared",
        () => "announced",
    }
}

/// What is not exactly known of a site's figures; `pue` is the one that is shown, where a source states it.
fn bounds(site: &Site, pue: Option<census::Stated>) -> BTreeMap<String, String> {
    let figures = [
        ("racks", site.racks),
        ("racks_planned", site.racks_planned),
        ("computing_power_pflops", site.computing_power_pflops),
        ("computing_power_planned_pflops", site.computing_power_planned_pflops),
        ("pue", pue),
    ];
    let bound = |(field, stated): (&str, Option<census::Stated>)| {
        let stated = stated.filter(|stated| stated.bound != census::Bound::Exactly)?;
        Some((field.to_owned(), stated.to_string()))
    };
    figures.into_iter().filter_map(bound).collect()
}

fn cores(milli: impl Iterator<Item = u64>) -> f64 {
    milli.sum::<u64>() as f64 / 1000.0
}

fn site_view(
    site: &Site,
    hub: &Hub,
    pools: &[&Pool],
    zones: &BTreeMap<&str, Place>,
    metered: &BTreeSet<String>,
    who: &Grant,
) -> SiteView {
    let (census, now) = (&hub.census, clock::now());
    let figure = |stated: Option<census::Stated>| stated.map(census::Stated::as_f64);
    let (place, how) = position(site, zones);
    let scope = format!("site:{}", site.id);
    let read = census.reading(SeriesKind::Pue, &scope, now).is_some();
    let pue = census.pue(&site.id, now).map(|pue| f64::from(pue.0) / 1000.0);
    let own = who.owns(site.provider.as_ref());
    let power = census.reading(SeriesKind::Power, &scope, now).filter(|_| own);
    let load = hub.load(&site.id).filter(|_| own);
    let with_losses = |power: Power| power.0 as f64 / 1e6 * pue.unwrap_or(1.0);
    let nodes = || pools.iter().flat_map(|pool| &pool.nodes);
    let closed = hub
        .closings
        .get(&Target::Site(site.id.clone()))
        .is_some_and(|all| all.iter().any(|closing| closing.from <= now && closing.until.is_none_or(|until| now < until)));
    SiteView {
        id: site.id.to_string(),
        name: site.name.clone(),
        name_zh: known(&site.name_zh),
        named: site.named,
        provider: site.provider.as_ref().map(ToString::to_string),
        prefecture: site.prefecture.clone(),
        zone: site.zone.clone(),
        latitude: place.map(|place| place.0),
        longitude: place.map(|place| place.1),
        position: how.map(str::to_owned),
        stage: census.stage(site, now).to_string(),
        stage_date: known(&site.status_date),
        evidence: evidence(site, census, pools, metered).to_owned(),
        racks: figure(site.racks),
        racks_planned: figure(site.racks_planned),
        computing_power_pflops: figure(site.computing_power_pflops),
        computing_power_planned_pflops: figure(site.computing_power_planned_pflops),
        class: site.class.map(|class| class.to_string()),
        precision: site.precision.map(|precision| precision.to_string()),
        pue,
        bounds: bounds(site, census.pue_stated(&site.id, now).filter(|_| !read)),
        pue_source: pue.map(|_| if read { "signal" } else { "stated" }.to_owned()),
        power_kw: power.map(|micro| micro as f64 / 1e6),
        booked_kw: load.as_ref().map(|load| with_losses(load.now)),
        power_cap_kw: census.power_cap(&site.id, now).filter(|_| own).map(|cap| cap.0 as f64 / 1e6),
        peak_kw: load.as_ref().map(|load| with_losses(load.highest)),
        shaved_to_kw: hub.shaved_to(&site.id).filter(|_| own).map(|power| power.0 as f64 / 1e6),
        pools: pools.iter().map(|pool| pool.join.name.to_string()).collect(),
        nodes: nodes().count(),
        devices: pools.iter().map(|pool| pool.devices().0).sum(),
        devices_held: pools.iter().map(|pool| pool.devices_held().0).sum(),
        cores: cores(nodes().map(|state| state.node.cpu.0)),
        cores_held: cores(nodes().map(|state| state.cpu_held.0)),
        jobs: pools.iter().map(|pool| pool.jobs_len()).sum(),
        silent_pools: pools.iter().filter(|pool| !pool.contact).count(),
        closed,
        source: site.source.clone(),
        note: site.note.clone(),
    }
}

/// Every data centre. What a site draws is told to operators and to its own provider.
#[utoipa::path(get, path = "/v1/sites", tag = "census", responses((status = 200, body = SiteList)))]
pub(crate) async fn sites(State(app): State<Arc<App>>, Extension(who): Extension<Grant>) -> Result<Json<SiteList>, Error> {
    let reader = app.reader.clone();
    let metered = blocking(move || reader.metered()).await??;
    let list = app.hub.look(move |ledger| {
        let hub = &ledger.hub;
        let mut standing: BTreeMap<&Name, Vec<&Pool>> = BTreeMap::new();
        for pool in hub.pools.values() {
            if let Some(site) = &pool.join.site {
                standing.entry(site).or_default().push(pool);
            }
        }
        let zones = zones(&hub.census);
        let view = |site: &Site| {
            let pools = standing.get(&site.id).map(Vec::as_slice).unwrap_or_default();
            site_view(site, hub, pools, &zones, &metered, &who)
        };
        let mut sites: Vec<SiteView> = hub.census.sites.values().map(view).collect();
        sites.sort_by_key(|site| !site.named);
        sites
    });
    Ok(Json(SiteList { sites: list.await? }))
}

/// What the hub draws now, as far as anybody knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct PowerView {
    /// Read and modelled together; null where nothing is known.
    pub kw: Option<f64>,
    /// By the readings of sites.
    pub read_kw: f64,
    /// Where nobody reads: what jobs hold × the power it is designed for × the site's PUE, if known.
    pub modelled_kw: f64,
    /// Sites that are read.
    pub sites_read: usize,
    /// Pools that are modelled.
    pub pools_modelled: usize,
    /// Pools of which nothing is known, though jobs hold something there: they are in no figure.
    pub pools_unknown: usize,
    /// By the grid's factor of the hour; null where it is unknown for a part of the power.
    pub carbon_kg_per_hour: Option<f64>,
}

/// A core's power where nobody measures it: the same as agents assume (`execute/energy.rs`).
const CORE: Power = Power(6_250);

/// What jobs hold of a pool × the power it is designed for; `None` where that is unknown.
fn modelled(pool: &Pool, census: &Census) -> Option<Power> {
    match pool.model() {
        Some(model) => {
            let each = census.accelerators.get(model)?.tdp?;
            Some(Power(each.0 * i64::from(pool.devices_held().0)))
        }
        None => {
            let milli: u64 = pool.nodes.iter().map(|state| state.cpu_held.0).sum();
            Some(Power(CORE.0 * milli.cast_signed() / 1000))
        }
    }
}

/// What the hub draws at an instant.
pub(crate) fn power(hub: &Hub, now: Time) -> PowerView {
    let census = &hub.census;
    let mut view = PowerView { carbon_kg_per_hour: Some(0.0), ..PowerView::default() };
    let emit = |power: Power, site: Option<&Name>, view: &mut PowerView| {
        let energy: Energy = power * Span::HOUR;
        let carbon = census.carbon(site, now).map(|factor| (energy * factor).as_kg());
        if energy.0 > 0 {
            view.carbon_kg_per_hour = view.carbon_kg_per_hour.zip(carbon).map(|(sum, more)| sum + more);
        }
    };
    let mut read = BTreeSet::new();
    for site in census.sites.keys() {
        if let Some(micro) = census.reading(SeriesKind::Power, &format!("site:{site}"), now) {
            view.read_kw += micro as f64 / 1e6;
            view.sites_read += 1;
            emit(Power(micro), Some(site), &mut view);
            read.insert(site);
        }
    }
    for pool in hub.pools.values().filter(|pool| pool.join.site.as_ref().is_none_or(|site| !read.contains(site))) {
        let site = pool.join.site.as_ref();
        match modelled(pool, census) {
            Some(power) => {
                let pue = site.and_then(|site| census.pue(site, now)).map_or(1000, |pue| i64::from(pue.0));
                let power = Power(power.0 * pue / 1000);
                view.modelled_kw += power.0 as f64 / 1e6;
                view.pools_modelled += 1;
                emit(power, site, &mut view);
            }
            None if pool.jobs_len() > 0 => view.pools_unknown += 1,
            None => {}
        }
    }
    let known = view.sites_read + view.pools_modelled > 0;
    view.kw = known.then_some(view.read_kw + view.modelled_kw);
    view.carbon_kg_per_hour = view.carbon_kg_per_hour.filter(|_| known);
    view
}

/// Of which hours, and where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadQuery {
    /// So many hours back from now, 1 to 744; 24 if left out.
    hours: Option<u32>,
    /// Only pools of this site.
    site: Option<String>,
    /// Only this pool.
    pool: Option<String>,
}

/// What was held in an hour.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LoadHour {
    /// When it began, RFC 3339.
    pub from: String,
    /// Devices × time.
    pub device_hours: f64,
    /// Cores × time.
    pub core_hours: f64,
}

/// The load of pools, hour by hour.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LoadView {
    /// Oldest first; the last one is not over.
    pub hours: Vec<LoadHour>,
    /// Devices of these pools, as they are now.
    pub devices: u32,
    /// Their cores.
    pub cores: f64,
}

const HOURS_MOST: u32 = 744;

/// What jobs held, hour by hour: of attempts that are billed, and of those that run. A provider sees its own pools.
#[utoipa::path(get, path = "/v1/load", tag = "hub", params(LoadQuery), responses((status = 200, body = LoadView), (status = 400)))]
pub(crate) async fn load(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Query(query): Query<LoadQuery>,
) -> Result<Json<LoadView>, Error> {
    let hours = query.hours.unwrap_or(24);
    if !(1..=HOURS_MOST).contains(&hours) {
        return Err(Error::field("hours", &format!("lies between 1 and {HOURS_MOST}")));
    }
    let now = clock::now();
    let this = now.0.div_euclid(Span::HOUR.0);
    let first = this - i64::from(hours) + 1;
    let reader = app.reader.clone();
    let rows = blocking(move || reader.load(Time(first * Span::HOUR.0))).await??;
    let view = app.hub.look(move |ledger| {
        let hub = &ledger.hub;
        let wanted = |pool: &&Pool| {
            who.provider().is_none_or(|own| pool.join.provider == *own)
                && query.pool.as_ref().is_none_or(|name| pool.join.name.as_str() == name)
                && query.site.as_ref().is_none_or(|name| pool.join.site.as_ref().is_some_and(|site| site.as_str() == name))
        };
        let pools: Vec<&Pool> = hub.pools.values().filter(wanted).collect();
        let names: BTreeSet<&str> = pools.iter().map(|pool| pool.join.name.as_str()).collect();
        let mut sums = vec![(0.0, 0.0); hours as usize];
        rows.iter().filter(|row| names.contains(row.pool.as_str())).for_each(|row| spread(row, first, &mut sums));
        for id in pools.iter().flat_map(|pool| pool.jobs()) {
            let Some((place, since)) = hub.jobs.get(&id).and_then(|job| Some((job.stage.held()?, job.stage.placed()?))) else {
                continue;
            };
            let milli: u64 = place.slots.iter().map(dispatch::Slot::milli).sum();
            let (devices, cores) = (milli as f64 / 1000.0, place.cores().0 as f64 / 1000.0);
            let begin = since.0.max(first * Span::HOUR.0);
            for hour in begin.div_euclid(Span::HOUR.0)..=this {
                let (from, to) = (begin.max(hour * Span::HOUR.0), now.0.min((hour + 1) * Span::HOUR.0));
                let part = (to - from).max(0) as f64 / Span::HOUR.0 as f64;
                let sum = &mut sums[(hour - first) as usize];
                *sum = (sum.0 + devices * part, sum.1 + cores * part);
            }
        }
        let hour = |(at, (device_hours, core_hours)): (usize, (f64, f64))| LoadHour {
            from: Time((first + at as i64) * Span::HOUR.0).to_string(),
            device_hours,
            core_hours,
        };
        LoadView {
            hours: sums.into_iter().enumerate().map(hour).collect(),
            devices: pools.iter().map(|pool| pool.devices().0).sum(),
            cores: cores(pools.iter().flat_map(|pool| &pool.nodes).map(|state| state.node.cpu.0)),
        }
    });
    Ok(Json(view.await?))
}

/// Adds what attempts held to the hours in which they ran.
fn spread(row: &Load, first: i64, sums: &mut [(f64, f64)]) {
    for hour in row.first.max(first)..=row.last {
        let part = match hour {
            hour if hour == row.first => 0,
            hour if hour == row.last => 2,
            _ => 1,
        };
        if let Some(sum) = usize::try_from(hour - first).ok().and_then(|at| sums.get_mut(at)) {
            let (devices, cores) = (row.devices[part] / Span::HOUR.0 as f64, row.cores[part] / (1000.0 * Span::HOUR.0 as f64));
            *sum = (sum.0 + devices, sum.1 + cores);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ran_over_three_hours_is_spread_by_its_time_in_each() {
        // One device, from half past the hour 10 to a quarter past the hour 12: 30, 60 and 15 minutes.
        let hour = Span::HOUR.0 as f64;
        let row = Load {
            pool: "a".to_owned(),
            first: 10,
            last: 12,
            devices: [0.5 * hour, hour, 0.25 * hour],
            cores: [500.0 * hour, 1000.0 * hour, 250.0 * hour],
        };
        let mut sums = vec![(0.0, 0.0); 3];
        spread(&row, 11, &mut sums);
        assert_eq!(sums, [(1.0, 1.0), (0.25, 0.25), (0.0, 0.0)]);
    }
}
