//! The census as a fold over its changes.

use std::collections::BTreeMap;

use measure::Name;
use serde::{Deserialize, Serialize};

use crate::forecast::Forecast;
use crate::outlook::Outlook;
use crate::{
    Accelerator, Claim, Conditions, DeclaredPool, Effectiveness, Green, Measured, NodePower, Project, Provider, Published, Rack,
    Readings, Scope, Series, SeriesKey, Site, SiteStage, StageKey, Target, Tariff,
};

/// What holds for the hub as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubSettings {
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    #[serde(default)]
    pub name_zh: String,
    /// The region whose electricity and carbon rows apply.
    pub region: String,
    /// The currency of all prices; CNY is the only one.
    pub currency: String,
    /// Local time minus UTC, in whole hours.
    pub utc_offset_hours: i64,
    /// The hub's own share of every price, in thousandths.
    pub fee_permille: u32,
    /// Where this is known from.
    #[serde(default)]
    pub source: String,
    /// Anything a reader must know.
    #[serde(default)]
    pub note: String,
}

/// What exists, at which evidence, and what it costs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// The hub as a whole.
    pub hub: HubSettings,
    /// Device models by name.
    pub accelerators: BTreeMap<String, Accelerator>,
    /// Providers by id.
    pub providers: BTreeMap<Name, Provider>,
    /// Sites by id.
    pub sites: BTreeMap<Name, Site>,
    /// Declared pools by id.
    pub pools: BTreeMap<Name, DeclaredPool>,
    /// Prices and factors by id.
    pub tariffs: BTreeMap<Name, Tariff>,
    /// Targets by id.
    pub targets: BTreeMap<Name, Target>,
    /// Published figures by id.
    pub published: BTreeMap<Name, Published>,
    /// Dated stages of sites.
    pub stages: BTreeMap<StageKey, SiteStage>,
    /// Investment projects by id.
    pub projects: BTreeMap<Name, Project>,
    /// PUE, CUE and WUE by id.
    pub effectiveness: BTreeMap<Name, Effectiveness>,
    /// Green shares of electricity by id.
    pub green: BTreeMap<Name, Green>,
    /// Which published scope lies within which.
    pub scopes: BTreeMap<String, Scope>,
    /// Sentences that relate two published figures, by id.
    pub claims: BTreeMap<Name, Claim>,
    /// Providers' conditions by id.
    pub conditions: BTreeMap<Name, Conditions>,
    /// What plans say of targets, by id.
    pub forecasts: BTreeMap<Name, Forecast>,
    /// What nodes draw, by id.
    pub powers: BTreeMap<Name, NodePower>,
    /// Which nodes stand in one rack, by id.
    pub racks: BTreeMap<Name, Rack>,
    /// What benchmarks found, newest last, by pool.
    pub measured: BTreeMap<Name, Vec<Measured>>,
    /// Readings hour by hour.
    pub series: BTreeMap<SeriesKey, Series>,
    /// What is foretold of them.
    pub outlooks: BTreeMap<SeriesKey, Outlook>,
}

/// One thing about the census that became known; the journal keeps them all, so the past can be restated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// The hub's settings are these.
    Hub(HubSettings),
    /// A device model is this.
    Accelerator(Accelerator),
    /// A provider is this.
    Provider(Provider),
    /// A site is this.
    Site(Site),
    /// A declared pool is this.
    Pool(DeclaredPool),
    /// A price is this.
    Tariff(Tariff),
    /// A target is this.
    Target(Target),
    /// A figure was published.
    Published(Published),
    /// A device model is no longer listed.
    AcceleratorGone(String),
    /// A provider is no longer listed.
    ProviderGone(Name),
    /// A site is no longer listed.
    SiteGone(Name),
    /// A declared pool is no longer listed.
    PoolGone(Name),
    /// A price is no longer listed.
    TariffGone(Name),
    /// A target is no longer listed.
    TargetGone(Name),
    /// A published figure is no longer listed.
    PublishedGone(Name),
    /// A site had come so far on a date.
    Stage(SiteStage),
    /// A dated stage is no longer listed.
    StageGone(StageKey),
    /// A project is this.
    Project(Project),
    /// A project is no longer listed.
    ProjectGone(Name),
    /// A site's or region's effectiveness is this.
    Effectiveness(Effectiveness),
    /// An effectiveness is no longer listed.
    EffectivenessGone(Name),
    /// A part of some electricity is green.
    Green(Green),
    /// A green share is no longer listed.
    GreenGone(Name),
    /// A scope lies within another.
    Scope(Scope),
    /// A scope is no longer listed.
    ScopeGone(String),
    /// Two figures are claimed to be so related.
    Claim(Claim),
    /// A claim is no longer listed.
    ClaimGone(Name),
    /// A provider's conditions are these.
    Conditions(Conditions),
    /// Conditions are no longer listed.
    ConditionsGone(Name),
    /// A plan says this of a target.
    Forecast(Forecast),
    /// A forecast is no longer listed.
    ForecastGone(Name),
    /// A benchmark ran on a pool.
    Measured(Measured),
    /// Some readings of a series.
    Readings(Readings),
    /// What is foretold of a series from now on.
    Outlook(Outlook),
    /// What some nodes draw is this.
    Power(NodePower),
    /// What they draw is no longer listed.
    PowerGone(Name),
    /// A rack is this.
    Rack(Rack),
    /// A rack is no longer listed.
    RackGone(Name),
}

