//! The rows of a plan: one function for each family, with its formula. Whatever is ordered, begun or opened is counted up to a period
//! (`X`, `H`, `W`, `o`), so that leads and lives are a look at an earlier period and not a sum.
//!
//! Symbols: sites `s`, technologies `k`, coolings `c`, grid steps `j`, demands `q`, periods `t`, years `y`. Columns: `X` lots ordered,
//! `H` halls begun, `W` grid step taken, `o` open, `N` systems running, `b` PFLOPS of work done at a site, `f` PFLOPS of work done for a
//! demand, `z` PFLOPS missing, `Y` lots ordered over all sites.

use std::collections::BTreeMap;

use crate::case::{Aim, Case};
use crate::milp::{About, Column, Family, Milp};

const INFINITY: f64 = f64::INFINITY;
const NONE: Column = Column::MAX;

/// Columns by three indices.
#[derive(Debug, Clone, Default)]
pub struct Table {
    second: usize,
    third: usize,
    columns: Vec<Column>,
}

impl Table {
    fn new(first: usize, second: usize, third: usize) -> Table {
        Table { second, third, columns: vec![NONE; first * second * third] }
    }

    fn set(&mut self, a: usize, b: usize, c: usize, column: Column) {
        self.columns[(a * self.second + b) * self.third + c] = column;
    }

    /// The column, where there is one: what can never be anything but nothing has none.
    pub fn get(&self, a: usize, b: usize, c: usize) -> Option<Column> {
        let column = self.columns[(a * self.second + b) * self.third + c];
        (column != NONE).then_some(column)
    }

    /// The column so many periods before.
    fn before(&self, a: usize, b: usize, c: usize, periods: usize) -> Option<Column> {
        c.checked_sub(periods).and_then(|earlier| self.get(a, b, earlier))
    }

    /// Its value in a solution.
    pub fn value(&self, values: &[f64], a: usize, b: usize, c: usize) -> f64 {
        self.get(a, b, c).map_or(0.0, |column| values[column as usize])
    }
}

/// Where each column of a plan is.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// `X`, by site, technology, period.
    pub lots: Table,
    /// `H`, by site, cooling, period.
    pub halls: Table,
    /// `W`, by site, step, period.
    pub steps: Table,
    /// `o`, by site, 0, period; none where a site is open from the start.
    pub open: Table,
    /// `N`, by site, technology, period.
    pub running: Table,
    /// `b`, by site, technology, period.
    pub busy: Table,
    /// `f`, by technology, demand, period.
    pub flow: Table,
    /// `z`, by demand, 0, period.
    pub missing: Table,
    /// `Y`, by technology, 0, period.
    pub totals: Table,
    /// The period, and the site where it has one, of every column that is decided: lots, halls, steps, opening and totals.
    pub decided: Vec<Decided>,
}

/// A column of whole numbers.
#[derive(Debug, Clone, Copy)]
pub struct Decided {
    /// Which.
    pub column: Column,
    /// Its site; none for totals over sites.
    pub site: Option<usize>,
    /// Its technology, for lots and totals.
    pub technology: Option<usize>,
    /// Its period.
    pub period: usize,
    /// The row that says what it is above the column of the period before; none for the first, which is above nothing.
    pub above: Option<u32>,
}

/// The program of a case, and where its columns are.
pub fn build(case: &Case) -> (Milp, Columns) {
    let mut builder = Builder::new(case);
    builder.columns();
    for s in 0..case.sites() {
        builder.running(s);
        builder.space(s);
        builder.land(s);
        builder.power(s);
        builder.drawn(s);
        builder.grid(s);
        builder.opening(s);
        builder.service(s);
    }
    builder.flow();
    builder.demand();
    builder.supply();
    builder.crews();
    builder.budget();
    builder.carbon();
    builder.target();
    builder.pue();
    builder.green();
    builder.cover();
    (builder.milp, builder.at)
}

struct Builder<'a> {
    case: &'a Case,
    milp: Milp,
    at: Columns,
    /// Cash of each year: M yuan a unit of a column.
    cash: Vec<Vec<(Column, f64)>>,
    /// Cash of each year that is paid whatever is planned.
    paid: Vec<f64>,
    /// GWh of each period and site: of a unit of a column.
    energy: Vec<Vec<(Column, f64)>>,
}

