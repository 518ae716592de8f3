"""The dashboard in shugu.json, held against a real Prometheus that reads a real hub.

    packaging/grafana/check.py PROGRAM

Runs a hub with this machine as a pool, a Prometheus (Debian's package `prometheus`) that reads it, and jobs that end well and badly. Every
expression of the dashboard has to be taken by Prometheus and to give a number; every counter of the hub has to be shown somewhere; panels
name the data source that is asked for at import, and do not lie on each other. Everything is in a temporary folder, and gone afterwards.
"""

import json
import math
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

BOARD = pathlib.Path(__file__).resolve().parent / "shugu.json"
SOURCE = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
SECONDS_UNTIL_ALL_IS_THERE = 90
# What Grafana puts in place of its variables; scrapes are a second apart here.
VARIABLES = {"$__rate_interval": "10s", "$__interval": "2s", "$__range": "2m", "$hub": ".+"}


class Wrong(Exception):
    """The dashboard is not as it should be."""


def targets(board):
    """Title and expression of everything that is asked of Prometheus."""
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def whole(board):
    """What is wrong with the document by itself."""
    inputs = [given["name"] for given in board["__inputs"]]
    if inputs != ["DS_PROMETHEUS"]:
        yield f"asks for {inputs} at import, not for DS_PROMETHEUS alone"
    ids = [panel["id"] for panel in board["panels"]]
    if len(ids) != len(set(ids)):
        yield "two panels have one id"
    taken = {}
    for panel in board["panels"]:
        title, grid = panel["title"], panel["gridPos"]
        if grid["x"] + grid["w"] > 24:
            yield f"{title}: is wider than the page"
        for cell in ((x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])):
            if taken.setdefault(cell, title) != title:
                yield f"{title}: lies on {taken[cell]}"
                break
        if panel["type"] == "row":
            continue
        if not panel.get("description"):
            yield f"{title}: says not what it shows"
        if not panel.get("targets"):
            yield f"{title}: asks for nothing"
        for source in [panel["datasource"], *(target["datasource"] for target in panel.get("targets", []))]:
            if source != SOURCE:
                yield f"{title}: reads {source}, not the data source that is asked for at import"
    for variable in board["templating"]["list"]:
        if variable["datasource"] != SOURCE:
            yield f"variable {variable['name']}: reads {variable['datasource']}"
    needed = {one["id"] for one in board["__requires"] if one["type"] == "panel"}
    used = {panel["type"] for panel in board["panels"]} - {"row"}
    if needed != used:
        yield f"says that it needs {sorted(needed)} and uses {sorted(used)}"


def get(url, token=None):
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        # Prometheus says in its answer what is wrong with an expression.
        return error.read().decode()


def filled(expression):
    unset = set(re.findall(r"\$\w+", expression)) - set(VARIABLES)
    if unset:
        raise Wrong(f"`{expression}` has variables that nothing sets: {', '.join(sorted(unset))}")
    return re.sub(r"\$\w+", lambda name: VARIABLES[name[0]], expression)


def numbers(prometheus, expression):
    """Numbers that an expression gives now; an error if Prometheus does not take it."""
    query = urllib.parse.urlencode({"query": filled(expression)})
    answer = json.loads(get(f"{prometheus}/api/v1/query?{query}"))
    if answer["status"] != "success":
        raise Wrong(f"`{expression}`: {answer.get('error')}")
    values = [float(one["value"][1]) for one in answer["data"]["result"]]
    return [value for value in values if math.isfinite(value)]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def waited_for(what, holds, seconds=30):
    begun = time.monotonic()
    while True:
        got = holds()
        if got:
            return got
        if time.monotonic() - begun > seconds:
            raise Wrong(f"{what} does not come about within {seconds} s")
        time.sleep(0.1)


def lives(url):
    try:
        return get(url) or True
    except OSError:
        return False


def check(program, board, folder, running):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "SHUGU_CONFIG": "/dev/null", "SHUGU_DIR": str(folder / "hub")}

    def start(name, *command):
        with open(folder / f"{name}.log", "w") as log:
            running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment))

    def shugu(*arguments):
        done = subprocess.run([program, *arguments], capture_output=True, text=True, env=environment, timeout=60)
        if done.returncode:
            raise Wrong(f"shugu {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    start("hub", program, "up", "--listen", "127.0.0.1:0")
    ready = lambda: re.search(r"^ready (\S+)$", (folder / "hub.log").read_text(), re.MULTILINE)
    url = waited_for("a hub", ready)[1]
    token = folder / "hub" / "operator.token"
    waited_for("a pool", lambda: any(pool["contact"] for pool in json.loads(shugu("pools", "--json"))["pools"]))
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s}\n"
        "scrape_configs:\n"
        "  - job_name: shugu\n"
        f"    authorization: {{credentials_file: {token}}}\n"
        f"    static_configs: [{{targets: ['{urllib.parse.urlsplit(url).netloc}']}}]\n"
    )
    listen = f"127.0.0.1:{free_port()}"
    prometheus = f"http://{listen}"
    start(
        "prometheus", "prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={listen}",
    )
    waited_for("Prometheus", lambda: lives(f"{prometheus}/-/ready"))

    # Jobs end all the time while it is looked at; a counter that never moves gives no rate.
    wanted, begun = list(targets(board)), time.monotonic()
    while wanted:
        for command in (["true"], ["false"]):
            shugu("submit", "--cpus", "0.1", "--", *command)
        wanted = [(title, expression) for title, expression in wanted if not numbers(prometheus, expression)]
        if time.monotonic() - begun > SECONDS_UNTIL_ALL_IS_THERE:
            for title, expression in wanted:
                yield f"{title}: `{expression}` gives nothing"
            break
        time.sleep(1)
    for variable in board["templating"]["list"]:
        metric, label = re.fullmatch(r"label_values\((\w+),\s*(\w+)\)", variable["query"]["query"]).groups()
        values = json.loads(get(f"{prometheus}/api/v1/label/{label}/values?match[]={metric}"))["data"]
        if not values:
            yield f"variable {variable['name']}: has no values"

    families = re.findall(r"^# TYPE (\S+)", get(f"{url}/metrics", token.read_text().strip()), re.MULTILINE)
    if not families:
        yield "the hub tells no counters"
    expressions = " ".join(expression for _, expression in targets(board))
    for family in families:
        if not re.search(rf"\b{family}(_total|_sum|_count|_bucket)?\b", expressions):
            yield f"{family} of the hub is shown nowhere"
    shown = set(re.findall(r"\b(shugu_\w+?)(?:_total|_sum|_count|_bucket)?\{", expressions))
    for name in sorted(shown - set(families)):
        yield f"{name} is no counter of the hub"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: packaging/grafana/check.py PROGRAM")
    if not shutil.which("prometheus", path="/usr/bin:/bin"):
        sys.exit("there is no Prometheus: apt-get install prometheus")
    program, board = str(pathlib.Path(sys.argv[1]).resolve()), json.loads(BOARD.read_text())
    running, problems = [], list(whole(board))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="shugu-grafana-"))
    try:
        problems += check(program, board, folder, running)
    except Wrong as wrong:
        problems.append(str(wrong))
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        # The keeper of this machine's pool outlives a hub on purpose; it is known by the folder.
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if str(folder).encode() in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGTERM)
            except OSError:
                pass
        shutil.rmtree(folder, ignore_errors=True)
    for problem in problems:
        print(f"FAILED  {problem}")
    panels = sum(panel["type"] != "row" for panel in board["panels"])
    print(f"{panels} panels, {len(list(targets(board)))} expressions, {len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
