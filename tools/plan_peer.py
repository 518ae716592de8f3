#!/usr/bin/env python3
"""The model of `shugu plan` written again with linopy: how long that takes, and whether both relaxations have one optimum.

    python3 -m venv target/peer && target/peer/bin/pip install --quiet linopy highspy
    target/peer/bin/python tools/plan_peer.py ./target/release/shugu [--sites 50 --technologies 8 --periods 20 --seed 1] [--plain SECONDS]

Both programs run in this one process tree, one after the other. `--plain` gives the whole program, with its whole numbers, to HiGHS
alone for so many seconds, in the form of a textbook: orders and halls by period instead of counted up, retirement as a column, work
by site and demand, no rows that only help.
"""
import argparse
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import time

import warnings

import numpy as np
import pandas as pd


def read(shugu, size, seed):
    """The case and what our own program says of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "case.json")
        sites, technologies, periods = size
        command = [shugu, "bench", "plan", "--relaxed", "--json", "--sites", str(sites), "--technologies", str(technologies),
                   "--periods", str(periods), "--seed", str(seed), "--export", path]
        ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        with open(path) as file:
            return json.load(file), ours


class Numbers:
    """Arrays of a case that both forms need."""

    def __init__(self, case):
        self.case = case
        c = case
        self.S, self.K, self.C, self.T = len(c["site_names"]), len(c["technology_names"]), len(c["cooling_names"]), c["periods"]
        self.Q, self.Y, self.J = len(c["demand_names"]), len(c["year_names"]), max(len(g) for g in c["grid"])
        a = np.asarray
        self.year, self.factor = a(c["year"]), a(c["factor"])
        self.lot, self.lead, self.life = a(c["lot"]), c["lead"], c["life"]
        self.computing, self.available, self.idle, self.power = a(c["computing"]), a(c["available"]), a(c["idle"]), a(c["power"])
        self.racks, self.cooling = a(c["racks"]), c["cooling"]
        self.price = a(c["price"])
        self.supply = a(c["supply"])
        self.serves = a(c["serves"])
        self.pue = a(c["pue"])[:, self.cooling]  # site, technology
        self.drawn = self.pue * self.power
        self.electricity, self.carbon = a(c["electricity"]), a(c["carbon"])
        self.arrived, self.retired = a(c["arrived"]), a(c["retired"])
        self.demand = a(c["demand"])
        self.halls, self.hall_price = a(c["halls"]), a(c["hall_price"])
        self.open = a(c["open"])
        self.energy_there = self.drawn * c["hours"] / 1e6 * self.idle
        self.energy_work = self.drawn * c["hours"] / 1e6 * (1 - self.idle) / (self.available * self.computing)
        self.energy_cost = self.factor * (self.electricity + c["carbon_price"] * self.carbon)
        T = self.T
        self.may = np.array([[c["orders"][k][0] <= t <= c["orders"][k][1] and t + self.lead[k] < T and self.supply[k, t] > 0
                              for t in range(T)] for k in range(self.K)])
        worth = lambda aged: c["factor_end"] * max(0.0, 1.0 - max(aged, 0.0)) if c["residual"] else 0.0
        self.lot_cost = np.array([[self.price[k, t] * self.lot[k] * (self.factor[t] - worth((T - t - self.lead[k]) / self.life[k]))
                                   for t in range(T)] for k in range(self.K)])
        self.hall_cost = np.array([[[self.hall_price[s, h] * (self.factor[t] - worth((T - t - c["hall_lead"][h]) / c["hall_life"][h]))
                                     for t in range(T)] for h in range(self.C)] for s in range(self.S)])
        self.hall_may = np.array([[t + c["hall_lead"][h] < T for t in range(T)] for h in range(self.C)])
        self.hall_most = np.array([[math.floor(c["land"][s] / c["hall_land"][h] + 1e-9) for h in range(self.C)] for s in range(self.S)])
        step = lambda s, j, what: c["grid"][s][j][what] if j < len(c["grid"][s]) else 0
        self.step_power = np.array([[step(s, j, "power") for j in range(self.J)] for s in range(self.S)]) / 1000
        self.step_price = np.array([[step(s, j, "price") for j in range(self.J)] for s in range(self.S)])
        self.step_lead = [max(step(s, j, "lead") for s in range(self.S)) for j in range(self.J)]
        self.step_may = np.array([[t + self.step_lead[j] < T for t in range(T)] for j in range(self.J)])
        self.most_drawn = np.array([[self.halls_draw(s, t) for t in range(T)] for s in range(self.S)])
        self.offset = sum(self.factor[t] * c["upkeep"][s] for s in range(self.S) if self.open[s] for t in range(T))
        self.paid = np.zeros(self.Y)
        for t in range(T):
            self.paid[self.year[t]] += sum(c["upkeep"][s] for s in range(self.S) if self.open[s]) + c["fixed"][t]

    def halls_draw(self, s, t):
        """kW that all halls of a site draw, with every hall that its land has room for, full of what draws most."""
        c = self.case
        runs = lambda k: t >= c["orders"][k][0] + self.lead[k] or self.arrived[s, k, t] > self.retired[s, k, t]
        each = [max((self.drawn[s, k] / self.racks[k] for k in range(self.K) if self.cooling[k] == h and runs(k)), default=0.0)
                * c["hall_racks"][h] for h in range(self.C)]
        more = max(sum(map(lambda a, b: a * b, each, built))
                   for built in itertools.product(*[range(n + 1) for n in self.hall_most[s]])
                   if sum(map(lambda a, b: a * b, built, c["hall_land"])) <= c["land"][s] + 1e-9)
        return sum(map(lambda a, b: a * b, each, self.halls[s, :, t])) + more


def by_increments(cost, may, years=None):
    """Costs of what is added, as costs of what is counted up: each keeps until the next period in which it may grow."""
    out = np.zeros_like(cost)
    last = None
    for t in range(cost.shape[-1] - 1, -1, -1):
        grows = may[..., t]
        now = np.where(grows, cost[..., t], 0.0)
        following = np.zeros_like(now) if last is None else last
        out[..., t] = np.where(grows, now - following, 0.0)
        last = np.where(grows, now, following)
    return out


def linopy_model(n, plain=False):
    """The same program as `crates/plan/src/rows.rs`, or, where `plain`, that of a textbook."""
    import linopy
    import xarray as xr
    c, T = n.case, n.T
    m = linopy.Model()
    s, k, h, j, q, t, y = (pd.RangeIndex(size, name=name) for size, name in
                           ((n.S, "s"), (n.K, "k"), (n.C, "h"), (n.J, "j"), (n.Q, "q"), (n.T, "t"), (n.Y, "y")))
    array = lambda values, *dims, **at: xr.DataArray(values, dims=dims, coords={d: at.get(d, range(np.shape(values)[i])) for i, d in enumerate(dims)})
    # Lots, halls, steps, opening: by period where plain; else counted up, and as they were where nothing may grow.
    inf = np.inf
    full = lambda values, *shape: np.broadcast_to(values, shape)
    may = {"lots": full(n.may, n.S, n.K, T), "halls": full(n.hall_may, n.S, n.C, T), "steps": full(n.step_may, n.S, n.J, T)}
    most = {"lots": full(n.supply if plain else inf, n.S, n.K, T), "halls": full(n.hall_most[:, :, None], n.S, n.C, T), "steps": full(1.0, n.S, n.J, T)}
    index = {"lots": (s, k, t), "halls": (s, h, t), "steps": (s, j, t)}
    counted = {}
    for name, coords in index.items():
        dims = [one.name for one in coords]
        grows = may[name] if plain else np.maximum.accumulate(may[name], axis=2)
        counted[name] = m.add_variables(0, array(np.where(grows, most[name], 0.0), *dims), coords=coords, name=name, integer=plain)
        if not plain:
            change = (counted[name] - counted[name].shift(t=1)).isel(t=slice(1, None))
            later = may[name][:, :, 1:]
            m.add_constraints(change >= 0, name=f"counted-{name}")
            fixed = array(np.where(later, inf, 0.0), *dims, t=range(1, T))
            m.add_constraints(change <= fixed, mask=np.isfinite(-fixed), name=f"carried-{name}")
    lots, halls, steps = counted["lots"], counted["halls"], counted["steps"]
    opened = m.add_variables(array(full(np.where(n.open, 1.0, 0.0)[:, None], n.S, T), "s", "t"), 1, coords=[s, t], name="open", integer=plain)
    m.add_constraints((opened - opened.shift(t=1)).isel(t=slice(1, None)) >= 0, name="stays-open")
    running = m.add_variables(0, coords=[s, k, t], name="running")
    missing = m.add_variables(0, array(n.demand, "q", "t"), coords=[q, t], name="missing")

    def there(one, lead):
        """What is there of what was ordered `lead` periods before, for every period; nothing where that is too long."""
        if lead >= T:
            return None
        if plain:
            one = one.cumsum("t")
        return one.shift(t=lead) if lead else 1 * one

    def less(left, part, factor):
        return left if part is None else left - factor * part

    retired = m.add_variables(0, coords=[s, k, t], name="retired") if plain else None
    for at in range(n.K):
        one, now = lots.isel(k=at, drop=True), running.isel(k=at, drop=True)
        came, gone = there(one, n.lead[at]), there(one, n.lead[at] + n.life[at])
        lot = float(n.lot[at])
        arrived, over = array(n.arrived[:, at], "s", "t"), array(n.retired[:, at], "s", "t")
        if plain:
            r = retired.isel(k=at, drop=True)
            m.add_constraints(less(now + r, came, lot) == arrived, name=f"balance-{at}")
            m.add_constraints(less(1 * r, gone, lot) >= over, name=f"due-{at}")
            m.add_constraints((r - r.shift(t=1)).isel(t=slice(1, None)) >= 0, name=f"stays-retired-{at}")
            continue
        m.add_constraints(less(less(1 * now, came, lot), gone, -lot) <= arrived - over, name=f"running-{at}")
        left = less(less(now - now.shift(t=1), came, lot), there(one, n.lead[at] + 1), -lot)
        change = array(np.diff(n.arrived[:, at], axis=1), "s", "t", t=range(1, T))
        m.add_constraints(left.isel(t=slice(1, None)) <= change, name=f"retired-{at}")
    for at in range(n.C):
        mine = [x for x in range(n.K) if n.cooling[x] == at]
        if mine:
            left = (running.isel(k=mine) * array(n.racks[mine], "k", k=mine)).sum("k")
            left = less(left, there(halls.isel(h=at, drop=True), c["hall_lead"][at]), c["hall_racks"][at])
            m.add_constraints(left <= array(c["hall_racks"][at] * n.halls[:, at], "s", "t"), name=f"space-{at}")
    land, area = array(np.asarray(c["hall_land"]), "h"), array(np.asarray(c["land"]), "s")
    m.add_constraints((halls.sum("t") if plain else halls.isel(t=T - 1, drop=True)) * land @ array(np.ones(n.C), "h") <= area, name="land")
    left = (running * array(n.drawn / 1000, "s", "k")).sum("k")
    for at in range(n.J):
        taken = there(steps.isel(j=at, drop=True), n.step_lead[at])
        left = left if taken is None else left - array(n.step_power[:, at], "s") * taken
    m.add_constraints(left <= array(np.asarray(c["connected"]) / 1000, "s", "t"), name="power")
    if not plain:
        drawn = (running * array(n.drawn / 1000, "s", "k")).sum("k")
        most, connected, opens = n.most_drawn / 1000, np.asarray(c["connected"]) / 1000, np.broadcast_to(~n.open[:, None], (n.S, T))
        opens = opens & (n.halls.sum(axis=1) == 0)
        ready = there(opened, min(c["hall_lead"]))
        left = drawn - array(np.where(opens, connected, 0.0), "s", "t") * ready
        for at in range(n.J):
            taken, sooner = there(steps.isel(j=at, drop=True), n.step_lead[at]), [i for i in range(at) if n.step_lead[i] <= n.step_lead[at]]
            gives = np.minimum(n.step_power[:, at, None], np.maximum(most - connected - n.step_power[:, sooner].sum(axis=1)[:, None], 0.0))
            left = left if taken is None else left - array(gives, "s", "t") * taken
        m.add_constraints(left <= array(np.where(opens, 0.0, connected), "s", "t"), name="useful-steps")
        most = np.minimum(most, connected + n.step_power.sum(axis=1)[:, None])
        m.add_constraints(drawn - array(np.where(opens, most, 0.0), "s", "t") * ready <= array(np.where(opens, 0.0, np.inf), "s", "t"), name="drawn-where-open")
    for at in range(1, n.J):
        m.add_constraints(there(steps.isel(j=at, drop=True), 0) - there(steps.isel(j=at - 1, drop=True), 0) <= 0, name=f"grid-{at}")
    if plain:
        m.add_constraints(steps.sum("t") <= 1, name="once")
    begun = (1 * halls if plain else halls - halls.shift(t=1)).sum("h")
    m.add_constraints(begun - array(np.asarray(c["halls_per_period"]), "s") * opened <= 0, name="opening")
    m.add_constraints(begun.sum("s") <= c["crews"], name="crews")
    if not plain:
        closed = np.flatnonzero(~n.open)
        mine, of = opened.isel(s=closed), halls.isel(s=closed)
        m.add_constraints(of - array(n.hall_most[closed].astype(float), "s", "h", s=closed) * mine <= 0, name="only-open")
        m.add_constraints((of * land).sum("h") - array(np.asarray(c["land"])[closed], "s", s=closed) * mine <= 0, name="land-of-open")
    # Work: by site, and for demands by site too where plain.
    able = array(n.available * n.computing, "k")
    energy = []  # expressions in GWh by site and period
    if plain:
        served = m.add_variables(0, array(np.where(n.serves, np.inf, 0.0), "k", "q"), coords=[s, k, q, t], name="served")
        m.add_constraints(served.sum("q") - able * running <= 0, name="service")
        m.add_constraints(served.sum(["s", "k"]) + missing >= array(n.demand, "q", "t"), name="demand")
        work = served.sum("q")
        energy_of_work = (served * array(n.energy_work, "s", "k")).sum(["k", "q"])
    else:
        work = m.add_variables(0, coords=[s, k, t], name="work")
        served = m.add_variables(0, array(np.where(n.serves, np.inf, 0.0), "k", "q"), coords=[k, q, t], name="served")
        m.add_constraints(work - able * running <= 0, name="service")
        m.add_constraints(served.sum("q") - work.sum("s") <= 0, name="flow")
        m.add_constraints(served.sum("k") + missing >= array(n.demand, "q", "t"), name="demand")
        energy_of_work = (work * array(n.energy_work, "s", "k")).sum("k")
    used = (running * array(n.energy_there, "s", "k")).sum("k") + energy_of_work
    if plain:
        m.add_constraints(lots.sum("s") <= array(np.where(n.may, n.supply, 0.0), "k", "t"), name="supply")
    else:
        totals = m.add_variables(0, coords=[k, t], name="totals")
        m.add_constraints(lots.sum("s") - totals == 0, name="totals")
        m.add_constraints(totals - totals.shift(t=1) <= array(np.where(n.may, n.supply, 0.0), "k", "t"), name="supply")
        # What follows for lots over all sites.
        sets = []
        for one in range(n.Q):
            mine = [o for o in range(n.Q) if all(not n.serves[a, o] or n.serves[a, one] for a in range(n.K))]
            if mine not in sets:
                sets.append(mine)

        def cover(kinds, each):
            left, have = None, np.zeros(T)
            for at in kinds:
                have += each[at] * (n.arrived[:, at] - n.retired[:, at]).sum(axis=0)
                one, factor = totals.isel(k=at, drop=True), float(each[at] * n.lot[at])
                part = less(factor * there(one, n.lead[at]), there(one, n.lead[at] + n.life[at]), factor)
                left = part if left is None else left + part
            return left, have

        for number, mine in enumerate(sets):
            kinds = [at for at in range(n.K) if any(n.serves[at, o] for o in mine)]
            left, have = cover(kinds, n.available * n.computing)
            m.add_constraints(left + missing.isel(q=mine).sum("q") >= array(n.demand[mine].sum(axis=0) - have, "t"), name=f"cover-{number}")
        for number, aim in enumerate(c["aims"]):
            left, have = cover([at for at in range(n.K) if aim["counts"][at]], n.computing)
            m.add_constraints(left.isel(t=aim["period"]) >= aim["wanted"] - have[aim["period"]], name=f"cover-aim-{number}")
    for number, aim in enumerate(c["aims"]):
        counts = array(np.where(aim["counts"], n.computing, 0.0), "k")
        m.add_constraints((running.isel(t=aim["period"]) * counts).sum(["s", "k"]) >= aim["wanted"], name=f"target-{number}")
    # Cash: what is added in a period is paid in it.
    lot_price = np.broadcast_to(n.price * n.lot[:, None], (n.K, T))
    hall_price = np.broadcast_to(n.hall_price[:, :, None], (n.S, n.C, T))
    step_price = np.broadcast_to(n.step_price[:, :, None], (n.S, n.J, T))
    opening, upkeep = np.asarray(c["opening"]), np.asarray(c["upkeep"])
    closed = (~n.open).astype(float)

    def by_year(prices, may, year):
        """Coefficients of a year for columns of a period each, or counted up."""
        if plain:
            return prices * (n.year == year)
        out = np.zeros(prices.shape)
        last = np.zeros(prices.shape[:-1])  # what the next period that may grow pays, if it is of this year
        for x in range(T - 1, -1, -1):
            grows = may[..., x]
            now = prices[..., x] * (n.year[x] == year)
            out[..., x] = np.where(grows, now - last, 0.0)
            last = np.where(grows, now, last)
        return out

    every = np.ones((n.S, T), bool)
    stays = np.broadcast_to((opening * closed)[:, None], (n.S, T))
    for year in range(n.Y):
        of_year = array((n.year == year).astype(float), "t")
        if c["budget"][year] is not None:
            open_cash = by_year_open(n, stays, upkeep * closed, year)
            left = (lots * array(by_year(lot_price, n.may, year), "k", "t")).sum() \
                + (halls * array(by_year(hall_price, np.broadcast_to(n.hall_may, (n.S, n.C, T)), year), "s", "h", "t")).sum() \
                + (steps * array(by_year(step_price, np.broadcast_to(n.step_may, (n.S, n.J, T)), year), "s", "j", "t")).sum() \
                + (opened * array(open_cash, "s", "t")).sum() \
                + (used * array(n.electricity, "s", "t") * of_year).sum()
            m.add_constraints(left <= c["budget"][year] - n.paid[year], name=f"budget-{year}")
        if c["most_carbon"][year] is not None:
            m.add_constraints((used * array(n.carbon, "s", "t") * of_year).sum() <= c["most_carbon"][year], name=f"carbon-{year}")
    counted_up = (lambda cost, may: cost) if plain else by_increments
    open_cost = by_increments(stays * n.factor, every) + (upkeep * closed)[:, None] * n.factor
    shortage = np.asarray(c["shortage"])[:, None] * n.factor
    m.add_objective(
        (lots * array(counted_up(n.lot_cost, n.may), "k", "t")).sum()
        + (halls * array(counted_up(n.hall_cost, np.broadcast_to(n.hall_may, (n.S, n.C, T))), "s", "h", "t")).sum()
        + (steps * array(counted_up(step_price * n.factor, np.broadcast_to(n.step_may, (n.S, n.J, T))), "s", "j", "t")).sum()
        + (opened * array(open_cost, "s", "t")).sum()
        + (used * array(n.energy_cost, "s", "t")).sum()
        + (missing * array(shortage, "q", "t")).sum())
    return m


def by_year_open(n, stays, upkeep, year):
    """Opening is counted up in both forms."""
    out = np.zeros((n.S, n.T))
    for x in range(n.T):
        out[:, x] += stays[:, x] * (n.year[x] == year)
        if x + 1 < n.T:
            out[:, x] -= stays[:, x + 1] * (n.year[x + 1] == year)
        out[:, x] += upkeep * (n.year[x] == year)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shugu")
    for name, usual in (("sites", 50), ("technologies", 8), ("periods", 20), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--plain", type=float, metavar="SECONDS")
    options = parser.parse_args()
    case, ours = read(options.shugu, (options.sites, options.technologies, options.periods), options.seed)
    numbers = Numbers(case)
    warnings.simplefilter("ignore")
    import linopy  # noqa: F401 -- importing it is not counted
    begin = time.perf_counter()
    model = linopy_model(numbers, plain=False)
    built = time.perf_counter() - begin
    begin = time.perf_counter()
    solver = model.to_highspy()
    handed = time.perf_counter() - begin
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.run()
    theirs = solver.getInfo().objective_function_value + numbers.offset
    apart = abs(theirs - ours["relaxed_myuan"]) / abs(ours["relaxed_myuan"])
    ratio = (built + handed) / ours["model_s"]
    print(f"shugu:  {ours['columns']} columns, {ours['rows']} rows, written in {ours['model_s'] * 1e3:.2f} ms")
    print(f"linopy: {solver.getNumCol()} columns, {solver.getNumRow()} rows, written in {built:.2f} s and handed over in {handed:.2f} s: {ratio:.0f} times as long")
    print(f"relaxation: {ours['relaxed_myuan']:.6f} and {theirs:.6f} M yuan, apart by {apart:.1e}")
    if options.plain:
        plain = linopy_model(numbers, plain=True).to_highspy()
        plain.setOptionValue("output_flag", False)
        plain.setOptionValue("threads", 1)
        plain.setOptionValue("time_limit", options.plain)
        plain.run()
        info = plain.getInfo()
        best, bound = info.objective_function_value + numbers.offset, info.mip_dual_bound + numbers.offset
        print(f"plain HiGHS after {options.plain:.0f} s: best {best:.1f}, bound {bound:.1f}, gap {(best - bound) / abs(best) * 100:.2f} %")
    if apart > 1e-6 or ours["model_s"] > 0.2 or ratio < 20:
        sys.exit("not as it should be")


if __name__ == "__main__":
    main()
