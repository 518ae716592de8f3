//! Counting: the ladder, what is published beside it, targets and how far they are, and what contradicts what.

use std::collections::BTreeMap;

use measure::{Cpu, Name, Precision, Time};
use serde::Serialize;

use crate::contradict::{Contradiction, contradictions};
use crate::forecast::{Forecast, newest};
use crate::ladder::{By, Group, LadderRow, PoolCount, RUNGS, groups, ladder};
use crate::{Bound, Census, Effectiveness, Measured, Project, Published, Site, Stated};

/// Sites by status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteCount {
    /// All of them.
    pub total: usize,
    /// Those with a name; the rest are placeholders of a published total.
    pub named: usize,
    /// By status, only statuses that occur.
    pub by_status: BTreeMap<String, usize>,
}

/// A published figure, shown beside the count and never added to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PublishedRow {
    /// Id in the census.
    pub id: Name,
    /// The date it holds for.
    pub date: String,
    /// What was measured.
    pub metric: String,
    /// As published, with its bound: `>150`.
    pub stated: Option<Stated>,
    /// The number alone.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// What it covers.
    pub scope: String,
    /// The precision of a computing power, or `unstated`; null for anything else.
    pub precision: Option<String>,
    /// Quality of the source.
    pub quality: String,
    /// Where it was published.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

/// A target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetRow {
    /// Id in the census.
    pub id: Name,
    /// By when.
    pub due: String,
    /// What is to be reached.
    pub metric: String,
    /// As published, with its bound.
    pub stated: Option<Stated>,
    /// The number alone.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// What it covers.
    pub scope: String,
    /// The precision of a computing power, or `unstated`; null for anything else.
    pub precision: Option<String>,
    /// Quality of the source, or what became of it.
    pub quality: String,
    /// Where it was published.
    pub source: String,
    /// The newest published figure of the same metric, scope, unit and precision by the date counted for.
    pub reached: Option<Stated>,
    /// Which figure that is.
    pub reached_by: Option<Name>,
    /// That figure over the target; a bound of the figure bounds it likewise.
    pub progress: Option<f64>,
    /// The target minus that figure.
    pub distance: Option<f64>,
    /// The newest forecast of it that was made by the date counted for.
    pub forecast: Option<Forecast>,
}

/// The census as of an instant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Count {
    /// The hub's name.
    pub hub: String,
    /// The date counted for.
    pub as_of: String,
    /// What each rung rests on.
    pub rungs: BTreeMap<&'static str, &'static str>,
    /// Computing power by kind and rung.
    pub ladder: Vec<LadderRow>,
    /// The same by what was asked for; empty where nothing was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Sites.
    pub sites: SiteCount,
    /// How many providers.
    pub providers: usize,
    /// How many of them have a name.
    pub providers_named: usize,
    /// By what they provide.
    pub providers_by_service: BTreeMap<String, usize>,
    /// Figures published up to the date.
    pub published: Vec<PublishedRow>,
    /// Targets.
    pub targets: Vec<TargetRow>,
    /// Investment projects known by the date.
    pub projects: Vec<Project>,
    /// PUE, CUE and WUE known by the date.
    pub effectiveness: Vec<Effectiveness>,
    /// What benchmarks found by the date.
    pub measured: Vec<Measured>,
    /// What does not agree.
    pub contradictions: Vec<Contradiction>,
    /// Devices connected whose peak no source gives; they are in no row of the ladder.
    pub devices_of_unknown_power: u32,
    /// Cores connected on which no benchmark ran; because of them, general computing is unknown and not zero.
    pub cores_of_unknown_power: f64,
    /// Pools that stand at no site of the census, such as the hub's own machine.
    pub pools_outside_census: Vec<Name>,
}

