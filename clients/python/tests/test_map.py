"""Functions mapped over inputs."""

import dataclasses
import functools
import os
import sys
import types
from pathlib import Path

import pytest

import shugu
from shugu import call

CPUS = 0.1


@dataclasses.dataclass
class Point:
    x: int


def double(point: Point) -> Point:
    print("doubling", point)
    return Point(2 * point.x)


def risky(number: int) -> int:
    if number == 2:
        raise LookupError(f"no {number}")
    return number


def test_a_function_is_mapped_as_one_array_job(hub: shugu.Hub) -> None:
    mapped = hub.map(double, [Point(1), Point(2), Point(3)], cpus=CPUS)
    assert mapped.results(60) == [Point(2), Point(4), Point(6)]
    assert mapped.states == {"done": 3}
    assert [job.name for job in hub.jobs(name="double")] == ["double"] * 3
    assert mapped.ids == [f"job-{int(mapped.first[4:]) + index}" for index in range(3)]
    assert mapped.cost > 0
    # What it wrote is read without what it came to.
    assert mapped.jobs[1].read_logs().strip() == "doubling Point(x=2)"
    # The call is not told with every list of jobs.
    assert sum(map(len, mapped.jobs[0].command)) < 300


def test_results_come_in_order_and_again_on_another_day(hub: shugu.Hub) -> None:
    factor = 10

    def slow(number: int) -> int:
        import time

        time.sleep(0.3 * (number == 0))
        return factor * number

    mapped = hub.map(slow, range(4), cpus=CPUS)
    assert list(mapped) == [0, 10, 20, 30]
    assert list(hub.mapped(mapped.first)) == [0, 10, 20, 30]
    with pytest.raises(ValueError, match="no element of a mapped function"):
        hub.mapped(hub.submit(["true"], cpus=CPUS).id)


def test_an_element_that_fails_raises_with_its_traceback(hub: shugu.Hub) -> None:
    mapped = hub.map(risky, range(4), cpus=CPUS)
    with pytest.raises(shugu.ElementFailed, match=f"element 2 .{mapped.ids[2]}.: LookupError: no 2") as failed:
        mapped.results(60)
    assert failed.value.index == 2
    assert "in risky" in failed.value.traceback
    assert "shugu_run" not in failed.value.traceback
    assert isinstance(failed.value.__cause__, LookupError)
    told = mapped.results(return_exceptions=True)
    assert told[:2] + told[3:] == [0, 1, 3]
    assert isinstance(told[2], shugu.ElementFailed)
    assert mapped.states == {"done": 3, "failed": 1}
    values = iter(mapped)
    assert [next(values), next(values)] == [0, 1]
    with pytest.raises(shugu.ElementFailed):
        next(values)


def test_an_element_that_is_killed_says_how(hub: shugu.Hub) -> None:
    def vanish(number: int) -> int:
        os.kill(os.getpid(), 9)
        return number

    told = hub.map(vanish, [0], cpus=CPUS).results(60, return_exceptions=True)
    assert "failed, was ended by signal 9" in str(told[0])
    left = hub.map(lambda number: sys.exit(4), [0], cpus=CPUS).results(60, return_exceptions=True)
    assert "SystemExit: 4" in str(left[0])


def test_a_site_without_cloudpickle_runs_it_too(hub: shugu.Hub) -> None:
    def where(_: int) -> bool:
        return "site-packages" in str(sys.modules["cloudpickle"].__dict__.get("__file__"))

    assert hub.map(where, [0], cpus=CPUS).results(60) == [True]
    assert hub.map(where, [0], python=[sys.executable, "-S"], cpus=CPUS).results(60) == [False]
    assert hub.map(double, [Point(4)], python=[sys.executable, "-S"], cpus=CPUS).results(60) == [Point(8)]