/// What leads from one map to another: changed or new values, then keys that are gone.
fn difference<K: Ord + Clone, V: PartialEq + Clone>(
    changes: &mut Vec<Change>,
    (old, new): (&BTreeMap<K, V>, &BTreeMap<K, V>),
    put: impl Fn(V) -> Change,
    gone: impl Fn(K) -> Change,
) {
    let changed = new.iter().filter(|(key, value)| old.get(*key) != Some(*value));
    changes.extend(changed.map(|(_, value)| put(value.clone())));
    changes.extend(old.keys().filter(|key| !new.contains_key(*key)).cloned().map(gone));
}

/// Writes the fold and the difference for the tables of the census, one line a table.
macro_rules! tables {
    ($($table:ident: $put:ident($key:expr), $gone:ident;)*) => {
        impl Census {
            /// Takes a change over. Total: it never refuses.
            pub fn apply(&mut self, change: &Change) {
                match change.clone() {
                    Change::Hub(hub) => self.hub = hub,
                    Change::Measured(one) => self.measured.entry(one.pool.clone()).or_default().push(one),
                    Change::Outlook(one) => drop(self.outlooks.insert((one.kind, one.scope.clone()), one)),
                    Change::Readings(some) => self.series.entry((some.kind, some.scope)).or_default().extend(some.values),
                    $(Change::$put(one) => drop(self.$table.insert($key(&one), one)),
                    Change::$gone(key) => drop(self.$table.remove(&key)),)*
                }
            }

            /// The changes that lead from this census to `new`. What was measured and read is not taken back: a folder says
            /// nothing of it.
            pub fn changes_to(&self, new: &Census) -> Vec<Change> {
                let mut changes = Vec::new();
                if self.hub != new.hub {
                    changes.push(Change::Hub(new.hub.clone()));
                }
                $(difference(&mut changes, (&self.$table, &new.$table), Change::$put, Change::$gone);)*
                for (pool, found) in &new.measured {
                    let known = self.measured.get(pool).map_or(0, Vec::len);
                    changes.extend(found.iter().skip(known).cloned().map(Change::Measured));
                }
                for ((kind, scope), series) in &new.series {
                    let known = self.series.get(&(*kind, scope.clone()));
                    let unlike = |(at, value): &(&measure::Time, &i64)| known.and_then(|known| known.get(at)) != Some(value);
                    let values: Vec<_> = series.iter().filter(unlike).map(|(at, value)| (*at, *value)).collect();
                    if !values.is_empty() {
                        changes.push(Change::Readings(Readings { kind: *kind, scope: scope.clone(), values, source: String::new() }));
                    }
                }
                let unlike = |(key, one): &(&SeriesKey, &Outlook)| self.outlooks.get(*key) != Some(*one);
                changes.extend(new.outlooks.iter().filter(unlike).map(|(_, one)| Change::Outlook(one.clone())));
                changes
            }
        }
    };
}

tables! {
    accelerators: Accelerator(|one: &Accelerator| one.model.clone()), AcceleratorGone;
    providers: Provider(|one: &Provider| one.id.clone()), ProviderGone;
    sites: Site(|one: &Site| one.id.clone()), SiteGone;
    pools: Pool(|one: &DeclaredPool| one.id.clone()), PoolGone;
    tariffs: Tariff(|one: &Tariff| one.id.clone()), TariffGone;
    targets: Target(|one: &Target| one.id.clone()), TargetGone;
    published: Published(|one: &Published| one.id.clone()), PublishedGone;
    stages: Stage(SiteStage::key), StageGone;
    projects: Project(|one: &Project| one.id.clone()), ProjectGone;
    effectiveness: Effectiveness(|one: &Effectiveness| one.id.clone()), EffectivenessGone;
    green: Green(|one: &Green| one.id.clone()), GreenGone;
    scopes: Scope(|one: &Scope| one.scope.clone()), ScopeGone;
    claims: Claim(|one: &Claim| one.id.clone()), ClaimGone;
    conditions: Conditions(|one: &Conditions| one.id.clone()), ConditionsGone;
    forecasts: Forecast(|one: &Forecast| one.id.clone()), ForecastGone;
    powers: Power(|one: &NodePower| one.id.clone()), PowerGone;
    racks: Rack(|one: &Rack| one.id.clone()), RackGone;
}

impl Census {
    /// The device models a person may have meant: the model itself, or all whose name begins with the text
    /// or has it as a word, without regard to case. Sorted.
    pub fn models_named(&self, text: &str) -> Vec<String> {
        let wanted = text.to_lowercase();
        if let Some(exact) = self.accelerators.keys().find(|model| model.to_lowercase() == wanted) {
            return vec![exact.clone()];
        }
        let fits = |model: &&String| {
            let model = model.to_lowercase();
            model.starts_with(&wanted) || model.split(' ').any(|word| word == wanted) || model.contains(&format!(" {wanted}"))
        };
        if wanted.is_empty() { Vec::new() } else { self.accelerators.keys().filter(fits).cloned().collect() }
    }
}
