"""How calls and what they come to are written; nothing runs here."""

import ast
import base64
import hashlib
import importlib.resources
import zlib

from shugu import call


def lines_of(body: bytes, nonce: str = "n", most: int = 10) -> list[str]:
    text = base64.b64encode(zlib.compress(body)).decode()
    pieces = [text[at : at + most] for at in range(0, len(text), most)]
    check = hashlib.sha256(body).hexdigest()[:16]
    return [f"{call.MARK} {nonce} {number} {len(pieces)} {check} {piece}" for number, piece in enumerate(pieces)]


def test_what_an_element_comes_to_is_whole_or_not_there() -> None:
    body = b'{"kind": "value"}\n' + bytes(range(256))
    lines = lines_of(body)
    assert call.body_of(lines, "n") == body
    assert call.body_of(["before", *lines[::-1], "", "after"], "n") == body
    assert call.body_of(lines, "other") is None
    for missing in range(len(lines)):
        assert call.body_of(lines[:missing] + lines[missing + 1 :], "n") is None
    spoilt = [line.replace(line[-1], "A" if line[-1] != "A" else "B") for line in lines[:1]] + lines[1:]
    assert call.body_of(spoilt, "n") is None
    assert call.body_of([line + " x" for line in lines], "n") is None


def test_only_an_elements_own_result_is_kept_from_its_output() -> None:
    command = ["python3", "-c", "…", call.MARK, "n", "3", "pickle"]
    assert call.is_result(f"{call.MARK} n 0 1 c p", command)
    assert not call.is_result(f"{call.MARK} other 0 1 c p", command)
    assert not call.is_result(f"{call.MARK} n 0 1 c p", ["cat"])
    assert call.read_command(command) == ("n", 3, "pickle")


def test_text_is_cut_at_newlines_only() -> None:
    text = "one\rtwo\x0bthree\u2028four\n数"
    pieces = text.encode()
    lines = call.Lines()
    read = [line for at in range(len(pieces)) for line in lines.take(pieces[at : at + 1])]
    assert [*read, *lines.rest()] == ["one\rtwo\x0bthree\u2028four", "数"]
    assert list(lines.rest()) == []


def test_older_pythons_can_read_what_runs_there() -> None:
    runner = importlib.resources.files("shugu").joinpath("_runner.py").read_text()
    shorter = call._without_comments(runner)
    assert len(shorter) < len(runner)
    assert "#" not in shorter
    for source in (runner, shorter, call.BOOT):
        ast.parse(source, feature_version=(3, 6))
