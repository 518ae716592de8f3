"""The asynchronous twin."""

import asyncio
import inspect
from decimal import Decimal

import pytest

import shugu
from shugu.pace import atogether

CPUS = 0.1
pytestmark = pytest.mark.anyio


async def test_a_job_is_run(async_hub: shugu.AsyncHub) -> None:
    job = await async_hub.submit(["sh", "-c", "echo one; sleep 0.5; echo two"], cpus=CPUS)
    assert [line async for line in job.logs(follow=True)] == ["one", "two"]
    await job.wait(60)
    assert job.state == "done"
    assert isinstance(job.cost, Decimal)
    assert (await job.why()).message == f"{job.id} does not wait: it is done"
    failing = await async_hub.submit(["false"], cpus=CPUS)
    with pytest.raises(shugu.JobFailed, match="exited with code 1"):
        await failing.wait(60)
    long = await async_hub.submit(["sleep", "60"], cpus=CPUS)
    await long.cancel()
    assert (await long.wait(60, check=False)).state == "cancelled"
    with pytest.raises(shugu.WrongInput) as wrong:
        await async_hub.submit(["true"], memory="much")
    assert wrong.value.field == "memory"
    assert (await async_hub.try_out(["true"], cpus=CPUS)).state == "would start"


async def test_functions_are_mapped(async_hub: shugu.AsyncHub) -> None:
    def risky(number: int) -> int:
        return 12 // number

    mapped = await async_hub.map(risky, [1, 2, 3, 4], cpus=CPUS)
    assert await mapped.results(60) == [12, 6, 4, 3]
    assert [result async for result in mapped] == [12, 6, 4, 3]
    failing = await async_hub.map(risky, [1, 0], cpus=CPUS)
    with pytest.raises(shugu.ElementFailed, match="ZeroDivisionError") as failed:
        await failing.results(60)
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    assert [result async for result in await async_hub.mapped(mapped.first)] == [12, 6, 4, 3]


async def test_jobs_are_listed_and_counted(async_hub: shugu.AsyncHub) -> None:
    array = await async_hub.submit_array(["true"], 5, cpus=CPUS, name="five")
    await array.wait(60)
    assert [job.id async for job in async_hub.jobs(name="five", limit=5)] == array.ids[::-1]
    assert len(await async_hub.jobs_frame(name="five", limit=5)) == 5
    statement = await async_hub.statement()
    assert statement.total >= array.cost > 0
    assert (await async_hub.usage())["cost_yuan"].sum() > 0
    assert (await async_hub.account()).tenant == "llm-lab"


async def test_events_are_heard(async_hub: shugu.AsyncHub) -> None:
    async with async_hub.events() as events:
        job = await async_hub.submit(["true"], cpus=CPUS)
        async for event in events:
            if event.id == job.id and event.state == "done":
                break


async def test_many_wait_at_once(async_hub: shugu.AsyncHub) -> None:
    jobs = [await async_hub.submit(["sleep", "0.3"], cpus=CPUS) for _ in range(4)]
    await asyncio.gather(*(job.wait(60) for job in jobs))
    assert [job.state for job in jobs] == ["done"] * 4


async def test_the_first_failure_of_several_is_raised_alone() -> None:
    async def work(number: int) -> int:
        await asyncio.sleep(0)
        if number > 3:
            raise ValueError(number)
        return number

    assert await atogether(work, range(3)) == [0, 1, 2]
    with pytest.raises(ValueError, match="4"):
        await atogether(work, range(40))


async def test_both_twins_can_do_the_same() -> None:
    for one, other in ((shugu.Hub, shugu.AsyncHub), (shugu.Job, shugu.AsyncJob), (shugu.Map, shugu.AsyncMap)):
        public = [{name for name, _ in inspect.getmembers(kind) if not name.startswith("_")} for kind in (one, other)]
        assert {"aclose" if name == "close" else name for name in public[0]} == public[1]