impl<'a> Builder<'a> {
    fn new(case: &'a Case) -> Builder<'a> {
        let Case { periods, .. } = *case;
        let (sites, technologies, coolings) = (case.sites(), case.technologies(), case.coolings());
        let steps = case.grid.iter().map(Vec::len).max().unwrap_or(0);
        let size = sites * periods * (3 * technologies + coolings + steps + 1);
        Builder {
            case,
            milp: Milp::with_room(size, 2 * size, 10 * size),
            at: Columns {
                lots: Table::new(sites, technologies, periods),
                halls: Table::new(sites, coolings, periods),
                steps: Table::new(sites, steps, periods),
                open: Table::new(sites, 1, periods),
                running: Table::new(sites, technologies, periods),
                busy: Table::new(sites, technologies, periods),
                flow: Table::new(technologies, case.demands(), periods),
                missing: Table::new(case.demands(), 1, periods),
                totals: Table::new(technologies, 1, periods),
                decided: Vec::new(),
            },
            cash: vec![Vec::new(); case.years()],
            paid: vec![0.0; case.years()],
            energy: vec![Vec::new(); sites * periods],
        }
    }

    /// Columns of what is counted up over the periods in which it may grow; in others it is what it was. `cost` is what a unit costs
    /// that is added in a period, discounted, and `cash` what is paid for it then.
    fn counted(
        &mut self,
        site: usize,
        technology: Option<usize>,
        grows: impl Fn(usize) -> bool,
        most: f64,
        cost: impl Fn(usize) -> f64,
        cash: impl Fn(usize) -> f64,
    ) -> Vec<Column> {
        let case = self.case;
        let when: Vec<usize> = (0..case.periods).filter(|t| grows(*t)).collect();
        let mut columns = vec![NONE; case.periods];
        let mut last = NONE;
        let mut next = when.iter().copied().skip(1);
        for t in 0..case.periods {
            if grows(t) {
                let next = next.next();
                let column = self.milp.whole(cost(t) - next.map_or(0.0, &cost), 0.0, most);
                let (year, paid) = (case.year[t], cash(t));
                match next {
                    Some(next) if case.year[next] == year => self.cash[year].push((column, paid - cash(next))),
                    Some(next) => {
                        self.cash[year].push((column, paid));
                        self.cash[case.year[next]].push((column, -cash(next)));
                    }
                    None => self.cash[year].push((column, paid)),
                }
                let above = (last != NONE).then_some(self.milp.rows() as u32);
                if last != NONE {
                    self.milp.entry(column, 1.0);
                    self.milp.entry(last, -1.0);
                    self.milp.row(About::of(Family::Counted).site(site).when(t), 0.0, INFINITY);
                }
                self.at.decided.push(Decided { column, site: Some(site), technology, period: t, above });
                last = column;
            }
            columns[t] = last;
        }
        columns
    }

    fn columns(&mut self) {
        let case = self.case;
        self.milp.offset = case.fixed_cost();
        for t in 0..case.periods {
            self.paid[case.year[t]] += case.fixed[t];
        }
        for s in 0..case.sites() {
            for k in 0..case.technologies() {
                let ordered: f64 = (0..case.periods).map(|t| case.most_lots(k, t)).sum();
                let grows = |t: usize| case.most_lots(k, t) > 0.0;
                let cash = |t: usize| case.price[k][t] * case.lot[k];
                let columns = self.counted(s, Some(k), grows, ordered, |t| case.lot_cost(k, t), cash);
                columns.into_iter().enumerate().for_each(|(t, column)| self.at.lots.set(s, k, t, column));
            }
            for c in 0..case.coolings() {
                let most = (case.land[s] / case.hall_land[c] + 1e-9).floor();
                let grows = |t: usize| most > 0.0 && t + case.hall_lead[c] < case.periods;
                let columns = self.counted(s, None, grows, most, |t| case.hall_cost(s, c, t), |_| case.hall_price[s][c]);
                columns.into_iter().enumerate().for_each(|(t, column)| self.at.halls.set(s, c, t, column));
            }
            for (j, step) in case.grid[s].iter().enumerate() {
                let grows = |t: usize| t + step.lead < case.periods;
                let columns = self.counted(s, None, grows, 1.0, |t| case.factor[t] * step.price, |_| step.price);
                columns.into_iter().enumerate().for_each(|(t, column)| self.at.steps.set(s, j, t, column));
            }
            if case.open[s] {
                for t in 0..case.periods {
                    self.milp.offset += case.factor[t] * case.upkeep[s];
                    self.paid[case.year[t]] += case.upkeep[s];
                }
            } else {
                let columns = self.counted(s, None, |_| true, 1.0, |t| case.factor[t] * case.opening[s], |_| case.opening[s]);
                for (t, column) in columns.into_iter().enumerate() {
                    self.milp.cost[column as usize] += case.factor[t] * case.upkeep[s];
                    self.cash[case.year[t]].push((column, case.upkeep[s]));
                    self.at.open.set(s, 0, t, column);
                }
            }
            for k in 0..case.technologies() {
                for t in 0..case.periods {
                    self.runs(s, k, t);
                }
            }
        }
        for q in 0..case.demands() {
            for t in 0..case.periods {
                let column = self.milp.column(case.factor[t] * case.shortage[q], 0.0, case.demand[q][t]);
                self.at.missing.set(q, 0, t, column);
            }
        }
    }

    /// `N` and `b`, and the energy of each: `e = pue · kW · h · (idle · N + (1 − idle) · b / (a F))`.
    fn runs(&mut self, s: usize, k: usize, t: usize) {
        let case = self.case;
        let there = case.arrived[s][k][t] - case.retired[s][k][t];
        let comes = self.at.lots.before(s, k, t, case.lead[k]).is_some();
        if !comes && there <= 0.0 {
            return;
        }
        let energy = case.energy_there(s, k);
        let running = self.milp.column(case.energy_cost(s, t) * energy, 0.0, if comes { INFINITY } else { there });
        self.at.running.set(s, k, t, running);
        self.energy[s * case.periods + t].push((running, energy));
        if case.serves[k].iter().any(|serves| *serves) {
            let energy = case.energy_of_work(s, k);
            let busy = self.milp.column(case.energy_cost(s, t) * energy, 0.0, INFINITY);
            self.at.busy.set(s, k, t, busy);
            self.energy[s * case.periods + t].push((busy, energy));
        }
    }

    fn add(&mut self, column: Option<Column>, value: f64) {
        if let Some(column) = column {
            self.milp.entry(column, value);
        }
    }

    /// `later − earlier` times a factor, which is nothing where both are the same column.
    fn add_change(&mut self, later: Option<Column>, earlier: Option<Column>, value: f64) {
        if later != earlier {
            self.add(later, value);
            self.add(earlier, -value);
        }
    }

    /// Systems that run have come and are not due to retire, `N_t ≤ A_t − D_t + lot (X_{t−l} − X_{t−l−L})`; and what was retired does
    /// not come back, `N_t − N_{t−1} ≤ A_t − A_{t−1} + lot (X_{t−l} − X_{t−l−1})`, with `l` lead and `L` life. First in, first out is
    /// exact, as nothing depends on age but retirement.
    fn running(&mut self, s: usize) {
        let case = self.case;
        for k in 0..case.technologies() {
            let (arrived, retired, lot, lead) = (&case.arrived[s][k], &case.retired[s][k], case.lot[k], case.lead[k]);
            for t in 0..case.periods {
                let Some(running) = self.at.running.get(s, k, t) else { continue };
                let about = |family| About::of(family).site(s).which(k).when(t);
                let now = self.at.lots.before(s, k, t, lead);
                if now.is_some() {
                    self.milp.entry(running, 1.0);
                    self.add_change(now, self.at.lots.before(s, k, t, lead + case.life[k]), -lot);
                    self.milp.row(about(Family::Running), -INFINITY, arrived[t] - retired[t]);
                }
                if t > 0 && !case.waits[s][k] {
                    self.milp.entry(running, 1.0);
                    self.add(self.at.running.get(s, k, t - 1), -1.0);
                    self.add_change(now, self.at.lots.before(s, k, t - 1, lead), -lot);
                    self.milp.row(about(Family::Retired), -INFINITY, arrived[t] - arrived[t - 1]);
                }
            }
        }
    }

    /// Racks stand in halls of their cooling: `Σ_k racks_k N_kt ≤ n_c (H⁰_t + H_{t−m})`.
    fn space(&mut self, s: usize) {
        let case = self.case;
        for c in 0..case.coolings() {
            for t in 0..case.periods {
                for k in (0..case.technologies()).filter(|k| case.cooling[*k] == c) {
                    self.add(self.at.running.get(s, k, t), case.racks[k]);
                }
                self.add(self.at.halls.before(s, c, t, case.hall_lead[c]), -case.hall_racks[c]);
                let there = case.hall_racks[c] * case.halls[s][c][t];
                self.milp.row(About::of(Family::Space).site(s).which(c).when(t), -INFINITY, there);
            }
        }
    }

    /// Halls stand on land: `Σ_c land_c H_{cT} ≤ land`.
    fn land(&mut self, s: usize) {
        let case = self.case;
        for c in 0..case.coolings() {
            self.add(self.at.halls.get(s, c, case.periods - 1), case.hall_land[c]);
        }
        self.milp.row(About::of(Family::Land).site(s), -INFINITY, case.land[s]);
    }

    /// What runs draws no more than is connected: `Σ_k pue kW N_kt ≤ P_t + Σ_j P_j W_{j,t−g}`, in MW.
    fn power(&mut self, s: usize) {
        let case = self.case;
        for t in 0..case.periods {
            for k in 0..case.technologies() {
                self.add(self.at.running.get(s, k, t), case.drawn(s, k) / 1000.0);
            }
            for (j, step) in case.grid[s].iter().enumerate() {
                self.add(self.at.steps.before(s, j, t, step.lead), -step.power / 1000.0);
            }
            self.milp.row(About::of(Family::Power).site(s).when(t), -INFINITY, case.connected[s][t] / 1000.0);
        }
    }

    /// What follows for power, for the solver. No more is drawn than all halls that land has room for can draw, `M`, so a step gives no
    /// more than what is left of that, `P_j' = min(P_j, M − P − Σ_i P_i)` with the steps `i` that are there whenever `j` is; and a site
    /// that is not open draws nothing: `Σ_k pue kW N_kt ≤ P_t o_{t−m} + Σ_j P_j' W_{j,t−g}` and `≤ min(M, P_t + Σ_j P_j) o_{t−m}`, with `m`
    /// the least lead of a hall.
    fn drawn(&mut self, s: usize) {
        let case = self.case;
        let built = case.hall_lead.iter().copied().min().unwrap_or(0);
        let steps: f64 = case.grid[s].iter().map(|step| step.power).sum();
        let mixes = case.mixes(s);
        for t in 0..case.periods {
            let full = self.full(s, t);
            let halls = |mix: &[f64]| (0..case.coolings()).map(|c| full[c] * (case.halls[s][c][t] + mix[c])).sum::<f64>();
            let most = mixes.as_ref().map_or(INFINITY, |mixes| mixes.iter().map(|mix| halls(mix)).fold(0.0, f64::max));
            let connected = case.connected[s][t];
            let closed = (0..case.coolings()).all(|c| case.halls[s][c][t] == 0.0);
            let opens = self.at.open.get(s, 0, t).is_some() && closed;
            let open = if opens { self.at.open.before(s, 0, t, built) } else { None };
            let about = About::of(Family::Helper).site(s).when(t);
            if opens || most < connected + steps {
                self.add_drawn(s, t);
                for (j, step) in case.grid[s].iter().enumerate() {
                    let sooner = case.grid[s][..j].iter().filter(|before| before.lead <= step.lead);
                    let left = most - connected - sooner.map(|before| before.power).sum::<f64>();
                    let power = step.power.min(left.max(0.0));
                    self.add(self.at.steps.before(s, j, t, step.lead), -power / 1000.0);
                }
                self.add(open, -connected / 1000.0);
                self.milp.row(about, -INFINITY, if opens { 0.0 } else { connected / 1000.0 });
            }
            if opens {
                self.add_drawn(s, t);
                self.add(open, -most.min(connected + steps) / 1000.0);
                self.milp.row(about, -INFINITY, 0.0);
            }
        }
    }

    /// What a full hall of each cooling draws at most, in kW, with the technologies that may run then.
    fn full(&self, s: usize, t: usize) -> Vec<f64> {
        let case = self.case;
        let most = |c: usize| {
            let mine = (0..case.technologies()).filter(|k| case.cooling[*k] == c && self.at.running.get(s, *k, t).is_some());
            mine.map(|k| case.drawn(s, k) / case.racks[k]).fold(0.0, f64::max) * case.hall_racks[c]
        };
        (0..case.coolings()).map(most).collect()
    }

    fn add_drawn(&mut self, s: usize, t: usize) {
        for k in 0..self.case.technologies() {
            self.add(self.at.running.get(s, k, t), self.case.drawn(s, k) / 1000.0);
        }
    }

    /// A step is taken after the one before it: `W_{j+1,t} ≤ W_{jt}`.
    fn grid(&mut self, s: usize) {
        let case = self.case;
        for j in 1..case.grid[s].len() {
            for t in 0..case.periods {
                let Some(later) = self.at.steps.get(s, j, t) else { continue };
                self.milp.entry(later, 1.0);
                self.add(self.at.steps.get(s, j - 1, t), -1.0);
                self.milp.row(About::of(Family::Grid).site(s).which(j).when(t), -INFINITY, 0.0);
            }
        }
    }

    /// Halls are begun at open sites, so many a period: `Σ_c (H_ct − H_{c,t−1}) ≤ h o_t`. Two that follow, for the solver:
    /// `H_ct ≤ ⌊land / land_c⌋ o_t` and `Σ_c land_c H_ct ≤ land o_t`.
    fn opening(&mut self, s: usize) {
        let case = self.case;
        let many = case.halls_per_period[s];
        for t in 0..case.periods {
            let about = |family| About::of(family).site(s).when(t);
            let open = self.at.open.get(s, 0, t);
            for c in 0..case.coolings() {
                let earlier = self.at.halls.before(s, c, t, 1);
                self.add_change(self.at.halls.get(s, c, t), earlier, 1.0);
            }
            self.add(open, -many);
            self.milp.row(about(Family::Opening), -INFINITY, if open.is_some() { 0.0 } else { many });
            let Some(open) = open else { continue };
            for c in 0..case.coolings() {
                let Some(halls) = self.at.halls.get(s, c, t) else { continue };
                self.milp.entry(halls, 1.0);
                self.milp.entry(open, -(case.land[s] / case.hall_land[c] + 1e-9).floor());
                self.milp.row(about(Family::Helper), -INFINITY, 0.0);
            }
            for c in 0..case.coolings() {
                self.add(self.at.halls.get(s, c, t), case.hall_land[c]);
            }
            self.milp.entry(open, -case.land[s]);
            self.milp.row(about(Family::Helper), -INFINITY, 0.0);
        }
    }

    /// Work is done on what runs: `b_kt ≤ a F N_kt`.
    fn service(&mut self, s: usize) {
        let case = self.case;
        for k in 0..case.technologies() {
            for t in 0..case.periods {
                let (Some(running), Some(busy)) = (self.at.running.get(s, k, t), self.at.busy.get(s, k, t)) else { continue };
                self.milp.entry(busy, 1.0);
                self.milp.entry(running, -case.available[k] * case.computing[k]);
                self.milp.row(About::of(Family::Service).site(s).which(k).when(t), -INFINITY, 0.0);
            }
        }
    }

    /// Work for a demand is done somewhere: `Σ_q f_kqt ≤ Σ_s b_skt`, with `f` only where `k` serves `q`.
    fn flow(&mut self) {
        let case = self.case;
        for k in 0..case.technologies() {
            for t in 0..case.periods {
                if (0..case.sites()).all(|s| self.at.busy.get(s, k, t).is_none()) {
                    continue;
                }
                for q in (0..case.demands()).filter(|q| case.serves[k][*q]) {
                    let column = self.milp.column(0.0, 0.0, INFINITY);
                    self.at.flow.set(k, q, t, column);
                    self.milp.entry(column, 1.0);
                }
                for s in 0..case.sites() {
                    self.add(self.at.busy.get(s, k, t), -1.0);
                }
                self.milp.row(About::of(Family::Flow).which(k).when(t), -INFINITY, 0.0);
            }
        }
    }

    /// What is wanted is served or missing: `Σ_k f_kqt + z_qt ≥ D_qt`.
    fn demand(&mut self) {
        let case = self.case;
        for q in 0..case.demands() {
            for t in 0..case.periods {
                for k in 0..case.technologies() {
                    self.add(self.at.flow.get(k, q, t), 1.0);
                }
                self.add(self.at.missing.get(q, 0, t), 1.0);
                self.milp.row(About::of(Family::Demand).which(q).when(t), case.demand[q][t], INFINITY);
            }
        }
    }

    /// The market gives no more: `Y_kt = Σ_s X_skt`, `Y_kt − Y_{k,t−1} ≤ supply_kt`.
    fn supply(&mut self) {
        let case = self.case;
        for k in 0..case.technologies() {
            let mut last: Option<Column> = None;
            for t in 0..case.periods {
                if case.most_lots(k, t) > 0.0 {
                    let column = self.milp.whole(0.0, 0.0, INFINITY);
                    self.at.decided.push(Decided { column, site: None, technology: Some(k), period: t, above: None });
                    for s in 0..case.sites() {
                        self.add(self.at.lots.get(s, k, t), 1.0);
                    }
                    self.milp.entry(column, -1.0);
                    self.milp.row(About::of(Family::Counted).which(k).when(t), 0.0, 0.0);
                    self.milp.entry(column, 1.0);
                    self.add(last, -1.0);
                    self.milp.row(About::of(Family::Supply).which(k).when(t), -INFINITY, case.supply[k][t]);
                    last = Some(column);
                }
                self.at.totals.set(k, 0, t, last.unwrap_or(NONE));
            }
        }
    }

    /// Nobody builds more at a time: `Σ_sc (H_sct − H_{sc,t−1}) ≤ crews`.
    fn crews(&mut self) {
        let case = self.case;
        if case.crews.is_infinite() {
            return;
        }
        for t in 0..case.periods {
            for s in 0..case.sites() {
                for c in 0..case.coolings() {
                    let earlier = self.at.halls.before(s, c, t, 1);
                    self.add_change(self.at.halls.get(s, c, t), earlier, 1.0);
                }
            }
            self.milp.row(About::of(Family::Crews).when(t), -INFINITY, case.crews);
        }
    }

    /// No more is paid in a year than may be: orders, halls, steps, opening, upkeep, electricity, and what is paid anyway.
    fn budget(&mut self) {
        let case = self.case;
        for y in 0..case.years() {
            if case.budget[y].is_infinite() {
                continue;
            }
            let mut each: BTreeMap<Column, f64> = BTreeMap::new();
            self.cash[y].iter().for_each(|(column, cash)| *each.entry(*column).or_default() += cash);
            each.iter().for_each(|(column, cash)| self.milp.entry(*column, *cash));
            self.add_energy(y, |s, t| case.electricity[s][t]);
            let left = case.budget[y] - self.paid[y];
            self.milp.row(About::of(Family::Budget).when(y), -INFINITY, left);
        }
    }

    /// Energy of a year, each GWh times what `of` says of its site and period.
    fn add_energy(&mut self, y: usize, of: impl Fn(usize, usize) -> f64) {
        let case = self.case;
        for s in 0..case.sites() {
            for t in (0..case.periods).filter(|t| case.year[*t] == y) {
                let each = of(s, t);
                for (column, energy) in &self.energy[s * case.periods + t] {
                    self.milp.entry(*column, energy * each);
                }
            }
        }
    }

    /// No more is emitted in a year: `Σ κ e ≤ K_y`.
    fn carbon(&mut self) {
        let case = self.case;
        for y in (0..case.years()).filter(|y| case.most_carbon[*y].is_finite()) {
            self.add_energy(y, |s, t| case.carbon[s][t]);
            self.milp.row(About::of(Family::Carbon).when(y), -INFINITY, case.most_carbon[y]);
        }
    }

    /// What is aimed at is reached, and lasts: `Σ F N_t ≥ E_t`; counted gross, what had to retire by then counts too.
    fn target(&mut self) {
        let case = self.case;
        let lasts = |aim: &Aim| (aim.period + 1..case.periods).filter_map(|t| Some((t, *aim.held.get(t)?))).collect::<Vec<_>>();
        let dates = case.aims.iter().enumerate().flat_map(|(at, aim)| {
            std::iter::once((aim.period, aim.wanted)).chain(lasts(aim)).map(move |(t, wanted)| (at, aim, t, wanted))
        });
        for (at, aim, t, mut wanted) in dates {
            for k in (0..case.technologies()).filter(|k| aim.counts[*k]) {
                let computing = case.computing[k];
                for s in 0..case.sites() {
                    self.add(self.at.running.get(s, k, t), computing);
                    if aim.gross {
                        wanted -= computing * case.retired[s][k][t];
                        let gone = self.at.lots.before(s, k, t, case.lead[k] + case.life[k]);
                        self.add(gone, computing * case.lot[k]);
                    }
                }
            }
            self.milp.row(About::of(Family::Target).which(at).when(t), wanted, INFINITY);
        }
    }

    /// All that runs, taken together, wastes no more: `Σ (pue − most) kW N ≤ 0`, in MW, at the end of each year.
    fn pue(&mut self) {
        let case = self.case;
        let Some(most) = case.most_pue else { return };
        for t in 0..case.periods {
            for s in 0..case.sites() {
                for k in 0..case.technologies() {
                    let over = case.pue[s][case.cooling[k]] - most;
                    self.add(self.at.running.get(s, k, t), over * case.power[k] / 1000.0);
                }
            }
            self.milp.row(About::of(Family::Pue).when(t), -INFINITY, 0.0);
        }
    }

    /// So much of a year's electricity is green: `Σ (least − green_s) e ≤ 0`, in GWh.
    fn green(&mut self) {
        let case = self.case;
        let Some(least) = case.least_green else { return };
        for y in 0..case.years() {
            self.add_energy(y, |s, _| least - case.green[s]);
            self.milp.row(About::of(Family::Green).when(y), -INFINITY, 0.0);
        }
    }

    /// What follows for lots over all sites, so that the solver can round: for each set of demands that needs the same technologies or
    /// more, `Σ_k a F (A − D + lot (Y_{t−l} − Y_{t−l−L})) + Σ_q z ≥ Σ_q D`; and for targets alike.
    fn cover(&mut self) {
        let case = self.case;
        let mut sets: Vec<Vec<usize>> = Vec::new();
        for q in 0..case.demands() {
            // All demands that no technology outside those of `q` serves.
            let within = |other: usize| (0..case.technologies()).all(|k| !case.serves[k][other] || case.serves[k][q]);
            let set: Vec<usize> = (0..case.demands()).filter(|other| within(*other)).collect();
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
        for set in sets {
            for t in 0..case.periods {
                let wanted: f64 = set.iter().map(|q| case.demand[*q][t]).sum();
                let serving = |k: usize| set.iter().any(|q| case.serves[k][*q]);
                let there = self.add_totals(t, serving, |k| case.available[k] * case.computing[k]);
                for q in &set {
                    self.add(self.at.missing.get(*q, 0, t), 1.0);
                }
                self.milp.row(About::of(Family::Helper).when(t), wanted - there, INFINITY);
            }
        }
        for aim in case.aims.iter().filter(|aim| !aim.gross) {
            let there = self.add_totals(aim.period, |k| aim.counts[k], |k| case.computing[k]);
            self.milp.row(About::of(Family::Helper).when(aim.period), aim.wanted - there, INFINITY);
        }
    }

    /// Adds what lots over all sites give in a period; returns what is there without them.
    fn add_totals(&mut self, t: usize, of: impl Fn(usize) -> bool, each: impl Fn(usize) -> f64) -> f64 {
        let case = self.case;
        let mut there = 0.0;
        for k in (0..case.technologies()).filter(|k| of(*k)) {
            there += each(k) * (0..case.sites()).map(|s| case.arrived[s][k][t] - case.retired[s][k][t]).sum::<f64>();
            let now = self.at.totals.before(k, 0, t, case.lead[k]);
            let gone = self.at.totals.before(k, 0, t, case.lead[k] + case.life[k]);
            self.add_change(now, gone, each(k) * case.lot[k]);
        }
        there
    }
}
