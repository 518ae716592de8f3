//! The figures of a history, as a fold over its entries: what was not written down is not counted.

use std::collections::BTreeMap;

use census::{Change, TariffKind};
use dispatch::{End, EnergySource, Fact, Node, Place, Slot, WHOLE};
use measure::{Carbon, Energy, JobId, Money, PoolId, Span, TenantId, Time};
use settle::{Bill, Body, Entry};

/// Thousandths of devices and of cores, there or held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Capacity {
    devices: u64,
    cpu: u64,
}

impl Capacity {
    fn of_nodes(nodes: &[Node]) -> Capacity {
        let devices = nodes.iter().map(|node| u64::from(node.devices.0) * u64::from(WHOLE)).sum();
        Capacity { devices, cpu: nodes.iter().map(|node| node.cpu.0).sum() }
    }

    fn of_place(place: &Place) -> Capacity {
        let devices = place.slots.iter().map(Slot::milli).sum();
        Capacity { devices, cpu: place.cpu.0 * place.slots.len() as u64 }
    }
}

/// A job that has not ended.
#[derive(Debug, Clone)]
struct Live {
    submitted: Time,
    tenant: TenantId,
    /// When it was first placed.
    first: Option<Time>,
    placed: Option<(Time, Capacity)>,
    /// How long its attempts ran.
    ran: Span,
    /// How long it may wait by choice, and when it should have ended.
    patience: Option<Span>,
    deadline: Option<Time>,
}

/// A curve thinned out as it grows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series {
    /// When, thousandths of devices held, jobs waiting.
    pub(crate) points: Vec<(Time, u64, u64)>,
    step: i64,
}

/// Points beyond which every second one is dropped.
const POINTS_MOST: usize = 4096;

impl Series {
    fn take(&mut self, at: Time, held: u64, waiting: u64) {
        match self.points.last_mut() {
            Some(last) if (at - last.0).0 < self.step.max(1) => (last.1, last.2) = (held, waiting),
            _ => self.points.push((at, held, waiting)),
        }
        if self.points.len() > POINTS_MOST {
            let mut keep = false;
            self.points.retain(|_| {
                keep = !keep;
                keep
            });
            let span = self.points.last().map_or(0, |last| (last.0 - self.points[0].0).0);
            self.step = span / (POINTS_MOST as i64 / 2);
        }
    }
}

/// What a history amounts to so far.
#[derive(Debug, Clone)]
pub struct Figures {
    pools: BTreeMap<PoolId, Capacity>,
    live: BTreeMap<JobId, Live>,
    /// Live jobs with a place.
    placed: u64,
    held: Capacity,
    /// The time up to which what was held is summed up below.
    summed_to: Time,
    device_time: i128,
    cpu_time: i128,
    arrivals: Option<(Time, Time)>,
    held_at_last_arrival: Capacity,
    last_end: Option<Time>,
    /// Whether anybody told a price of computing.
    priced: bool,
    /// How long each finished job waited, in the order of their ends.
    pub waits: Vec<Span>,
    /// How long each finished job took from its submission to its end, in the same order.
    pub completions: Vec<Span>,
    /// How long each finished job did not run from its submission to its end, in the same order.
    pub delays: Vec<Span>,
    /// How long each finished job waited that may not wait by choice.
    pub waits_of_others: Vec<Span>,
    /// Jobs that waited longer than they may, or ended after their deadline.
    pub deadlines_missed: u64,
    /// Whose each finished job was, in the same order.
    pub tenants: Vec<TenantId>,
    /// How many thousandths of devices each finished job held, in the same order.
    pub sizes: Vec<u64>,
    /// Attempts that gave way or were lost.
    pub yielded: u64,
    /// Jobs that ran into their time limit.
    pub over_time: u64,
    /// Energy of all jobs that ended; `None` once that of one is not known.
    pub energy: Option<Energy>,
    /// Carbon of all jobs that ended; `None` once that of one is not known.
    pub carbon: Option<Carbon>,
    /// What the electricity of all jobs that ended cost; `None` once that of one is not known.
    pub energy_cost: Option<Money>,
    /// The exact sum of all prices paid.
    cost: Money,
    /// Thousandths of devices held and jobs waiting, at instants at which they changed, thinned out.
    pub(crate) series: Series,
}

