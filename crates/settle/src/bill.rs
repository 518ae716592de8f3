//! One attempt's bill: metered use × what was agreed, energy and carbon from dated tariffs and factors.

use std::sync::Arc;

use census::{Agreement, Census, Held, Parts};
use dispatch::{End, EnergySource, Hub, Place, Slot, Usage};
use measure::{
    Carbon, CoreTime, DeviceTime, Energy, JobId, Kind, Memory, Money, Name, PoolId, Precision, Pue, Rate, Span, TenantId, Time,
};
use serde::{Deserialize, Serialize};

use crate::book::{Account, Posting};

/// What an attempt used and what is paid for it. Recorded whole, so that no later tariff or version changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// The job.
    pub job: JobId,
    /// Who pays.
    pub tenant: TenantId,
    /// Where it ran and who receives; `None` if it never had a place.
    pub place: Option<(PoolId, Name)>,
    /// How long it ran.
    pub run: Span,
    /// Devices held × run.
    pub devices: DeviceTime,
    /// Cores held × run.
    pub cores: CoreTime,
    /// Core-time used.
    pub cpu: CoreTime,
    /// Peak memory.
    pub peak_memory: Memory,
    /// The rate agreed when it was placed.
    pub rate: Rate,
    /// Energy at the facility if the site's PUE is known, else at the machine.
    pub energy: Energy,
    /// How the energy is known.
    pub energy_source: EnergySource,
    /// The PUE in `energy`, if one is known.
    pub pue: Option<Pue>,
    /// What the energy cost by the hour's tariff; `None` where no tariff is known. Told, not charged: the rate covers it.
    pub energy_cost: Option<Money>,
    /// What the energy emitted by the grid's factor; `None` where no factor is known. Location-based.
    pub carbon: Option<Carbon>,
    /// What is to be paid: the price's parts and what was adjusted.
    pub price: Money,
    /// The money that moves; empty where nothing is due.
    pub postings: Vec<Posting>,
    /// Which attempt of the job, counted from 1; 0 in journals that did not tell.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u32,
    /// What it held, and when; `None` in journals that did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// What was agreed beyond the rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Arc<Agreement>>,
    /// The price in its parts; `None` where all of it is for running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
    /// Held of its tenant's money when it was placed, and given back with this.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hold: Money,
    /// What was put on or taken off the price after a dispute.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub adjusted: Money,
    /// What the energy emitted without the part of it that is bought as green. Market-based.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carbon_market: Option<Carbon>,
    /// Thousandths of what its devices can do that they were read to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utilisation: Option<u16>,
    /// What was computed, in millions of operations at a precision: peak × time × utilisation, or for cores what a benchmark
    /// found a core to do × core-time used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<(Precision, u64)>,
    /// When the reading was taken that this follows from, where it came later than the attempt's own report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Time>,
    /// What it would have emitted, had its job had no choice of its hours; `None` where that made no use of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<AtOnce>,
    /// Whether its agent told the energy with the facility's share, as another hub has counted it: none is added then.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub facility: bool,
}

/// The same work as an attempt did, begun as soon as its job first fitted somewhere, there, and never paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtOnce {
    /// Where.
    pub pool: PoolId,
    /// When this attempt's part of the work would have begun.
    pub since: Time,
    /// How long of the attempt was spent on getting back what was saved at a pause: that would not have been.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub load: Span,
    /// The energy, with that site's PUE where it is known.
    pub energy: Energy,
    /// What it would have emitted; `None` where no factor is known. Location-based.
    pub carbon: Option<Carbon>,
    /// The same without what is bought as green there. Market-based.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carbon_market: Option<Carbon>,
}

fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Bill {
    /// The bill of an attempt that used nothing.
    pub fn blank(job: JobId, tenant: TenantId) -> Bill {
        Bill {
            job,
            tenant,
            place: None,
            run: Span::ZERO,
            devices: DeviceTime(0),
            cores: CoreTime(0),
            cpu: CoreTime(0),
            peak_memory: Memory(0),
            rate: Rate::default(),
            energy: Energy(0),
            energy_source: EnergySource::Unknown,
            pue: None,
            energy_cost: None,
            carbon: None,
            price: Money::ZERO,
            postings: Vec::new(),
            attempt: 0,
            held: None,
            agreed: None,
            parts: None,
            hold: Money::ZERO,
            adjusted: Money::ZERO,
            carbon_market: None,
            utilisation: None,
            delivered: None,
            read_at: None,
            at_once: None,
            facility: false,
        }
    }

    /// What its use at what was agreed comes to. `price` is this and what was adjusted, or the books are wrong.
    pub fn charged(&self) -> Money {
        match (&self.parts, &self.held) {
            (Some(_), Some(held)) => {
                self.agreed.as_deref().unwrap_or(&Agreement::default()).parts(self.rate, held, self.run).price()
            }
            _ => self.rate.price(self.devices, self.cores),
        }
    }

    /// The hub's share of the price.
    pub fn fee(&self) -> Money {
        self.postings.iter().filter(|posting| posting.credit == Account::Hub).map(|posting| posting.amount).sum()
    }

    /// What was paid with credits.
    pub fn paid_by_credit(&self) -> Money {
        self.postings.iter().filter(|posting| matches!(posting.debit, Account::Credit(_))).map(|posting| posting.amount).sum()
    }
}

