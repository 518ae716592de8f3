//! Counting: the ladder by class and precision, what is published beside it, and what contradicts what.

use std::collections::BTreeMap;

use measure::{Class, Cpu, Devices, Kind, Name, Precision, Sparsity, Tally, Time};
use serde::Serialize;

use crate::{Census, Published, Site, SiteStatus, Stated};

/// What the hub knows of a joined pool at the moment of counting.
#[derive(Debug, Clone)]
pub struct PoolCount {
    /// The pool's name.
    pub pool: Name,
    /// Its device model; `None` for nodes without accelerators.
    pub model: Option<String>,
    /// Devices its agent lists.
    pub connected: Devices,
    /// Those on which a job could start.
    pub schedulable: Devices,
    /// Those held by jobs.
    pub allocated: Devices,
    /// Cores its agent lists. What a core can do no agent measures yet.
    pub cores: Cpu,
    /// Those held by jobs.
    pub cores_allocated: Cpu,
    /// Whether its agent is in touch.
    pub contact: bool,
}

/// One row of the ladder. `None` is unknown: no source gives the figure. Zero is a count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LadderRow {
    /// What it is for.
    pub class: Class,
    /// In which number format.
    pub precision: Precision,
    /// With or without skipped zeros.
    pub sparsity: Sparsity,
    /// Some document names it.
    pub announced_eflops: Option<f64>,
    /// It stands at an operating site.
    pub built_eflops: Option<f64>,
    /// An agent lists the devices.
    pub connected_eflops: Option<f64>,
    /// A job could start there.
    pub schedulable_eflops: Option<f64>,
    /// Jobs hold it.
    pub allocated_eflops: Option<f64>,
    /// Work it was metered to do; unknown while no meter reads the devices of running jobs.
    pub delivered_eflops: Option<f64>,
}

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
}

/// Figures that cannot all hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// Which figures.
    pub figures: Vec<Name>,
    /// Why.
    pub what: String,
}

/// The census as of an instant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Count {
    /// The hub's name.
    pub hub: String,
    /// The date counted for.
    pub as_of: String,
    /// Computing power by kind and rung.
    pub ladder: Vec<LadderRow>,
    /// Sites.
    pub sites: SiteCount,
    /// How many providers.
    pub providers: usize,
    /// How many of them have a name.
    pub providers_named: usize,
    /// Figures published up to the date.
    pub published: Vec<PublishedRow>,
    /// Targets.
    pub targets: Vec<TargetRow>,
    /// What does not agree.
    pub contradictions: Vec<Contradiction>,
    /// Devices connected whose peak no source gives; they are in no row of the ladder.
    pub devices_of_unknown_power: u32,
    /// Cores connected whose peak no source gives; because of them, general computing is unknown and not zero.
    pub cores_of_unknown_power: f64,
    /// Pools that stand at no site of the census, such as the hub's own machine.
    pub pools_outside_census: Vec<Name>,
}

/// Counts `census` and the pools joined to the hub, as of `at`: later publications and later states of a site
/// are left out.
pub fn count(census: &Census, pools: &[PoolCount], at: Time) -> Count {
    let known_by = |date: &str| Time::parse_date(date).is_ok_and(|date| date <= at);
    let published: Vec<&Published> = census.published.values().filter(|figure| known_by(&figure.date)).collect();
    let status = |site: &Site| {
        let later = Time::parse_date(&site.status_date).is_ok_and(|date| date > at);
        if later { SiteStatus::Unknown } else { site.status }
    };
    let mut by_status = BTreeMap::new();
    for site in census.sites.values() {
        *by_status.entry(status(site).to_string()).or_default() += 1;
    }
    let unknown = |pool: &&PoolCount| !pool.model.as_ref().is_some_and(|model| census.accelerators.contains_key(model));
    Count {
        hub: census.hub.name.clone(),
        as_of: at.date(),
        ladder: ladder(census, pools, at, status),
        sites: SiteCount { total: census.sites.len(), named: census.sites.values().filter(|site| site.named).count(), by_status },
        providers: census.providers.len(),
        providers_named: census.providers.values().filter(|provider| provider.named).count(),
        contradictions: contradictions(census, &published, status),
        published: published.into_iter().map(published_row).collect(),
        targets: census.targets.values().map(target_row).collect(),
        devices_of_unknown_power: pools.iter().filter(unknown).map(|pool| pool.connected.0).sum(),
        cores_of_unknown_power: pools.iter().map(|pool| pool.cores).sum::<Cpu>().0 as f64 / 1000.0,
        pools_outside_census: pools
            .iter()
            .map(|pool| &pool.pool)
            .filter(|pool| !census.pools.contains_key(*pool))
            .cloned()
            .collect(),
    }
}

