"""What it cost, exactly and in tables."""

import warnings
from decimal import Decimal

import pandas as pd
import pytest
from conftest import Server, until

import shugu
from shugu import frames
from shugu.facts import Line, Statement, exact
from shugu.wire.api.money import budget
from shugu.wire.models import BudgetForm

CPUS = 0.1


def test_a_statement_is_the_sum_of_its_jobs(server: Server, operator: shugu.Hub) -> None:
    with shugu.Hub(server.url, server.token("ocean-models")) as hub:
        array = hub.submit_array(["sleep", "0.1"], 5, cpus=CPUS).wait(60)
        statement = hub.statement()
        assert statement.total == array.cost > 0
        assert (statement.kind, statement.name, statement.currency) == ("tenant", "ocean-models", "CNY")
        (line,) = statement.lines
        assert (line.pool, line.counterpart, line.jobs) == ("local", "local", 5)
        # 20 of 1000 is the hub's.
        assert abs(line.fee - line.price * Decimal("0.02")) <= 5 * Decimal("0.000001")
        assert f"5 jobs, 0.000 device-hours, {line.core_hours:.3f} core-hours, {line.amount} CNY" in str(statement)
        assert "<td" in statement._repr_html_()
        frame = statement.frame()
        assert list(frame["jobs"]) == [5]
        assert frame["cost_yuan"].sum() == pytest.approx(float(statement.total))
        assert (hub.account().paid, hub.account().budget) == (statement.total, None)
        with pytest.raises(shugu.NotAllowed):
            hub.statement(tenant="llm-lab")
        with pytest.raises(shugu.WrongInput) as wrong:
            hub.statement("never")
        assert wrong.value.field == "period"
    received = operator.statement(provider="local")
    assert received.kind == "provider"
    assert {line.counterpart for line in received.lines} >= {"ocean-models"}
    with pytest.raises(shugu.WrongInput, match="say whose statement"):
        operator.statement()


def test_amounts_are_exact() -> None:
    for text in ("0.000001", "999999999.999999", "123456789.000001", "0.1", "7", "0"):
        assert exact(float(text)) == Decimal(text)
    line = Line("p", "c", 1, 0.0, 0.0, 0.0, None, None, *[exact(0.1)] * 3)
    assert Statement("tenant", "t", "2026-11", "CNY", [line] * 3).total == Decimal("0.3")


def test_usage_is_told_by_day_and_by_month(hub: shugu.Hub) -> None:
    hub.submit(["sleep", "0.1"], cpus=CPUS).wait(60)
    now = hub.about().now
    days = hub.usage()
    assert isinstance(days.index, pd.PeriodIndex)
    assert days.index.name == "day"
    assert [str(day) for day in days.index] == [f"{now[:7]}-{day:02}" for day in range(1, int(now[8:10]) + 1)]
    assert days["jobs"].sum() > 0
    total = float(hub.statement().total)
    assert days["cost_yuan"].sum() == pytest.approx(total)
    assert days.dtypes["cost_yuan"] == "float64"
    months = hub.usage(now[:4])
    assert months.index.name == "month"
    assert len(months) == int(now[5:7])
    assert months["cost_yuan"].iloc[-1] == pytest.approx(total)
    today = hub.usage(now[:10])
    assert len(today) == 1
    assert hub.usage("2020-02")["cost_yuan"].tolist() == [0.0] * 29
    with pytest.raises(ValueError, match="period: `soon` is none"):
        hub.usage("soon")
    with warnings.catch_warnings():
        # Not of this package: what pandas and matplotlib say to each other.
        warnings.simplefilter("ignore")
        import matplotlib as mpl

        mpl.use("agg")
        assert len(days["cost_yuan"].plot().lines) == 1
        assert len(days.plot.bar(y="cost_yuan").patches) == len(days)


def test_what_is_unknown_of_one_line_is_unknown_of_the_sum() -> None:
    known = Line("p", "c", 1, 1.0, 1.0, 1.0, exact(1.0), 2.0, *[exact(1.0)] * 3)
    unknown = Line("q", "c", 1, 1.0, 1.0, 1.0, None, None, *[exact(1.0)] * 3)
    frame = frames.usage("D", ["2026-11-01", "2026-11-02", "2026-11-03"], [[known, unknown], [known], []])
    assert frame["carbon_kg"].isna().tolist() == [True, False, False]
    assert frame["cost_yuan"].tolist() == [2.0, 1.0, 0.0]
    assert frame["jobs"].tolist() == [2, 1, 0]


def test_jobs_are_a_table(hub: shugu.Hub) -> None:
    job = hub.submit(["sh", "-c", "exit 2"], cpus=CPUS, name="table").wait(60, check=False)
    waiting = hub.submit(["true"], cpus=CPUS, name="table", after=[job, hub.submit(["sleep", "3"], cpus=CPUS).id])
    frame = hub.jobs_frame(name="table")
    assert list(frame.index) == [waiting.id, job.id]
    row = frame.loc[job.id]
    assert (row["state"], row["exit_code"], row["pool"], row["tenant"]) == ("failed", 2, "local", "llm-lab")
    assert row["cost_yuan"] == pytest.approx(float(job.cost or 0))
    assert str(frame["ended_at"].dtype).startswith("datetime64[")
    assert row["ended_at"] == job.ended_at
    assert pd.isna(frame.loc[waiting.id]["cost_yuan"])
    assert pd.isna(frame.loc[waiting.id]["ended_at"])
    empty = hub.jobs_frame(name="no such name")
    assert empty.empty
    assert list(empty.columns) == list(frame.columns)
    assert list(empty.dtypes) == list(frame.dtypes)


def test_frames_say_what_they_need(hub: shugu.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'shugu\[pandas\]'"):
        hub.usage()


def test_budgets_warn_and_refuse(server: Server, operator: shugu.Hub) -> None:
    with shugu.Hub(server.url, server.token("poor-lab")) as hub:
        budget.sync("poor-lab", client=operator.api, body=BudgetForm(amount_yuan=10.0, warn=0.5))
        # 360 yuan a core-hour: 0.1 core for 10 minutes may cost six.
        holding = hub.submit(["sleep", "60"], cpus=0.1, time_limit="10m")
        until(holding, "running")
        account = hub.account()
        assert (account.budget, account.held, account.left) == (Decimal(10), Decimal(6), Decimal(4))
        with pytest.warns(shugu.BudgetWarning, match="of the budget of poor-lab"):
            waits = hub.submit(["true"], cpus=0.1, time_limit="10m")
        why = waits.why()
        assert (why.code, Decimal(str(why.numbers["left_yuan"]))) == ("budget", Decimal(4))
        waits.cancel()
        holding.cancel().wait(60, check=False)
        budget.sync("poor-lab", client=operator.api, body=BudgetForm(amount_yuan=0.0))
        with pytest.raises(shugu.Refused) as refused:
            hub.submit(["true"], cpus=0.1)
        assert (refused.value.status, refused.value.code) == (402, "budget")
        assert "left_yuan" in refused.value.told
