//! The ladder: computing power by class and precision, from what a document announces to what work was metered to do.

use std::collections::BTreeSet;
use std::str::FromStr;

use measure::{AnyFlops, Class, Cpu, Devices, Kind, Malformed, Name, Precision, Sparsity, Tally, Time};
use serde::Serialize;

use crate::{Census, DeclaredPool, Evidence, Site, Stated};

/// The rungs, weakest evidence first, with what each rests on.
pub const RUNGS: [(&str, &str); 6] = [
    ("announced", "a document names it"),
    ("built", "it stands at a site that operates, as a document or its provider says"),
    ("connected", "an agent lists the devices"),
    ("schedulable", "its agent is in touch and a job could start there"),
    ("allocated", "jobs hold it"),
    ("delivered", "jobs were metered to do it, as a mean over the day before"),
];

/// What the hub knows of a joined pool at the moment of counting.
#[derive(Debug, Clone)]
pub struct PoolCount {
    /// The pool's name.
    pub pool: Name,
    /// Who owns it.
    pub provider: Name,
    /// Where it stands.
    pub site: Option<Name>,
    /// Its device model; `None` for nodes without accelerators.
    pub model: Option<String>,
    /// Devices its agent lists.
    pub connected: Devices,
    /// Those on which a job could start.
    pub schedulable: Devices,
    /// Those held by jobs.
    pub allocated: Devices,
    /// Cores its agent lists.
    pub cores: Cpu,
    /// Those held by jobs.
    pub cores_allocated: Cpu,
    /// Whether its agent is in touch.
    pub contact: bool,
    /// What its jobs were metered to do, as a mean rate over the day before.
    pub delivered: Vec<AnyFlops>,
    /// Whether some of its jobs of that day have no reading of what they did.
    pub unmetered: bool,
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
    /// What is connected, by the rate that benchmarks reached and not by the makers' peak; only pools on which one ran.
    pub measured_eflops: Option<f64>,
}

/// By what the ladder is broken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By site.
    Site,
    /// By provider.
    Provider,
    /// By zone.
    Zone,
    /// By device model.
    Model,
    /// By class.
    Class,
}

impl FromStr for By {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<By, Malformed> {
        match text {
            "site" => Ok(By::Site),
            "provider" => Ok(By::Provider),
            "zone" => Ok(By::Zone),
            "model" => Ok(By::Model),
            "class" => Ok(By::Class),
            _ => Err(Malformed::new(text, "site, provider, zone, model or class")),
        }
    }
}

/// The ladder of one site, provider, zone, model or class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Which; `unknown` where no source says.
    pub key: String,
    /// Its rows; only kinds of which something is known.
    pub ladder: Vec<LadderRow>,
}

/// Something that has computing power.
enum Source<'a> {
    Declared(&'a DeclaredPool),
    Stated(&'a Site),
    Joined(&'a PoolCount),
}

impl Source<'_> {
    fn site(&self) -> Option<&Name> {
        match self {
            Source::Declared(pool) => Some(&pool.site),
            Source::Stated(site) => Some(&site.id),
            Source::Joined(pool) => pool.site.as_ref(),
        }
    }

    fn key(&self, census: &Census, by: By) -> String {
        let known = match (by, self) {
            (By::Site, _) => self.site().map(ToString::to_string),
            (By::Zone, _) => self.site().and_then(|site| census.sites.get(site)).map(|site| site.zone.clone()),
            (By::Provider, Source::Declared(pool)) => Some(pool.provider.to_string()),
            (By::Provider, Source::Stated(site)) => site.provider.as_ref().map(ToString::to_string),
            (By::Provider, Source::Joined(pool)) => Some(pool.provider.to_string()),
            (By::Model, Source::Declared(pool)) => pool.accelerator.clone(),
            (By::Model, Source::Joined(pool)) => pool.model.clone(),
            (By::Model, Source::Stated(_)) | (By::Class, _) => None,
        };
        known.unwrap_or_else(|| "unknown".to_owned())
    }
}

/// What can be counted of a census and the pools joined, as of an instant.
struct Sources<'a> {
    census: &'a Census,
    at: Time,
    all: Vec<Source<'a>>,
}

