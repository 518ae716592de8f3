//! One job's bill: metered use × agreed rate, energy and carbon from dated tariffs and factors.

use census::Census;
use dispatch::{EnergySource, Hub, Place, Stage, Usage};
use measure::{Carbon, CoreTime, DeviceTime, Energy, JobId, Memory, Money, Name, PoolId, Pue, Rate, Span, TenantId, Time};
use serde::{Deserialize, Serialize};

use crate::book::{Account, Posting};

/// What a job used and what is paid for it. Recorded whole, so that no later tariff or version changes it.
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
    /// Energy at the facility if the site's PUE is published, else at the machine.
    pub energy: Energy,
    /// How the energy is known.
    pub energy_source: EnergySource,
    /// The PUE in `energy`, if one is published.
    pub pue: Option<Pue>,
    /// What the energy cost by the hour's tariff; `None` where no tariff is known. Told, not charged: the rate covers it.
    pub energy_cost: Option<Money>,
    /// What the energy emitted; `None` where no factor is known.
    pub carbon: Option<Carbon>,
    /// Price = rate × time held.
    pub price: Money,
    /// The money that moves; empty where nothing is due.
    pub postings: Vec<Posting>,
}

/// The bill of a job that has ended; `None` if it has not.
pub fn bill(hub: &Hub, id: JobId) -> Option<Bill> {
    let Stage::Ended { place, usage, at, .. } = &hub.jobs.get(&id)?.stage else { return None };
    bill_of(hub, id, place.as_deref(), usage, *at)
}

/// The bill of one attempt of a job, which used so much at a place until an instant.
pub fn bill_of(hub: &Hub, id: JobId, place: Option<&Place>, usage: &Usage, at: Time) -> Option<Bill> {
    let job = hub.jobs.get(&id)?;
    let Usage { run, cpu, peak_memory, energy, energy_source } = *usage;
    let mut bill = Bill {
        job: id,
        tenant: job.spec.tenant,
        place: None,
        run,
        devices: DeviceTime(0),
        cores: CoreTime(0),
        cpu,
        peak_memory,
        rate: Rate::default(),
        energy,
        energy_source,
        pue: None,
        energy_cost: None,
        carbon: None,
        price: Money::ZERO,
        postings: Vec::new(),
    };
    let Some(place) = place else { return Some(bill) };
    let join = &hub.pools.get(&place.pool).expect("a pool never leaves the hub").join;
    let milli: u64 = place.slots.iter().map(dispatch::Slot::milli).sum();
    let cores = place.cpu.times(u32::try_from(place.slots.len()).expect("a gang is far smaller"));
    let site = join.site.as_ref().and_then(|site| hub.census.sites.get(site));
    // A bound such as "<1.2" is taken at its edge: the energy told is then an upper bound.
    bill.pue = site.and_then(|site| site.pue).and_then(|pue| u32::try_from(pue.micro / 1000).ok()).map(Pue);
    if let Some(pue) = bill.pue {
        bill.energy = energy * pue;
    }
    bill.place = Some((place.pool, join.provider.clone()));
    // Of a part of a device, that part of its time is held.
    bill.devices = DeviceTime((i128::from(milli) * i128::from(run.0) / i128::from(dispatch::WHOLE)) as i64);
    bill.cores = cores * run;
    bill.rate = place.rate;
    if energy_source != EnergySource::Unknown {
        (bill.energy_cost, bill.carbon) = by_the_hour(&hub.census, Time(at.0 - run.0), at, bill.energy);
    }
    bill.price = place.rate.price(bill.devices, bill.cores);
    let fee = bill.price.permille(hub.census.hub.fee_permille);
    let tenant = Account::Tenant(bill.tenant);
    let parts = [(Account::Provider(join.provider.clone()), bill.price - fee), (Account::Hub, fee)];
    let due = parts.into_iter().filter(|(_, amount)| *amount > Money::ZERO);
    bill.postings = due.map(|(credit, amount)| Posting { job: id, debit: tenant.clone(), credit, amount }).collect();
    Some(bill)
}

/// Energy drawn evenly from `from` to `to`, priced and weighed hour by hour; the last hour takes the rest, so
/// that the parts add up. One hour without a tariff makes the whole cost unknown, and likewise the carbon.
fn by_the_hour(census: &Census, from: Time, to: Time, energy: Energy) -> (Option<Money>, Option<Carbon>) {
    let (mut cost, mut carbon) = (Some(Money::ZERO), Some(Carbon(0)));
    let (mut at, mut left) = (from, energy);
    loop {
        let end = at.next_hour().min(to);
        let last = end >= to;
        let part = match last {
            true => left,
            false => Energy((i128::from(energy.0) * i128::from((end - at).0) / i128::from((to - from).0.max(1))) as i64),
        };
        cost = cost.zip(census.electricity(at)).map(|(sum, price)| sum + price.per_kwh(part));
        carbon = carbon.zip(census.carbon(at)).map(|(sum, factor)| sum + part * factor);
        left -= part;
        if last || (cost.is_none() && carbon.is_none()) {
            return (cost, carbon);
        }
        at = end;
    }
}