impl Default for Figures {
    fn default() -> Figures {
        Figures {
            pools: BTreeMap::new(),
            live: BTreeMap::new(),
            placed: 0,
            held: Capacity::default(),
            summed_to: Time(0),
            device_time: 0,
            cpu_time: 0,
            arrivals: None,
            held_at_last_arrival: Capacity::default(),
            last_end: None,
            priced: false,
            waits: Vec::new(),
            sizes: Vec::new(),
            completions: Vec::new(),
            delays: Vec::new(),
            waits_of_others: Vec::new(),
            deadlines_missed: 0,
            tenants: Vec::new(),
            yielded: 0,
            over_time: 0,
            energy: Some(Energy(0)),
            carbon: Some(Carbon(0)),
            energy_cost: Some(Money::ZERO),
            cost: Money::ZERO,
            series: Series::default(),
        }
    }
}

impl Figures {
    /// Takes an entry over, in the order of the journal.
    pub fn take(&mut self, entry: &Entry) {
        let span = i128::from((entry.at - self.summed_to).0);
        self.device_time += i128::from(self.held.devices) * span;
        self.cpu_time += i128::from(self.held.cpu) * span;
        self.summed_to = entry.at;
        match &entry.body {
            Body::Fact(fact) => self.take_fact(entry.at, fact),
            Body::Settled(bill) | Body::Attempted(bill) => self.take_bill(bill),
            // What was put right counts once: by what holds from then on.
            Body::Corrected(correction) => self.cost += correction.bill.price - correction.was,
            Body::Carried(..) | Body::Disputed(_) | Body::Judged(_) => {}
            Body::Granted(..) | Body::Expired(..) | Body::Credits(..) => {}
        }
        self.series.take(entry.at, self.held.devices, self.live.len() as u64 - self.placed);
        if self.arrivals.is_some_and(|(_, last)| last == entry.at) {
            self.held_at_last_arrival = self.held;
        }
    }

    fn take_fact(&mut self, at: Time, fact: &Fact) {
        match fact {
            Fact::Census(change) => {
                let priced = |kind| matches!(kind, TariffKind::DeviceHour | TariffKind::CoreHour);
                self.priced |= matches!(&**change, Change::Tariff(tariff) if priced(tariff.kind));
            }
            Fact::Seen(pool, nodes) => drop(self.pools.insert(*pool, Capacity::of_nodes(nodes))),
            Fact::Submitted(id, spec) => {
                let (patience, deadline) = (spec.patience, spec.deadline);
                let live =
                    Live { submitted: at, tenant: spec.tenant, first: None, placed: None, ran: Span::ZERO, patience, deadline };
                self.live.insert(*id, live);
                self.arrivals = Some((self.arrivals.map_or(at, |(first, _)| first), at));
            }
            Fact::Placed(id, place) => {
                let taken = Capacity::of_place(place);
                self.held.devices += taken.devices;
                self.held.cpu += taken.cpu;
                if let Some(live) = self.live.get_mut(id) {
                    self.placed += 1;
                    live.first = live.first.or(Some(at));
                    live.placed = Some((at, taken));
                }
            }
            Fact::Yielded(id, _, usage, _) => {
                let Some(live) = self.live.get_mut(id) else { return };
                live.ran += usage.run;
                if let Some((_, taken)) = live.placed.take() {
                    self.held.devices -= taken.devices;
                    self.held.cpu -= taken.cpu;
                    self.placed -= 1;
                }
                self.yielded += 1;
            }
            Fact::Ended(id, end, usage) => {
                let Some(live) = self.live.remove(id) else { return };
                let Live { submitted, tenant, first: Some(placed), placed: Some((_, taken)), .. } = live else { return };
                let delay = (at - submitted) - (live.ran + usage.run);
                self.delays.push(delay);
                if live.patience.is_none() {
                    self.waits_of_others.push(placed - submitted);
                }
                let late =
                    live.patience.is_some_and(|patience| delay > patience) || live.deadline.is_some_and(|deadline| at > deadline);
                self.deadlines_missed += u64::from(late);
                self.held.devices -= taken.devices;
                self.held.cpu -= taken.cpu;
                self.placed -= 1;
                self.waits.push(placed - submitted);
                self.tenants.push(tenant);
                self.sizes.push(taken.devices);
                self.completions.push(at - submitted);
                self.over_time += u64::from(*end == End::OverTime);
                self.last_end = Some(at);
            }
            _ => {}
        }
    }

