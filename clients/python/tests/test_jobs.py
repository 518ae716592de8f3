"""Jobs, as a tenant has them run."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from conftest import until

import shugu

CPUS = 0.1


def test_a_command_is_submitted_waited_for_read_and_paid(hub: shugu.Hub) -> None:
    job = hub.submit(["sh", "-c", "echo out; echo err >&2; sleep 1; printf end"], cpus=0.5, name="greet", time_limit="1m")
    assert job.state in ("waiting", "placed", "running")
    assert job.cost is None
    assert not job.ended
    assert job.wait(timeout=60) is job
    assert (job.state, job.exit_code, job.name, job.tenant, job.pool) == ("done", 0, "greet", "llm-lab", "local")
    assert list(job.logs()) == ["out", "end"]
    assert job.read_logs(stream="stderr") == "err"
    assert job.read_logs(tail=3) == "end"
    # 360 yuan a core-hour, half a core, at least a second.
    assert isinstance(job.cost, Decimal)
    assert Decimal("0.05") <= job.cost < Decimal(2)
    assert job.cost == job.cost.quantize(Decimal("0.000001"))
    assert job.run_s is not None
    assert job.ended_at is not None
    assert job.submitted_at < job.ended_at <= datetime.now(UTC) + timedelta(seconds=1)
    again = hub.job(job.id)
    assert (again.cost, again.view) == (job.cost, job.view)
    assert repr(job) == f"<{job.id} 'greet': done>"


def test_options_reach_the_job(hub: shugu.Hub, tmp_path: Path) -> None:
    job = hub.submit(
        ["sh", "-c", 'echo "$WORD $(pwd) $SHUGU_REPLICAS"'],
        cpus=CPUS,
        env={"WORD": "数"},
        directory=tmp_path,
        memory="64MiB",
        replicas=2,
        priority=3,
        time_limit=timedelta(minutes=2),
        deadline=datetime.now(UTC) + timedelta(hours=1),
        retries=1,
        spread="pack",
        pools=["local"],
        preemptible=True,
        notice={"signal": "USR1", "grace": 2},
        models=None,
    ).wait(60)
    assert list(job.logs(replica=1)) == [f"数 {tmp_path} 2"]
    assert (job.view.replicas, job.view.priority, job.view.time_limit_s, job.view.memory_bytes) == (2, 3, 120.0, 64 << 20)


def test_jobs_wait_for_others(hub: shugu.Hub) -> None:
    first = hub.submit(["sleep", "1"], cpus=CPUS)
    last = hub.submit(["true"], cpus=CPUS, after_ok=[first])
    why = last.why()
    assert (why.code, why.numbers["jobs"]) == ("after", [first.id])
    last.wait(60)
    assert first.refresh().state == "done"
    failing = hub.submit(["sh", "-c", "sleep 1; exit 1"], cpus=CPUS)
    never = hub.submit(["true"], cpus=CPUS, after_ok=failing)
    with pytest.raises(shugu.JobFailed, match="cancelled"):
        never.wait(60)
    with pytest.raises(shugu.Refused) as unmet:
        hub.submit(["true"], cpus=CPUS, after_ok=failing.id)
    assert unmet.value.code == "unmet"


def test_output_is_followed_while_it_is_written(hub: shugu.Hub) -> None:
    job = hub.submit(["sh", "-c", "echo first; sleep 2; echo last"], cpus=CPUS)
    lines = job.logs(follow=True)
    assert next(lines) == "first"
    assert not job.refresh().ended
    assert list(lines) == ["last"]


def test_a_job_that_fails_raises_with_what_it_said(hub: shugu.Hub) -> None:
    job = hub.submit(["sh", "-c", "echo no such data >&2; exit 3"], cpus=CPUS)
    with pytest.raises(
        shugu.JobFailed, match=r"did not end well: failed, exited with code 3\nits stderr ends so:\nno such data"
    ) as failed:
        job.wait(60)
    assert failed.value.job is job
    assert job.wait(60, check=False).exit_code == 3
    absent = hub.submit(["/no/such/program"], cpus=CPUS)
    with pytest.raises(shugu.JobFailed, match="could not be started"):
        absent.wait(60)


def test_waiting_has_an_end_and_cancelling_too(hub: shugu.Hub) -> None:
    job = hub.submit(["sleep", "60"], cpus=CPUS)
    with pytest.raises(TimeoutError, match=rf"{job.id} is still (placed|running|waiting) after 0.3 s"):
        job.wait(0.3)
    job.cancel()
    with pytest.raises(shugu.JobFailed, match="cancelled"):
        job.wait(60)
    assert job.cancel().state == "cancelled"


def test_why_tells_what_a_job_lacks(hub: shugu.Hub) -> None:
    cores = int(hub.pools()[0].cores)
    holds = hub.submit(["sleep", "60"], cpus=cores, time_limit="10m", name="holds")
    until(holds, "running")
    waits = hub.submit(["true"], cpus=cores)
    why = waits.why()
    assert (why.state, why.code) == ("waiting", "busy")
    assert why.pools[0].pool == "local"
    assert why.pools[0].short == "cpu"
    assert why.pools[0].numbers["asked"] == cores
    assert why.starts_at is not None
    assert why.starts_at > datetime.now(UTC)
    assert "cores asked" in str(why)
    assert "local" in why._repr_html_()
    assert waits.cancel().wait(60, check=False).cost == 0
    holds.cancel()
    assert holds.wait(60, check=False).state == "cancelled"


def test_a_job_is_tried_out(hub: shugu.Hub) -> None:
    assert hub.try_out(["true"], cpus=CPUS).state == "would start"
    with pytest.raises(shugu.Refused):
        hub.try_out(["true"], cpus=10_000)


def test_the_hub_says_no_with_code_message_and_field(hub: shugu.Hub) -> None:
    with pytest.raises(shugu.Refused) as large:
        hub.submit(["true"], cpus=10_000)
    assert (large.value.status, large.value.code) == (422, "too_large")
    assert large.value.told["pools"][0]["pool"] == "local"
    with pytest.raises(shugu.WrongInput, match="memory") as wrong:
        hub.submit(["true"], memory="much")
    assert (wrong.value.code, wrong.value.field) == ("wrong_input", "memory")
    with pytest.raises(shugu.Refused) as late:
        hub.submit(["true"], deadline="2020-01-01")
    assert late.value.code == "too_late"
    with pytest.raises(shugu.NotFound):
        hub.job("job-999999")
    with pytest.raises(shugu.WrongInput, match="tail"):
        list(hub.submit(["true"], cpus=CPUS).logs(tail=-1))


def test_a_tenant_sees_and_names_only_its_own(hub: shugu.Hub, operator: shugu.Hub) -> None:
    other = operator.submit(["true"], tenant="data-team", cpus=CPUS)
    with pytest.raises(shugu.NotFound):
        hub.job(other.id)
    with pytest.raises(shugu.NotAllowed):
        hub.submit(["true"], tenant="data-team", cpus=CPUS)
    with pytest.raises(shugu.NotAllowed), shugu.Hub(hub.url, "none") as stranger:
        stranger.about()
    other.wait(60)


def test_mistakes_are_told_before_anything_is_sent(hub: shugu.Hub) -> None:
    with pytest.raises(TypeError, match=r'\["bash", "-c", \'echo hi\'\]'):
        hub.submit("echo hi")
    with pytest.raises(TypeError, match="a job has no gpus; there are name,"):
        hub.submit(["true"], gpus=3)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="has no time zone"):
        hub.submit(["true"], deadline=datetime(2027, 1, 1))
    with pytest.raises(TypeError, match="sites: is a list"):
        hub.submit(["true"], sites="here")


def test_jobs_are_listed_page_after_page(hub: shugu.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    array = hub.submit_array(["true"], 25, cpus=CPUS, name="many").wait(60)
    for page in (1000, 10, 5):
        monkeypatch.setattr("shugu._sync.hub.PAGE_MOST", page)
        listed = [job.id for job in hub.jobs(name="many")]
        assert listed == array.ids[::-1]
        assert [job.id for job in hub.jobs(name="many", limit=12)] == listed[:12]
    assert [job.id for job in islice(hub.jobs(name="many", state="done"), 3)] == listed[:3]
    assert list(hub.jobs(name="many", state="failed")) == []
    with pytest.raises(shugu.WrongInput, match="state"):
        list(hub.jobs(state="sleeping"))


def test_an_array_is_waited_for_as_one(hub: shugu.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shugu._sync.array.PAGE_MOST", 3)
    array = hub.submit_array(
        ["sh", "-c", "echo $SHUGU_ARRAY_INDEX of $SHUGU_ARRAY_COUNT; exit $((SHUGU_ARRAY_INDEX == 5))"], 8, cpus=CPUS
    )
    with pytest.raises(shugu.JobFailed, match=f"{array.ids[5]} .sh. did not end well: failed, exited with code 1"):
        array.wait(60)
    assert array.states == {"done": 7, "failed": 1}
    assert (len(array), array.ended, array.cost > 0) == (8, 8, True)
    assert [job.read_logs() for job in array.jobs] == [f"{index} of 8" for index in range(8)]
    long = hub.submit_array(["sleep", "60"], 8, cpus=CPUS)
    with pytest.raises(TimeoutError, match="8 of 8"):
        long.wait(0.2)
    long.cancel().wait(60, check=False)
    assert long.states == {"cancelled": 8}


def test_events_tell_what_becomes_of_a_job(hub: shugu.Hub, operator: shugu.Hub) -> None:
    with hub.events() as events:
        operator.submit(["true"], tenant="data-team", cpus=CPUS)
        job = hub.submit(["true"], cpus=CPUS)
        heard = []
        for event in events:
            if event.kind == "job":
                assert event.tenant == "llm-lab", "a tenant hears of its own jobs only"
                heard.append((event.id, event.state))
                if event.state == "done":
                    break
    assert heard[0] == (job.id, "waiting")
    assert heard[-1] == (job.id, "done")