fn ladder(census: &Census, pools: &[PoolCount], at: Time, status: impl Fn(&Site) -> SiteStatus) -> Vec<LadderRow> {
    let (mut announced, mut built) = (Tally::default(), Tally::default());
    for pool in census.pools.values().filter(|pool| Time::parse_date(&pool.as_of).is_ok_and(|date| date <= at)) {
        let devices = u64::from(pool.nodes) * u64::from(pool.devices_per_node.0);
        let Some(accelerator) = pool.accelerator.as_ref().and_then(|model| census.accelerators.get(model)) else { continue };
        let stands = census.sites.get(&pool.site).is_some_and(|site| status(site) == SiteStatus::Operating);
        for peak in accelerator.peaks() {
            announced.add(peak.times(devices));
            if stands {
                built.add(peak.times(devices));
            }
        }
    }
    for site in census.sites.values() {
        // A site's figure counts only where the source says what it counts; the others stay beside, in `published`.
        let (Some(class), Some(precision), Some(sparsity)) = (site.class, site.precision, site.sparsity) else { continue };
        let kind = Kind { class, precision, sparsity };
        let flops = |pflops: Stated| measure::AnyFlops { kind, mega: pflops.micro.unsigned_abs() * 1000 };
        let has_pools = census.pools.values().any(|pool| pool.site == site.id);
        if has_pools {
            continue; // Its pools say the same more exactly; both would count it twice.
        }
        if let Some(pflops) = site.computing_power_planned_pflops.max(site.computing_power_pflops) {
            announced.add(flops(pflops));
        }
        if let Some(pflops) = site.computing_power_pflops.filter(|_| status(site) == SiteStatus::Operating) {
            built.add(flops(pflops));
        }
    }
    let (mut connected, mut schedulable, mut allocated) = (Tally::default(), Tally::default(), Tally::default());
    for pool in pools {
        let Some(accelerator) = pool.model.as_ref().and_then(|model| census.accelerators.get(model)) else { continue };
        for peak in accelerator.peaks() {
            connected.add(peak.times(u64::from(pool.connected.0)));
            schedulable.add(peak.times(u64::from(pool.schedulable.0)));
            allocated.add(peak.times(u64::from(pool.allocated.0)));
        }
    }
    let usual = Class::ALL.iter().map(|class| Kind::usual(*class));
    let mut kinds: Vec<Kind> = usual.collect();
    kinds.extend(announced.rows().chain(connected.rows()).map(|row| row.kind));
    kinds.sort();
    kinds.dedup();
    let row = |kind: Kind| {
        let stated = |tally: &Tally| tally.of(kind).map(|flops| flops.as_eflops());
        // What cores can do is not measured: with any of them, a rung of general computing has no known sum.
        let cores = |on: fn(&PoolCount) -> bool| kind.class == Class::General && pools.iter().any(on);
        let counted = |tally: &Tally, unknown: bool| {
            if unknown { None } else { Some(tally.of(kind).map_or(0.0, |flops| flops.as_eflops())) }
        };
        let held = counted(&allocated, cores(|pool| pool.cores_allocated.0 > 0));
        LadderRow {
            class: kind.class,
            precision: kind.precision,
            sparsity: kind.sparsity,
            announced_eflops: stated(&announced),
            built_eflops: stated(&built),
            connected_eflops: counted(&connected, cores(|pool| pool.cores.0 > 0)),
            schedulable_eflops: counted(&schedulable, cores(|pool| pool.contact && pool.cores.0 > 0)),
            allocated_eflops: held,
            delivered_eflops: held.filter(|eflops| *eflops == 0.0),
        }
    };
    kinds.into_iter().map(row).collect()
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
    }
}

fn target_row(target: &crate::Target) -> TargetRow {
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
    }
}

fn contradictions(census: &Census, published: &[&Published], status: impl Fn(&Site) -> SiteStatus) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let shown = |figure: &Published| {
        let value = figure.value.map_or("unknown".to_owned(), |value| value.to_string());
        format!("{value} {} for {} ({})", figure.unit, figure.date, figure.scope)
    };
    for (at, one) in published.iter().enumerate() {
        for other in &published[at + 1..] {
            let named = one.disputes.contains(&other.id) || other.disputes.contains(&one.id);
            let same_moment = one.metric == other.metric && one.scope == other.scope && one.date == other.date;
            let differ = one.precision == other.precision && one.value != other.value;
            if named || (same_moment && differ) {
                let metric =
                    if one.metric == other.metric { one.metric.clone() } else { format!("{} and {}", one.metric, other.metric) };
                let what = format!("{metric}: {} against {}", shown(one), shown(other));
                found.push(Contradiction { figures: vec![one.id.clone(), other.id.clone()], what });
            }
        }
    }
    // A published number of centres "completed or under construction" that the list cannot fill.
    let standing = |site: &&Site| matches!(status(site), SiteStatus::Operating | SiteStatus::UnderConstruction);
    let short = census.sites.values().filter(|site| site.named).filter(|site| !standing(site)).count();
    let latest = published.iter().filter(|figure| figure.metric == "data_centres").max_by_key(|figure| &figure.date);
    if let Some(figure) = latest
        .filter(|figure| short > 0 && figure.value.is_some_and(|value| value.micro == census.sites.len() as i64 * 1_000_000))
    {
        let what = format!(
            "data_centres: {} are published as completed or under construction, but {short} of the {} named sites are not known to be either",
            shown(figure),
            census.sites.values().filter(|site| site.named).count(),
        );
        found.push(Contradiction { figures: vec![figure.id.clone()], what });
    }
    found
}