    fn take_bill(&mut self, bill: &Bill) {
        if bill.place.is_some() {
            let known = bill.energy_source != EnergySource::Unknown;
            self.energy = self.energy.filter(|_| known).map(|sum| sum + bill.energy);
            self.carbon = self.carbon.zip(bill.carbon).map(|(sum, more)| sum + more);
            self.energy_cost = self.energy_cost.zip(bill.energy_cost).map(|(sum, more)| sum + more);
        }
        self.cost += bill.price;
    }

    /// What was paid, exactly; `None` where nobody told a price of computing, which is not the same as free.
    pub fn cost(&self) -> Option<Money> {
        self.priced.then_some(self.cost)
    }

    /// Thousandths of cores held × milliseconds.
    pub fn core_time(&self) -> i128 {
        self.cpu_time
    }

    /// Jobs that were accepted and have not ended.
    pub fn unended(&self) -> u64 {
        self.live.len() as u64
    }

    /// From the first arrival to the last end; `None` while nothing has ended.
    pub fn makespan(&self) -> Option<Span> {
        Some(self.last_end? - self.arrivals?.0)
    }

    /// Whether devices are accelerators here; where there are none, they are cores.
    pub fn accelerated(&self) -> bool {
        self.pools.values().any(|pool| pool.devices > 0)
    }

    /// All devices.
    pub fn devices(&self) -> u64 {
        if self.accelerated() {
            self.pools.values().map(|pool| pool.devices).sum::<u64>() / 1000
        } else {
            self.pools.values().map(|pool| pool.cpu).sum::<u64>() / 1000
        }
    }

    /// Jain's fairness index over tenants: (Σx)² / (n Σx²), where x is the mean share of a tenant's jobs' time from
    /// submission to end in which they ran; for printing only.
    pub fn fairness(&self) -> Option<f64> {
        let mut tenants: BTreeMap<TenantId, (f64, f64)> = BTreeMap::new();
        for ((wait, completion), tenant) in self.waits.iter().zip(&self.completions).zip(&self.tenants) {
            let (sum, count) = tenants.entry(*tenant).or_default();
            *sum += (completion.0 - wait.0).max(1) as f64 / completion.0.max(1) as f64;
            *count += 1.0;
        }
        let shares: Vec<f64> = tenants.values().map(|(sum, count)| sum / count).collect();
        let (sum, squares) = (shares.iter().sum::<f64>(), shares.iter().map(|share| share * share).sum::<f64>());
        // To four places, as many as say anything.
        (squares > 0.0).then(|| (sum * sum / (shares.len() as f64 * squares) * 1e4).round() / 1e4)
    }

    /// The share of the devices that jobs held, on average over the makespan; for printing only.
    pub fn allocated_share_mean(&self) -> Option<f64> {
        let span = self.makespan()?.0 as f64;
        let (time, total) = match self.accelerated() {
            true => (self.device_time as f64 / 1000.0, self.devices() as f64),
            false => (self.cpu_time as f64 / 1000.0, self.devices() as f64),
        };
        Some(time / (span * total)).filter(|share| share.is_finite())
    }

    /// The share of the devices that jobs held after the round of the last arrival; for printing only.
    pub fn allocated_share_end(&self) -> Option<f64> {
        self.arrivals?;
        let held = match self.accelerated() {
            true => self.held_at_last_arrival.devices as f64 / 1000.0,
            false => self.held_at_last_arrival.cpu as f64 / 1000.0,
        };
        Some(held / self.devices() as f64).filter(|share| share.is_finite())
    }
}