/// The bill of one attempt of a job, which used so much at a place that it had from an instant until another, and for which its
/// tenant has so much credit.
pub fn bill_of(
    hub: &Hub,
    id: JobId,
    place: Option<&Place>,
    usage: &Usage,
    (placed, at): (Option<Time>, Time),
    end: &End,
    credit: Money,
) -> Option<Bill> {
    let job = hub.jobs.get(&id)?;
    let mut bill = Bill { attempt: job.attempt, ..Bill::blank(id, job.spec.tenant) };
    let Some(place) = place else {
        return Some(Bill {
            run: usage.run,
            cpu: usage.cpu,
            peak_memory: usage.peak_memory,
            energy: usage.energy,
            energy_source: usage.energy_source,
            ..bill
        });
    };
    let join = &hub.pools.get(&place.pool).expect("a pool never leaves the hub").join;
    // Whoever lost an attempt cannot charge for the time in which it held a place and did nothing.
    let lost = matches!(end, End::Lost(_));
    let span = placed.filter(|_| !lost).map_or(usage.run, |placed| Span((at - placed).0.max(usage.run.0)));
    bill.place = Some((place.pool, join.provider.clone()));
    bill.held = Some(Held {
        milli: place.slots.iter().map(Slot::milli).sum(),
        cores: place.cores(),
        span,
        until: at,
        kept: if lost { DeviceTime(0) } else { place.kept },
    });
    bill.at_once = job.at_once.map(|(pool, since)| AtOnce {
        pool,
        since: since + job.ran,
        load: job.spec.suspend.filter(|_| job.ran > Span::ZERO).map_or(Span::ZERO, |costs| costs.load),
        energy: Energy(0),
        carbon: None,
        carbon_market: None,
    });
    (bill.rate, bill.agreed, bill.hold) = (place.rate, place.agreed.clone(), place.hold);
    fill(hub, &mut bill, usage, credit, None);
    Some(bill)
}

/// The bill of an attempt anew, by a reading that came later or after a dispute. What was agreed stays; what energy costs and
/// emits follows from what is known now of the time in which it ran.
pub fn rebill(hub: &Hub, old: &Bill, ended: Time, usage: &Usage, adjusted: Money, credit: Money) -> Bill {
    let mut bill = old.clone();
    (bill.adjusted, bill.hold) = (adjusted, Money::ZERO);
    if bill.held.is_none() && bill.run > Span::ZERO {
        let part = |time: i64| u64::try_from(i128::from(time) * 1000 / i128::from(old.run.0)).unwrap_or(0);
        let cores = measure::Cpu(u64::try_from(old.cores.0 / old.run.0).unwrap_or(0));
        bill.held = Some(Held { milli: part(old.devices.0), cores, span: old.run, until: ended, kept: DeviceTime(0) });
    }
    fill(hub, &mut bill, usage, credit + old.paid_by_credit(), Some((old.price, old.fee())));
    bill
}

/// Everything of a bill that follows from what was used; `before` is the price and the fee of the bill that it replaces.
fn fill(hub: &Hub, bill: &mut Bill, usage: &Usage, credit: Money, before: Option<(Money, Money)>) {
    let Usage { run, cpu, peak_memory, energy, energy_source, utilisation, facility } = *usage;
    bill.facility = facility;
    (bill.run, bill.cpu, bill.peak_memory, bill.energy, bill.energy_source) = (run, cpu, peak_memory, energy, energy_source);
    let (Some((pool, provider)), Some(held)) = (bill.place.clone(), bill.held) else { return };
    let pool = hub.pools.get(&pool).expect("a pool never leaves the hub");
    let (site, from) = (pool.join.site.as_ref(), Time(held.until.0 - run.0));
    bill.devices = held.devices(run);
    bill.cores = held.core_time(run);
    bill.pue = site.filter(|_| !facility).and_then(|site| hub.census.pue(site, from));
    if let Some(pue) = bill.pue {
        bill.energy = energy * pue;
    }
    (bill.energy_cost, bill.carbon, bill.carbon_market) = (None, None, None);
    if energy_source != EnergySource::Unknown {
        let hours = Hours { census: &hub.census, site, provider: &provider };
        (bill.energy_cost, bill.carbon, bill.carbon_market) = hours.of(from, held.until, bill.energy);
    }
    bill.at_once = bill.at_once.map(|at_once| compared(hub, at_once, usage));
    bill.utilisation = utilisation;
    bill.delivered = delivered(&hub.census, pool, bill);
    let agreed = bill.agreed.clone().unwrap_or_default();
    let parts = agreed.parts(bill.rate, &held, run);
    let plain = parts.price() == parts.run && agreed.is_rate_alone();
    bill.parts = (!plain).then_some(parts);
    bill.price = Money((parts.price() + bill.adjusted).0.max(0));
    bill.adjusted = bill.price - parts.price();
    let fee = match (agreed.fee_permille, before) {
        (Some(permille), _) => bill.price.permille(permille),
        // A journal that did not tell what was agreed: what the hub took then is what it takes.
        (None, Some((price, fee))) if price > Money::ZERO => {
            Money((i128::from(bill.price.0) * i128::from(fee.0) / i128::from(price.0)) as i64)
        }
        (None, _) => bill.price.permille(hub.census.hub.fee_permille),
    };
    bill.postings = postings(bill, &provider, fee, credit);
}

