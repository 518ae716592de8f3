"""The examples of README.md and the sample notebook, as anyone would run them."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import Server

HERE = Path(__file__).resolve().parent.parent


def environment(server: Server, token: str) -> dict[str, str]:
    return {**os.environ, "SHUGU_HUB": server.url, "SHUGU_TOKEN": token, "MPLBACKEND": "agg", "PYTHONWARNINGS": "ignore"}


def test_the_examples_of_the_readme_run(server: Server, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (HERE / "README.md").read_text(), re.DOTALL)
    assert len(blocks) >= 9
    script = tmp_path / "readme.py"
    script.write_text("\n".join(blocks))
    told = environment(server, server.token("readme-lab"))
    ran = subprocess.run([sys.executable, str(script)], env=told, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for expected in (
        "hello",
        "waiting: it waits for job-",
        "step 3",
        "would start: it would start at once",
        "[[1, 7], [1], [1, 2, 4, 5, 10]]",
        "ZeroDivisionError",
        "400 wrong_input memory",
        "[0, 2, 4]",
        "['readme-lab']",
    ):
        assert expected in ran.stdout, f"{expected}\nis not in\n{ran.stdout}"


def test_the_sample_notebook_runs_and_is_kept_without_outputs(server: Server, tmp_path: Path) -> None:
    path = HERE / "examples" / "first_hour.ipynb"
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    done = tmp_path / "done.ipynb"
    run = "import nbclient, nbformat, sys; n = nbformat.read(sys.argv[1], 4); nbclient.NotebookClient(n, timeout=100).execute()"
    told = environment(server, server.token("notebook-lab"))
    del told["MPLBACKEND"]
    command = [sys.executable, "-c", f"{run}; nbformat.write(n, sys.argv[2])", str(path), str(done)]
    ran = subprocess.run(command, env=told, capture_output=True, text=True, cwd=tmp_path, timeout=200)
    assert ran.returncode == 0, ran.stderr[-3000:]
    executed: Any = nbformat.read(done, as_version=4)  # type: ignore[no-untyped-call]
    outputs = [output for cell in executed.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    shown = "".join(str(output.get("data", {})) for output in outputs)
    for expected in ("image/png", "text/html", "5 done", "yuan"):
        assert expected in shown, expected
    printed = "".join(output.get("text", "") for output in outputs)
    assert re.search(r"it waits for job-\d+", printed)
    assert re.search(r"3\.1\d", printed)


@pytest.mark.parametrize("name", ["README.md", "pyproject.toml", "examples/first_hour.ipynb"])
def test_what_is_shipped_ends_with_a_newline(name: str) -> None:
    assert (HERE / name).read_text().endswith("\n")
