"""A real hub with this machine as its pool, prices that are samples, and tenants with tokens of their own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import shugu
from shugu.facts import told
from shugu.wire.api.access import add
from shugu.wire.models import MadeToken, TokenForm

CENSUS = {
    "hub.toml": 'name = "Sample hub"\nregion = "guizhou"\ncurrency = "CNY"\nutc_offset_hours = 8\nfee_permille = 20\n',
    "providers.csv": "id,name,name_zh,kind,provides,source,note\nlocal,Local,unknown,named,computing,sample,\n",
    "tariffs.csv": "id,kind,scope,valid_from,valid_to,hours,price,unit,grade,source,note\n"
    "core,compute,provider:local,2020-01-01,,,360,yuan/core-hour,sample,sample,\n"
    "energy,electricity,guizhou,2020-01-01,,,0.5,yuan/kWh,sample,sample,\n"
    "carbon,carbon,guizhou,2020-01-01,,,0.4989,kg/kWh,sample,sample,\n",
}


@dataclass
class Server:
    """A hub's process and its data folder."""

    folder: Path
    arguments: list[str] = field(default_factory=list)
    listen: str = "127.0.0.1:0"
    url: str = ""
    process: subprocess.Popen[str] | None = None

    def start(self) -> "Server":
        census = self.folder.parent / f"{self.folder.name}-census"
        census.mkdir(exist_ok=True)
        for name, text in CENSUS.items():
            (census / name).write_text(text)
        program = os.environ["SHUGU_PROGRAM"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SHUGU_")}
        # What runs at the pool finds this very Python, and no settings of whoever runs the tests.
        environment |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "SHUGU_CONFIG": "/dev/null"}
        command = [program, "up", "--dir", str(self.folder), "--listen", self.listen, "--census", str(census), *self.arguments]
        with (self.folder.parent / f"{self.folder.name}.err").open("a") as errors:
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self.process.stdout is not None
        ready = self.process.stdout.readline().split()
        assert ready[:1] == ["ready"], (self.folder.parent / f"{self.folder.name}.err").read_text()
        self.url = ready[1]
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def clear(self) -> None:
        """Ends every job, so that nothing runs on when the hub is gone."""
        with self.operator() as operator:
            jobs = [job.cancel() for state in ("waiting", "placed", "running") for job in operator.jobs(state=state)]
            for job in jobs:
                job.wait(60, check=False)

    def operator(self) -> shugu.Hub:
        return shugu.Hub(folder=self.folder)

    def token(self, tenant: str) -> str:
        with self.operator() as operator:
            return told(MadeToken, add.sync(client=operator.api, body=TokenForm(role="tenant", subject=tenant))).token


@pytest.fixture(scope="session", autouse=True)
def _no_settings() -> None:
    for name in [name for name in os.environ if name.startswith("SHUGU_") and name != "SHUGU_PROGRAM"]:
        del os.environ[name]
    os.environ["SHUGU_CONFIG"] = "/dev/null"
    os.environ["SHUGU_DIR"] = "/nonexistent"


@pytest.fixture(scope="session")
def new_server() -> Iterator[Callable[..., Server]]:
    """Starts hubs that end with the tests."""
    servers: list[Server] = []
    # Short, as there are sockets in it.
    with tempfile.TemporaryDirectory(prefix="shugu-") as folder:

        def start(*arguments: str, port: int | None = None) -> Server:
            listen = f"127.0.0.1:{port or 0}"
            server = Server(Path(folder) / f"hub{len(servers)}", list(arguments), listen)
            servers.append(server)
            return server.start()

        yield start
        for server in servers:
            if server.process is not None:
                server.clear()
            server.stop()


@pytest.fixture(scope="session")
def server(new_server: Callable[..., Server]) -> Server:
    return new_server()


@pytest.fixture(scope="session")
def lab_token(server: Server) -> str:
    return server.token("llm-lab")


@pytest.fixture
def hub(server: Server, lab_token: str) -> Iterator[shugu.Hub]:
    """The hub, as the sample tenant `llm-lab`."""
    with shugu.Hub(server.url, lab_token) as hub:
        yield hub


@pytest.fixture
async def async_hub(server: Server, lab_token: str) -> AsyncIterator[shugu.AsyncHub]:
    async with shugu.AsyncHub(server.url, lab_token) as hub:
        yield hub


@pytest.fixture
def operator(server: Server) -> Iterator[shugu.Hub]:
    with server.operator() as operator:
        yield operator


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def until(job: shugu.Job, state: str) -> None:
    """Waits until a job is in a state on its way."""
    for _ in range(1000):
        if job.refresh().state == state:
            return
        assert not job.ended, job
        time.sleep(0.02)
    raise AssertionError(f"{job} is not {state}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