/// Counts `census` and the pools joined to the hub, as of `at`: later publications and later states of a site
/// are left out.
pub fn count(census: &Census, pools: &[PoolCount], at: Time, by: Option<By>) -> Count {
    let known_by = |date: &str| Time::parse_date(date).is_ok_and(|date| date <= at);
    let published: Vec<&Published> = census.published.values().filter(|figure| known_by(&figure.date)).collect();
    let mut by_status = BTreeMap::new();
    for site in census.sites.values() {
        *by_status.entry(census.stage(site, at).to_string()).or_default() += 1;
    }
    let mut providers_by_service = BTreeMap::new();
    for provider in census.providers.values() {
        let service = if provider.provides.is_empty() { "unknown" } else { &provider.provides };
        *providers_by_service.entry(service.to_owned()).or_default() += 1;
    }
    let unknown = |pool: &&PoolCount| !pool.model.as_ref().is_some_and(|model| census.accelerators.contains_key(model));
    let unmeasured = |pool: &&PoolCount| !census.measured.get(&pool.pool).into_iter().flatten().any(|found| found.devices.0 == 0);
    // What no source dates is not hidden.
    let by_then = |date: &str| date == "unknown" || known_by(date);
    Count {
        hub: census.hub.name.clone(),
        as_of: at.date(),
        rungs: RUNGS.into_iter().collect(),
        ladder: ladder(census, pools, at),
        groups: by.map(|by| groups(census, pools, at, by)).unwrap_or_default(),
        sites: SiteCount {
            total: census.sites.len(),
            named: census.sites.values().filter(|site: &&Site| site.named).count(),
            by_status,
        },
        providers: census.providers.len(),
        providers_named: census.providers.values().filter(|provider| provider.named).count(),
        providers_by_service,
        contradictions: contradictions(census, at),
        targets: census.targets.values().map(|target| target_row(census, target, &published, at)).collect(),
        published: published.into_iter().map(published_row).collect(),
        projects: census.projects.values().filter(|project| by_then(&project.as_of)).cloned().collect(),
        effectiveness: census.effectiveness.values().filter(|one| by_then(&one.period_from)).cloned().collect(),
        measured: census.measured.values().flatten().filter(|found| found.at <= at).cloned().collect(),
        devices_of_unknown_power: pools.iter().filter(unknown).map(|pool| pool.connected.0).sum(),
        cores_of_unknown_power: pools.iter().filter(unmeasured).map(|pool| pool.cores).sum::<Cpu>().0 as f64 / 1000.0,
        pools_outside_census: pools
            .iter()
            .map(|pool| &pool.pool)
            .filter(|pool| !census.pools.contains_key(*pool))
            .cloned()
            .collect(),
    }
}

fn stated_precision(unit: &str, precision: Option<Precision>) -> Option<String> {
    let stated = precision.map(|precision| precision.to_string());
    stated.or_else(|| unit.contains("FLOPS").then(|| "unstated".to_owned()))
}

fn published_row(figure: &Published) -> PublishedRow {
    PublishedRow {
        id: figure.id.clone(),
        date: figure.date.clone(),
        metric: figure.metric.clone(),
        stated: figure.value,
        value: figure.value.map(Stated::as_f64),
        unit: figure.unit.clone(),
        scope: figure.scope.clone(),
        precision: stated_precision(&figure.unit, figure.precision),
        quality: figure.quality.clone(),
        source: figure.source.clone(),
        note: figure.note.clone(),
    }
}

pub(crate) fn target_row(census: &Census, target: &crate::Target, published: &[&Published], at: Time) -> TargetRow {
    // `compute_total_target` is about what `compute_total` tells.
    let metric = target.metric.trim_end_matches("_target").trim_end_matches("_forecast");
    let comparable = |figure: &&&Published| {
        figure.metric == metric
            && (&figure.unit, &figure.scope, figure.precision) == (&target.unit, &target.scope, target.precision)
    };
    let reached = published.iter().filter(comparable).max_by_key(|figure| &figure.date);
    let figure = reached.and_then(|figure| figure.value);
    let both = figure.zip(target.value).map(|(figure, wanted)| (figure.as_f64(), wanted.as_f64()));
    // Less is better where the target is a ceiling; there a quotient would say the opposite.
    let ceiling = target.value.is_some_and(|value| matches!(value.bound, Bound::AtMost | Bound::LessThan)) || metric == "pue";
    TargetRow {
        id: target.id.clone(),
        due: target.due.clone(),
        metric: target.metric.clone(),
        stated: target.value,
        value: target.value.map(Stated::as_f64),
        unit: target.unit.clone(),
        scope: target.scope.clone(),
        precision: stated_precision(&target.unit, target.precision),
        quality: target.quality.clone(),
        source: target.source.clone(),
        reached: figure,
        reached_by: reached.map(|figure| figure.id.clone()),
        progress: both.filter(|(_, wanted)| *wanted > 0.0 && !ceiling).map(|(figure, wanted)| figure / wanted),
        distance: both.map(|(figure, wanted)| wanted - figure),
        forecast: newest(census.forecasts.values(), &target.id, at).cloned(),
    }
}
