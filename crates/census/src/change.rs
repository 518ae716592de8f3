//! The census as a fold over its changes.

use std::collections::BTreeMap;

use measure::Name;
use serde::{Deserialize, Serialize};

use crate::{Accelerator, DeclaredPool, Provider, Published, Site, Target, Tariff};

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

impl Census {
    /// Takes a change over. Total: it never refuses.
    pub fn apply(&mut self, change: &Change) {
        match change.clone() {
            Change::Hub(hub) => self.hub = hub,
            Change::Accelerator(one) => drop(self.accelerators.insert(one.model.clone(), one)),
            Change::Provider(one) => drop(self.providers.insert(one.id.clone(), one)),
            Change::Site(one) => drop(self.sites.insert(one.id.clone(), one)),
            Change::Pool(one) => drop(self.pools.insert(one.id.clone(), one)),
            Change::Tariff(one) => drop(self.tariffs.insert(one.id.clone(), one)),
            Change::Target(one) => drop(self.targets.insert(one.id.clone(), one)),
            Change::Published(one) => drop(self.published.insert(one.id.clone(), one)),
            Change::AcceleratorGone(model) => drop(self.accelerators.remove(&model)),
            Change::ProviderGone(id) => drop(self.providers.remove(&id)),
            Change::SiteGone(id) => drop(self.sites.remove(&id)),
            Change::PoolGone(id) => drop(self.pools.remove(&id)),
            Change::TariffGone(id) => drop(self.tariffs.remove(&id)),
            Change::TargetGone(id) => drop(self.targets.remove(&id)),
            Change::PublishedGone(id) => drop(self.published.remove(&id)),
        }
    }

    /// The changes that lead from this census to `new`.
    pub fn changes_to(&self, new: &Census) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.hub != new.hub {
            changes.push(Change::Hub(new.hub.clone()));
        }
        let all = &mut changes;
        difference(all, (&self.accelerators, &new.accelerators), Change::Accelerator, Change::AcceleratorGone);
        difference(all, (&self.providers, &new.providers), Change::Provider, Change::ProviderGone);
        difference(all, (&self.sites, &new.sites), Change::Site, Change::SiteGone);
        difference(all, (&self.pools, &new.pools), Change::Pool, Change::PoolGone);
        difference(all, (&self.tariffs, &new.tariffs), Change::Tariff, Change::TariffGone);
        difference(all, (&self.targets, &new.targets), Change::Target, Change::TargetGone);
        difference(all, (&self.published, &new.published), Change::Published, Change::PublishedGone);
        changes
    }

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