def test_another_python_there_is_told(hub: shugu.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    here = ".".join(map(str, sys.version_info[:2]))
    with monkeypatch.context() as patched:
        patched.setattr(call, "HERE", (3, 1))
        mapped = hub.map(risky, [0], cpus=CPUS)
        with pytest.raises(shugu.ElementFailed, match=rf"Python is {here} there and 3\.1 here.*give python= or image="):
            mapped.results(60)
    missing = hub.map(risky, [0], python="python-none", cpus=CPUS)
    with pytest.raises(shugu.ElementFailed, match="could not be started: there is no program python-none"):
        missing.results(60)


def test_modules_that_are_not_installed_there_travel(hub: shugu.Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sample_helpers.py").write_text("def triple(number):\n    return 3 * number\n")
    monkeypatch.syspath_prepend(tmp_path)
    import sample_helpers  # type: ignore[import-not-found]

    def by_helper(number: int) -> int:
        return int(sample_helpers.triple(number))

    assert hub.map(by_helper, [2], modules=[sample_helpers], cpus=CPUS).results(60) == [6]
    # Of a function's own module nothing need be said.
    assert hub.map(functools.partial(sample_helpers.triple), [3], cpus=CPUS).results(60) == [9]
    with pytest.raises(shugu.ElementFailed, match=r"No module named 'sample_helpers'.*modules=\[…\]"):
        hub.map(by_helper, [2], cpus=CPUS).results(60)
    del sys.modules["sample_helpers"]


def test_json_results_run_nothing_here(hub: shugu.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def pair(number: int) -> dict[str, object]:
        if number == 1:
            raise OverflowError("one")
        return {"number": number, "list": [1, None]}

    mapped = hub.map(pair, range(3), results="json", cpus=CPUS)
    mapped.wait(60, check=False)

    def never(_: bytes) -> None:
        raise AssertionError("something was unpickled")

    monkeypatch.setattr("pickle.loads", never)
    told = mapped.results(return_exceptions=True)
    assert told[2] == {"number": 2, "list": [1, None]}
    assert "OverflowError: one" in str(told[1])
    with pytest.raises(ValueError, match="neither pickle nor json"):
        hub.map(pair, range(3), results="xml")  # type: ignore[arg-type]


def test_results_are_found_behind_much_output_and_among_it(hub: shugu.Hub) -> None:
    def loud(number: int) -> bytes:
        import atexit
        import threading
        import time

        print("x" * 300_000)
        atexit.register(lambda: print("y" * 200_000, end=""))

        def chatter() -> None:
            while True:
                os.write(1, b"noise\n")
                time.sleep(0.0001)

        threading.Thread(target=chatter, daemon=True).start()
        return os.urandom(number)

    results = hub.map(loud, [3_000_000, 0], cpus=CPUS).results(60)
    assert [len(result) for result in results] == [3_000_000, 0]


def test_what_is_too_large_or_cannot_travel_is_said(hub: shugu.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    big = os.urandom(2_000_000)
    with pytest.raises(shugu.TooLarge, match=r"the call is 2,\d{3},\d{3} bytes .* at most 921,600 bytes"):
        hub.map(len, [big])
    with pytest.raises(shugu.TooLarge, match="each of 1,000 elements carries all of it: at most 67,108 bytes"):
        hub.map(len, [os.urandom(100) for _ in range(1000)])
    assert hub.map(len, [os.urandom(600_000)], cpus=CPUS).results(60) == [600_000]

    async def later(number: int) -> int:
        return number

    with pytest.raises(TypeError, match="coroutine"):
        hub.map(later, [1])
    monkeypatch.setattr(call, "RESULT_MOST", 1000)
    with pytest.raises(shugu.ElementFailed, match=r"its result has 2,\d{3} bytes, and 1,000 are brought back"):
        hub.map(bytes, [2000], cpus=CPUS).results(60)
    with pytest.raises(shugu.ElementFailed, match="so its result cannot be brought back"):
        hub.map(lambda number: (one for one in range(number)), [1], cpus=CPUS).results(60)


def test_what_cannot_be_pickled_says_why(hub: shugu.Hub) -> None:
    with pytest.raises(TypeError, match="pickle") as failed:
        hub.map(lambda _: hub.url, [1])
    assert "whatever it refers to" in failed.value.__notes__[0]
    with pytest.raises(ValueError, match="replicas"):
        hub.map(abs, [1], replicas=2)


def test_nothing_is_mapped_over_nothing(hub: shugu.Hub) -> None:
    mapped = hub.map(risky, [], cpus=CPUS)
    assert (mapped.results(), list(mapped), len(mapped), mapped.ids) == ([], [], 0, [])


def test_a_map_is_cancelled(hub: shugu.Hub) -> None:
    def sleep(number: int) -> int:
        import time

        time.sleep(60)
        return number

    mapped = hub.map(sleep, range(3), cpus=CPUS)
    mapped.cancel()
    told = mapped.results(60, return_exceptions=True)
    assert all("cancelled" in str(one) for one in told)


def test_the_function_is_called_with_what_it_holds(hub: shugu.Hub) -> None:
    namespace = types.SimpleNamespace(base=5)
    assert hub.map(lambda number: namespace.base + number, (1, 2), cpus=CPUS, env={"A": "1"}, name="held").results(60) == [6, 7]