/// What the same work would have drawn and emitted, begun at once; see [`AtOnce`].
fn compared(hub: &Hub, at_once: AtOnce, usage: &Usage) -> AtOnce {
    let join = &hub.pools.get(&at_once.pool).expect("a pool never leaves the hub").join;
    let (site, run) = (join.site.as_ref(), Span((usage.run - at_once.load).0.max(0)));
    let part = i128::from(usage.energy.0) * i128::from(run.0) / i128::from(usage.run.0.max(1));
    let drawn = Energy(i64::try_from(part).unwrap_or(i64::MAX));
    let pue = site.filter(|_| !usage.facility).and_then(|site| hub.census.pue(site, at_once.since));
    let energy = pue.map_or(drawn, |pue| drawn * pue);
    let (mut carbon, mut carbon_market) = (None, None);
    if usage.energy_source != EnergySource::Unknown {
        let hours = Hours { census: &hub.census, site, provider: &join.provider };
        (_, carbon, carbon_market) = hours.of(at_once.since, at_once.since + run, energy);
    }
    AtOnce { energy, carbon, carbon_market, ..at_once }
}

/// The money that moves for a bill: credits pay first, the provider before the hub.
fn postings(bill: &Bill, provider: &Name, fee: Money, credit: Money) -> Vec<Posting> {
    let mut credit = credit.max(Money::ZERO);
    let mut all = Vec::new();
    for (to, amount) in [(Account::Provider(provider.clone()), bill.price - fee), (Account::Hub, fee)] {
        let by_credit = amount.min(credit);
        credit -= by_credit;
        for (debit, amount) in [(Account::Credit(bill.tenant), by_credit), (Account::Tenant(bill.tenant), amount - by_credit)] {
            if amount > Money::ZERO {
                all.push(Posting { job: bill.job, debit, credit: to.clone(), amount });
            }
        }
    }
    all
}

/// What was computed, where a reading or a benchmark says so.
fn delivered(census: &Census, pool: &dispatch::Pool, bill: &Bill) -> Option<(Precision, u64)> {
    let times = |mega: u64, time: i64, per: i128| u64::try_from(i128::from(mega) * i128::from(time) / per).ok();
    match pool.model() {
        Some(model) if bill.devices > DeviceTime(0) => {
            let model = census.accelerators.get(model)?;
            let precision = Kind::usual(model.class()).precision;
            let busy = times(*model.dense_peak_mega.get(&precision)?, bill.devices.0, 1000)?;
            Some((precision, times(busy, i64::from(bill.utilisation?), 1000)?))
        }
        _ => {
            let found =
                census.measured.get(&pool.join.name)?.iter().rev().find(|found| found.devices.0 == 0 && found.cores.0 > 0)?;
            // Of a core, in millions of operations a second; core-time is in core-microseconds.
            let core = times(found.mega, 1000, i128::from(found.cores.0))?;
            Some((found.precision, times(core, bill.cpu.0, 1_000_000)?))
        }
    }
}

/// Where and whose the energy is.
struct Hours<'a> {
    census: &'a Census,
    site: Option<&'a Name>,
    provider: &'a Name,
}

impl Hours<'_> {
    /// Energy drawn evenly from `from` to `to`, priced and weighed hour by hour; the last hour takes the rest, so that the parts
    /// add up. One hour without a tariff makes the whole cost unknown, and likewise the carbon.
    fn of(&self, from: Time, to: Time, energy: Energy) -> (Option<Money>, Option<Carbon>, Option<Carbon>) {
        let (mut cost, mut carbon, mut market) = (Some(Money::ZERO), Some(Carbon(0)), Some(Carbon(0)));
        let (mut at, mut left) = (from, energy);
        loop {
            let end = at.next_hour().min(to);
            let last = end >= to;
            let part = match last {
                true => left,
                false => Energy((i128::from(energy.0) * i128::from((end - at).0) / i128::from((to - from).0.max(1))) as i64),
            };
            cost = cost.zip(self.census.electricity(self.site, at)).map(|(sum, price)| sum + price.per_kwh(part));
            carbon = carbon.zip(self.census.carbon(self.site, at)).map(|(sum, factor)| sum + part * factor);
            let brown = 1000 - self.census.green(self.site, self.provider, at);
            let grey = Energy((i128::from(part.0) * i128::from(brown) / 1000) as i64);
            market = market.zip(self.census.residual_carbon(self.site, at)).map(|(sum, factor)| sum + grey * factor);
            left -= part;
            if last || (cost.is_none() && carbon.is_none() && market.is_none()) {
                return (cost, carbon, market);
            }
            at = end;
        }
    }
}