impl<'a> Sources<'a> {
    fn of(census: &'a Census, pools: &'a [PoolCount], at: Time) -> Sources<'a> {
        let known = |pool: &&DeclaredPool| Time::parse_date(&pool.as_of).is_ok_and(|date| date <= at);
        // Where a site has declared pools they say the same more exactly; both would count it twice.
        let bare = |site: &&Site| !census.pools.values().any(|pool| pool.site == site.id && pool.evidence >= Evidence::Declared);
        let declared = census.pools.values().filter(known).map(Source::Declared);
        let stated = census.sites.values().filter(bare).map(Source::Stated);
        Sources { census, at, all: declared.chain(stated).chain(pools.iter().map(Source::Joined)).collect() }
    }

    fn stands(&self, site: &Site) -> bool {
        self.census.stage(site, self.at).stands()
    }

    fn ladder(&self, wanted: impl Fn(&Source) -> bool, with_usual: bool) -> Vec<LadderRow> {
        let [mut announced, mut built, mut connected, mut schedulable, mut allocated, mut delivered, mut measured]: [Tally; 7] =
            Default::default();
        let mut any_measured = BTreeSet::new();
        let (mut cores, mut cores_in_touch, mut cores_held) = (false, false, false);
        let (mut joined, mut unmetered) = (false, BTreeSet::new());
        for source in self.all.iter().filter(|source| wanted(source)) {
            match source {
                Source::Declared(pool) => {
                    let devices = u64::from(pool.nodes) * u64::from(pool.devices_per_node.0);
                    let model = pool.accelerator.as_ref().and_then(|model| self.census.accelerators.get(model));
                    // What is only announced may be yet to come, also at a site that operates.
                    let declared = pool.evidence >= Evidence::Declared;
                    let stands = declared && self.census.sites.get(&pool.site).is_some_and(|site| self.stands(site));
                    for peak in model.into_iter().flat_map(|model| model.peaks()) {
                        announced.add(peak.times(devices));
                        if stands {
                            built.add(peak.times(devices));
                        }
                    }
                }
                Source::Stated(site) => {
                    // A site's figure counts only where the source says what it counts; the others stay beside, in `published`.
                    let (Some(class), Some(precision), Some(sparsity)) = (site.class, site.precision, site.sparsity) else {
                        continue;
                    };
                    let kind = Kind { class, precision, sparsity };
                    let flops = |pflops: Stated| AnyFlops { kind, mega: pflops.micro.unsigned_abs() * 1000 };
                    // Beside what stands, announced pools say what is planned.
                    let other = |source: &Source| matches!(source, Source::Declared(pool) if pool.site == site.id);
                    let planned = site.computing_power_planned_pflops.filter(|_| !self.all.iter().any(other));
                    if let Some(pflops) = planned.max(site.computing_power_pflops) {
                        announced.add(flops(pflops));
                    }
                    if let Some(pflops) = site.computing_power_pflops.filter(|_| self.stands(site)) {
                        built.add(flops(pflops));
                    }
                }
                Source::Joined(pool) => {
                    joined = true;
                    let model = pool.model.as_ref().and_then(|model| self.census.accelerators.get(model));
                    let peaks: Vec<AnyFlops> = model.map(|model| model.peaks().collect()).unwrap_or_default();
                    for peak in &peaks {
                        connected.add(peak.times(u64::from(pool.connected.0)));
                        schedulable.add(peak.times(u64::from(pool.schedulable.0)));
                        allocated.add(peak.times(u64::from(pool.allocated.0)));
                        if pool.unmetered && pool.model.is_some() {
                            unmetered.insert(peak.kind);
                        }
                    }
                    for flops in &pool.delivered {
                        delivered.add(*flops);
                    }
                    let found = self.census.measured.get(&pool.pool).into_iter().flatten().filter(|found| found.at <= self.at);
                    // The newest of each kind holds, for all that is there of its like.
                    let mut known = BTreeSet::new();
                    for found in found.collect::<Vec<_>>().into_iter().rev() {
                        let (flops, on_cores) = (found.flops(), found.devices.0 == 0);
                        let (there, of) = match on_cores {
                            true => (pool.cores.0, found.cores.0),
                            false => (u64::from(pool.connected.0), u64::from(found.devices.0)),
                        };
                        if of == 0 || !known.insert(flops.kind) {
                            continue;
                        }
                        let part = |count: u64| AnyFlops {
                            mega: u64::try_from(u128::from(flops.mega) * u128::from(count) / u128::from(of)).unwrap_or(u64::MAX),
                            ..flops
                        };
                        measured.add(part(there));
                        any_measured.insert(flops.kind);
                        // Nobody publishes what a pool's cores can do: what was measured is all that is known of them.
                        if on_cores {
                            connected.add(part(pool.cores.0));
                            schedulable.add(part(if pool.contact { pool.cores.0 } else { 0 }));
                            allocated.add(part(pool.cores_allocated.0));
                        }
                    }
                    if !known.iter().any(|kind| kind.class == Class::General) {
                        cores |= pool.cores.0 > 0;
                        cores_in_touch |= pool.contact && pool.cores.0 > 0;
                        cores_held |= pool.cores_allocated.0 > 0;
                    }
                    if pool.unmetered && pool.model.is_none() {
                        unmetered.extend(known.iter().copied().filter(|kind| kind.class == Class::General));
                        unmetered.insert(Kind::usual(Class::General));
                    }
                }
            }
        }
        let usual = Class::ALL.iter().filter(|_| with_usual).map(|class| Kind::usual(*class));
        let mut kinds: BTreeSet<Kind> = usual.collect();
        kinds.extend([&announced, &connected, &delivered].into_iter().flat_map(|tally| tally.rows().map(|row| row.kind)));
        let row = |kind: Kind| {
            let stated = |tally: &Tally| tally.of(kind).map(|flops| flops.as_eflops());
            // What cores can do is not known before it is measured: with any such, general computing has no known sum.
            let counted = |tally: &Tally, unknown: bool| match unknown && kind.class == Class::General {
                true => None,
                false => Some(stated(tally).unwrap_or(0.0)),
            };
            let metered = !(unmetered.contains(&kind) && delivered.of(kind).is_none());
            let nothing_ran = joined || with_usual;
            LadderRow {
                class: kind.class,
                precision: kind.precision,
                sparsity: kind.sparsity,
                announced_eflops: stated(&announced),
                built_eflops: stated(&built),
                connected_eflops: counted(&connected, cores),
                schedulable_eflops: counted(&schedulable, cores_in_touch),
                allocated_eflops: counted(&allocated, cores_held),
                delivered_eflops: stated(&delivered).or_else(|| (metered && nothing_ran).then_some(0.0)),
                measured_eflops: stated(&measured).filter(|_| any_measured.contains(&kind)),
            }
        };
        kinds.into_iter().map(row).collect()
    }
}

/// The whole ladder.
pub(crate) fn ladder(census: &Census, pools: &[PoolCount], at: Time) -> Vec<LadderRow> {
    Sources::of(census, pools, at).ladder(|_| true, true)
}

/// The ladder broken down.
pub(crate) fn groups(census: &Census, pools: &[PoolCount], at: Time, by: By) -> Vec<Group> {
    let sources = Sources::of(census, pools, at);
    if by == By::Class {
        let rows = sources.ladder(|_| true, true);
        let of = |class: &Class| Group {
            key: class.to_string(),
            ladder: rows.iter().filter(|row| row.class == *class).cloned().collect(),
        };
        return Class::ALL.iter().map(of).collect();
    }
    let mut keys: BTreeSet<String> = sources.all.iter().map(|source| source.key(census, by)).collect();
    match by {
        By::Site => keys.extend(census.sites.keys().map(ToString::to_string)),
        By::Provider => keys.extend(census.providers.keys().map(ToString::to_string)),
        _ => {}
    }
    let group = |key: String| {
        let ladder = sources.ladder(|source| source.key(census, by) == key, false);
        Group { key, ladder }
    };
    keys.into_iter().map(group).collect()
}
