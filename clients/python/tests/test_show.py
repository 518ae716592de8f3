"""What notebooks and terminals show, and what type checkers do."""

import subprocess
import sys
from pathlib import Path

import pytest

import shugu
from shugu import show

CPUS = 0.1


def test_a_job_shows_how_it_is_now(hub: shugu.Hub) -> None:
    job = hub.submit(["sleep", "0.5"], cpus=CPUS, name="<b>&name")
    hub.job(job.id).wait(60)
    assert job.state != "done"
    shown = job._repr_html_()
    assert job.state == "done"
    assert "&lt;b&gt;&amp;name" in shown
    assert "<b>" not in shown
    assert f"{job.cost} yuan" in shown
    mapped = hub.map(abs, [-1, 2], cpus=CPUS)
    hub.mapped(mapped.first).wait(60)
    assert "2 done" in mapped._repr_html_()


def test_a_hub_that_is_away_hinders_no_notebook(hub: shugu.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    job = hub.submit(["sleep", "1"], cpus=CPUS)
    monkeypatch.setattr(hub.api.get_httpx_client(), "base_url", "http://127.0.0.1:9")
    assert job.id in job._repr_html_()


def test_progress_is_shown_where_it_is_wanted(hub: shugu.Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.map(abs, [-1, 2, -3], cpus=CPUS).results(60)
    hub.submit(["true"], cpus=CPUS).wait(60)
    assert capsys.readouterr().err == ""
    hub.map(abs, [-1, 2, -3], cpus=CPUS).results(60, progress=True)
    told = capsys.readouterr().err
    assert "abs: 100%" in told
    assert "3/3" in told
    assert "3 done" in told
    hub.submit(["true"], cpus=CPUS, name="one").wait(60, progress=True)
    assert "one: 100%" in capsys.readouterr().err


def test_progress_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"pip install 'shugu\[notebook\]'"):
        show.Progress(1, "job", True)
    with show.Progress(1, "job", None) as bar:
        bar.tell(1, "1 done")


def test_a_bar_has_a_part_for_each_state() -> None:
    bar = show.bar({"done": 3, "failed": 1})
    assert 'title="done"' in bar
    assert "width:75.00%" in bar
    assert "width:25.00%" in bar
    assert "waiting" not in bar


def test_users_are_told_types(tmp_path: Path) -> None:
    script = tmp_path / "typed.py"
    script.write_text(
        "import shugu\n"
        "def length(text: str) -> int:\n    return len(text)\n"
        "with shugu.Hub() as hub:\n"
        "    reveal_type(hub.submit(['true'], devices=0.5).wait().cost)\n"
        "    reveal_type(hub.map(length, ['a'], cpus=1).results())\n"
        "    reveal_type(hub.usage())\n"
        "    hub.submit('true', retries='many')\n"
        "async def twin() -> None:\n"
        "    async with shugu.AsyncHub() as hub:\n"
        "        reveal_type([one async for one in await hub.map(length, ['a'])])\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", "/dev/null", str(script)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=100)
    lines = [line.split(": ", 1)[1] for line in ran.stdout.splitlines()]
    assert 'note: Revealed type is "decimal.Decimal | None"' in lines, ran.stdout
    assert lines.count('note: Revealed type is "list[int]"') == 2, ran.stdout
    assert any("DataFrame" in line for line in lines)
    errors = [line for line in lines if line.startswith("error")]
    assert len(errors) == 1, ran.stdout
    assert '"retries"' in errors[0]
