"""Which hub, as whom, and what if it is away."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import Server, free_port, until

import shugu
from shugu.errors import refusal
from shugu.pace import Pace
from shugu.place import find, parse_fingerprint

PRINT = "sha256:" + "ab" * 32


def folder_of(path: Path, url: str = "https://hub.example:7878", fingerprint: str | None = PRINT) -> Path:
    path.mkdir()
    (path / "hub.url").write_text(url + "\n")
    (path / "operator.token").write_text("token-of-folder\n")
    if fingerprint:
        (path / "hub.fingerprint").write_text(fingerprint)
    return path


def test_the_hub_is_found_as_the_commands_find_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path / "folder")
    found = find(None, None, None, folder)
    assert (found.url, found.token, found.fingerprint) == ("https://hub.example:7878", "token-of-folder", b"\xab" * 32)
    # The fingerprint of another hub says nothing of this one; that of the same does.
    assert find("https://other.example", None, None, folder).fingerprint is None
    assert find("https://hub.example:7878", "t", None, folder) == type(found)("https://hub.example:7878", "t", b"\xab" * 32)
    assert find("https://other.example/", "t", "SHA256:" + ":".join(["CD"] * 32), folder).fingerprint == b"\xcd" * 32
    settings = tmp_path / "shugu.toml"
    settings.write_text(f'hub = "http://settings.example"\ntoken = "of-settings"\ndir = "{folder}"\n')
    monkeypatch.setenv("SHUGU_CONFIG", str(settings))
    monkeypatch.delenv("SHUGU_DIR")
    assert find(None, None, None, None) == type(found)("http://settings.example", "of-settings", None)
    monkeypatch.setenv("SHUGU_HUB", "http://environment.example")
    monkeypatch.setenv("SHUGU_TOKEN", "of-environment")
    assert find(None, None, None, None) == type(found)("http://environment.example", "of-environment", None)
    assert find("http://given.example", "given", None, None).token == "given"
    (tmp_path / "token").write_text("of-file\n")
    monkeypatch.setenv("SHUGU_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.delenv("SHUGU_TOKEN")
    assert find(None, None, None, None).token == "of-file"
    (tmp_path / "token").write_text("two words")
    with pytest.raises(shugu.NoHub, match=r"token file .*token: holds 2 words; a token is one"):
        find(None, None, None, None)
    monkeypatch.setenv("SHUGU_TOKEN_FILE", str(tmp_path / "none"))
    with pytest.raises(shugu.NoHub, match=r"token file .*none: No such file"):
        find(None, None, None, None)
    monkeypatch.delenv("SHUGU_TOKEN_FILE")
    monkeypatch.delenv("SHUGU_HUB")
    settings.write_text("")
    monkeypatch.setenv("SHUGU_DIR", str(folder))
    assert find(None, None, None, None).url == "https://hub.example:7878"
    monkeypatch.delenv("SHUGU_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder_of(tmp_path / "shugu", "http://data.example", None)
    assert find(None, None, None, None).url == "http://data.example"


def test_what_is_missing_or_wrong_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        shugu.NoHub, match=f"no token: give token=, SHUGU_TOKEN_FILE, SHUGU_TOKEN, or folder= of a hub .{tmp_path} has none"
    ):
        shugu.Hub(folder=tmp_path)
    with pytest.raises(shugu.NoHub, match="begins with http"):
        shugu.Hub("hub.example", "t")
    for wrong in ("", "sha256:", "sha256:12", "md5:00", "ab" * 32, "sha256:" + "g" * 64):
        with pytest.raises(ValueError, match="is no fingerprint"):
            parse_fingerprint(wrong)
    settings = tmp_path / "shugu.toml"
    monkeypatch.setenv("SHUGU_CONFIG", str(settings))
    for text, problem in (("hub = ", "Invalid value"), ("hub = 3", "field hub: is not a text")):
        settings.write_text(text)
        with pytest.raises(shugu.NoHub, match=problem):
            shugu.Hub("http://hub.example", "t")


@pytest.mark.anyio
async def test_a_hub_with_its_own_certificate_is_known_by_its_fingerprint(new_server: Callable[..., Server]) -> None:
    server = new_server("--tls")
    told = (server.folder / "hub.fingerprint").read_text()
    token = (server.folder / "operator.token").read_text().strip()
    other = told[:-1] + ("0" if told[-1] != "0" else "1")
    with server.operator() as hub:
        assert hub.url.startswith("https://")
        assert hub.about().role == "operator"
        assert hub.submit(["true"], cpus=0.1).wait(60).state == "done"
    with shugu.Hub(server.url, token, ca=server.folder / "tls.certificate.pem") as hub:
        assert hub.about().role == "operator"
    with shugu.Hub(server.url, token, fingerprint=other) as hub, pytest.raises(shugu.Unreachable, match="and should be"):
        hub.about()
    with shugu.Hub(server.url, token) as hub, pytest.raises(shugu.Unreachable, match="give its fingerprint"):
        hub.about()
    async with shugu.AsyncHub(server.url, token, fingerprint=told) as twin:
        assert (await twin.about()).role == "operator"
    async with shugu.AsyncHub(server.url, token, fingerprint=other) as twin:
        with pytest.raises(shugu.Unreachable, match="and should be"):
            await twin.about()
    server.stop()


def test_waiting_goes_on_while_the_hub_starts_anew(new_server: Callable[..., Server]) -> None:
    server = new_server(port=free_port())
    with server.operator() as hub:
        job = hub.submit(["sleep", "3"], cpus=0.1)
        mapped = hub.map(lambda number: number + 1, range(3), cpus=0.1)
        until(job, "running")
        server.stop()
        server.listen = server.url.removeprefix("http://")
        again = threading.Timer(1.0, server.start)
        again.start()
        try:
            assert job.wait(60).state == "done"
            assert mapped.results(60) == [1, 2, 3]
        finally:
            again.join()
            server.stop()


def test_a_hub_that_stays_away_is_told(monkeypatch: pytest.MonkeyPatch, new_server: Callable[..., Server]) -> None:
    server = new_server()
    hub = server.operator()
    job = hub.submit(["true"], cpus=0.1)
    server.stop()
    with pytest.raises(shugu.Unreachable, match="is it running"):
        hub.submit(["true"])
    monkeypatch.setattr(Pace, "PATIENCE_S", 0.5)
    begun = time.monotonic()
    job.view.ended_at = None
    with pytest.raises(shugu.Unreachable):
        job.wait()
    assert 0.5 < time.monotonic() - begun < 10
    hub.close()


def test_no_token_is_shown(hub: shugu.Hub, lab_token: str) -> None:
    assert lab_token not in repr(hub)
    assert lab_token not in repr(hub.api)
    assert lab_token not in repr(vars(hub))


def test_answers_of_others_between_are_errors_too() -> None:
    proxy = refusal(502, b"<html>bad gateway</html>")
    assert isinstance(proxy, shugu.Unavailable)
    assert "bad gateway" in proxy.message
    assert isinstance(refusal(418, b""), shugu.Refused)
    told = refusal(400, b'{"error": {"code": "wrong_input", "message": "no", "field": "name", "more": 1}}')
    assert isinstance(told, shugu.WrongInput)
    assert (told.code, told.field, told.told["more"]) == ("wrong_input", "name", 1)
    assert type(refusal(500, b"{}")) is shugu.HubError


def test_a_broken_connection_is_told_as_such(hub: shugu.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> httpx.Response:
        raise httpx.ReadError("reset by peer")

    monkeypatch.setattr(httpx.Client, "send", broken)
    with pytest.raises(shugu.Unreachable, match="reset by peer; whether it took what was sent is not known"):
        hub.submit(["true"])
