//! What tenants may spend. A place takes what it may cost out of the purses of its tenant and of those above it; what it did
//! cost replaces that when it is paid. The engine gives no place that a purse cannot pay for.

use std::sync::Arc;

use census::{Agreement, Held};
use measure::{Cpu, JobId, Money, Rate, Span, TenantId, Time};
use serde::{Deserialize, Serialize};

use crate::hub::{Hub, Tenant};
use crate::node::Demand;
use crate::queue::Kind;
use crate::table::Table;

/// A budget and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purse {
    /// What may be spent in all.
    pub amount: Money,
    /// What is neither paid nor held for jobs that have a place; below zero where a job cost more than was foreseen.
    pub left: Money,
    /// From so many thousandths spent or held on, people are warned.
    pub warn_permille: u32,
    /// From when nothing may be spent any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// When it is filled up again, each calendar month from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews: Option<Time>,
}

impl Purse {
    /// What may be spent at an instant.
    pub fn spendable(&self, at: Time) -> Money {
        if self.until.is_some_and(|end| end <= at) { Money::ZERO } else { self.left.max(Money::ZERO) }
    }

    /// Whether people are to be warned: as much as was asked is spent or held.
    pub fn warns(&self) -> bool {
        self.amount - self.left >= self.amount.permille(self.warn_permille)
    }
}

/// Whether the purses of a tenant and of those above it can pay for a place that may cost so much.
pub(crate) fn can_pay(tenants: &Table<TenantId, Tenant>, tenant: TenantId, most: Money, at: Time) -> bool {
    least(tenants, tenant, at).is_none_or(|(_, left)| left >= most && left > Money::ZERO)
}

/// Which of those purses has least to spend, and how much that is; `None` where there is none.
pub(crate) fn least(tenants: &Table<TenantId, Tenant>, tenant: TenantId, at: Time) -> Option<(TenantId, Money)> {
    let own = |id: TenantId| tenants[&id].purse.map(|purse| (id, purse.spendable(at)));
    crate::hold::path(tenants, tenant).filter_map(own).min_by_key(|(_, left)| *left)
}

/// What may be spent on a waiting job, and what it would cost in each group.
pub(crate) struct Means {
    pub(crate) left: Money,
    /// By group: the rate, and what is agreed beyond it.
    prices: Vec<(Rate, Option<Arc<Agreement>>)>,
    /// How long it may run.
    pub(crate) span: Span,
}

impl Means {
    /// What so many replicas may cost in a group.
    pub(crate) fn cost(&self, group: usize, demand: Demand, replicas: u32) -> Money {
        let (rate, agreed) = &self.prices[group];
        let held = Held {
            milli: demand.milli().saturating_mul(u64::from(replicas)),
            cores: Cpu(demand.cpu).times(replicas),
            ..Held::default()
        };
        most(*rate, agreed.as_deref(), &held, self.span)
    }

    /// Whether that can be paid.
    pub(crate) fn pay(&self, group: usize, demand: Demand, replicas: u32) -> bool {
        self.left > Money::ZERO && self.cost(group, demand, replicas) <= self.left
    }
}

/// The most that holding so much for a span may cost.
pub(crate) fn most(rate: Rate, agreed: Option<&Agreement>, held: &Held, span: Span) -> Money {
    agreed.map_or_else(|| Agreement::default().most(rate, held, span), |agreed| agreed.most(rate, held, span))
}

impl Hub {
    /// What may be spent on a waiting job of a kind; `None` where nothing limits it.
    pub(crate) fn means(&mut self, kind: &Kind, id: JobId) -> Option<Means> {
        if !self.derived.purses {
            return None;
        }
        let (tenant, bound) = (kind.own?, self.jobs[&id].bound());
        let (_, left) = self.spendable(tenant)?;
        let prices = (0..self.derived.index.groups.len()).map(|group| self.rate(group as u32, tenant)).collect();
        Some(Means { left, prices, span: bound.unwrap_or_else(|| self.guess(id)) })
    }

    /// What a job may cost at least, and what may be spent on it, where it could be paid for in no pool that could hold it.
    pub(crate) fn too_dear(&mut self, kind: &Kind, id: JobId) -> Option<(Money, Money)> {
        let means = self.means(kind, id)?;
        let spread = self.jobs[&id].spec.shape.spread;
        let candidates = self.candidates(kind.shape);
        let could = candidates.iter().filter(|one| {
            let group = &self.derived.index.groups[one.group as usize];
            kind.barred.binary_search(&one.pool).is_err() && Hub::could_hold(group, spread, one.demand, one.wanted)
        });
        let least = could.map(|one| means.cost(one.group as usize, one.demand, one.wanted)).min()?;
        (means.left <= Money::ZERO || least > means.left).then_some((least, means.left))
    }

    /// What a tenant may spend now, and whose purse says so; `None` where nothing limits it.
    pub fn spendable(&self, tenant: TenantId) -> Option<(TenantId, Money)> {
        least(&self.tenants, tenant, self.derived.clock)
    }

    /// The first purse, from a tenant up to its organisation, of which so much is spent or held that people are to be warned.
    pub fn warning(&self, tenant: TenantId) -> Option<(TenantId, Purse)> {
        let warns = |id: TenantId| self.tenants[&id].purse.filter(Purse::warns).map(|purse| (id, purse));
        if self.derived.purses { self.path(tenant).find_map(warns) } else { None }
    }

    /// Takes so much out of the purses of a tenant and of those above it; puts it back where it is negative.
    pub(crate) fn draw(&mut self, tenant: TenantId, amount: Money) {
        if amount == Money::ZERO || !self.derived.purses {
            return;
        }
        let mut next = Some(tenant);
        while let Some(id) = next {
            let tenant = self.tenants.get_mut(&id).expect("jobs are of admitted tenants");
            if let Some(purse) = &mut tenant.purse {
                purse.left -= amount;
                self.derived.reopen_all |= amount < Money::ZERO;
            }
            next = tenant.terms.parent;
        }
    }

    /// What is held for jobs of a tenant and its projects that have a place.
    pub fn held_money(&self, tenant: TenantId) -> Money {
        let below = |of: TenantId| self.path(of).any(|id| id == tenant);
        let held = self.jobs.values().filter(|job| below(job.spec.tenant)).filter_map(|job| Some(job.stage.held()?.hold));
        held.sum()
    }

    /// The purses that are to be filled up by an instant, as they are then.
    pub fn renewals(&self, at: Time) -> Vec<(TenantId, Purse)> {
        if !self.derived.purses {
            return Vec::new();
        }
        let offset = Span(self.census.hub.utc_offset_hours * Span::HOUR.0);
        let due = |(id, tenant): (&TenantId, &Tenant)| {
            let purse = tenant.purse?;
            let mut next = purse.renews.filter(|next| *next <= at)?;
            while next <= at {
                next = month_after(next, offset);
            }
            Some((*id, Purse { left: purse.amount - self.held_money(*id), renews: Some(next), ..purse }))
        };
        self.tenants.iter().filter_map(due).collect()
    }
}

/// The first instant of the local month after that of an instant.
pub fn month_after(at: Time, offset: Span) -> Time {
    let date = (at + offset).date();
    let (year, month) = (date[..4].parse::<u32>().unwrap_or(0), date[5..7].parse::<u32>().unwrap_or(1));
    let text = if month == 12 { format!("{:04}-01", year + 1) } else { format!("{year:04}-{:02}", month + 1) };
    Time::parse_date(&text).map_or(at + Span(31 * 24 * Span::HOUR.0), |local| Time(local.0 - offset.0))
}
