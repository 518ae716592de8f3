#!/usr/bin/env python3
"""Makes what is made here: `src/shugu/wire` from a hub's OpenAPI document, `src/shugu/_sync` from `src/shugu/_async`.

    generate.py PROGRAM            makes both anew, by a hub that PROGRAM (`shugu`) starts and ends
    generate.py PROGRAM --check    changes nothing; says what differs, and ends with 1 if anything does

Needs the extra `test` of this package (constraints.txt says which versions).
"""

import argparse
import filecmp
import importlib.metadata
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tokenize
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "src" / "shugu"

# What a name of the asynchronous source is in its synchronous twin.
TWINS = {
    "AsyncArray": "Array",
    "AsyncClient": "Client",
    "AsyncGenerator": "Generator",
    "AsyncHub": "Hub",
    "AsyncIterator": "Iterator",
    "AsyncIterable": "Iterable",
    "AsyncJob": "Job",
    "AsyncLink": "Link",
    "AsyncMap": "Map",
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "aclose": "close",
    "aclosing": "closing",
    "aiter_bytes": "iter_bytes",
    "aread": "read",
    "asynccontextmanager": "contextmanager",
    "asyncio": "sync",
    "atogether": "together",
    "asleep": "sleep",
    "get_async_httpx_client": "get_httpx_client",
    "set_async_httpx_client": "set_httpx_client",
}


def fetch(program: str) -> dict[str, Any]:
    """The document of a hub that runs for so long only."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [program, "up", "--dir", folder, "--listen", "127.0.0.1:0", "--no-local"]
        hub = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert hub.stdout is not None
            ready = hub.stdout.readline().split()
            if ready[:1] != ["ready"]:
                sys.exit(f"{program} up did not start a hub")
            with urllib.request.urlopen(f"{ready[1]}/openapi.json") as answer:
                document: dict[str, Any] = json.load(answer)
                return document
        finally:
            hub.terminate()
            hub.wait()
            assert hub.stdout is not None
            hub.stdout.close()


def mend(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what the generator cannot read. Each mend is for one fault and does nothing where it is gone."""
    # The agents' own protocol is no part of a client.
    document["paths"] = {path: item for path, item in document["paths"].items() if not path.startswith("/v1/agent/")}
    for item in document["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                # OpenAPI demands one.
                response.setdefault("description", "")
                for kind, content in response.get("content", {}).items():
                    if kind == "application/octet-stream":
                        content["schema"] = {"type": "string", "format": "binary"}
    text = json.dumps(document)
    # A class `Statements` with a field of that name comes out wrong.
    text = text.replace('"#/components/schemas/Statements"', '"#/components/schemas/AllStatements"')
    document = json.loads(text)
    schemas = document["components"]["schemas"]
    if "Statements" in schemas:
        schemas["AllStatements"] = schemas.pop("Statements")
    for schema in below(schemas):
        if schema.get("items") is False:
            # Tuples are told as lists of whatever they hold.
            schema["items"] = {}
            schema.pop("prefixItems", None)
    return document


def below(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a document."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from below(inner)


def make_wire(document: dict[str, Any], folder: Path) -> None:
    """Classes and functions of the document."""
    source, settings = folder / "openapi.json", folder / "settings.json"
    source.write_text(json.dumps(document))
    # The metrics are text; the generator knows few kinds of it by name.
    kinds = {"application/openmetrics-text": "text/plain"}
    settings.write_text(json.dumps({"package_name_override": "wire", "post_hooks": [], "content_type_overrides": kinds}))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    command += ["--path", str(source), "--config", str(settings), "--output-path", str(folder / "wire")]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode != 0:
        sys.exit(f"the generator fails:\n{made.stdout}{made.stderr}")
    client = folder / "wire" / "client.py"
    text = client.read_text()
    # A notebook that shows the client shows no token.
    assert text.count("    token: str\n") == 1, "the generator writes its client otherwise"
    client.write_text(text.replace("    token: str\n", "    token: str = field(repr=False)\n"))
    version = importlib.metadata.version("openapi-python-client")
    (folder / "wire" / "__init__.py").write_text(
        f'"""Made by generate.py from the hub\'s OpenAPI document (openapi-python-client {version})."""\n\n'
        "from .client import AuthenticatedClient, Client\n\n"
        '__all__ = ("AuthenticatedClient", "Client")\n'
    )


def twin(name: str, source: str) -> str:
    """The synchronous twin of an asynchronous module: without `async` and `await`, with `TWINS` in place of their names, and with
    what stands behind `# sync:` there.
    """
    source = re.sub(r"^( *)# sync: ", r"\1", source, flags=re.MULTILINE)
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    changes: list[tuple[int, int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        begin, end = starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1]
        if token.type == tokenize.NAME and token.string in ("async", "await"):
            # With the space behind it.
            changes.append((begin, end + 1, ""))
        elif token.type == tokenize.NAME and token.string in TWINS:
            changes.append((begin, end, TWINS[token.string]))
        elif token.type == tokenize.STRING and any(word in token.string for word in TWINS):
            changes.append((begin, end, re.sub(r"\b\w+\b", lambda word: TWINS.get(word[0], word[0]), token.string)))
    at, made = 0, f"# Made by generate.py from _async/{name}; change that.\n"
    for begin, end, text in changes:
        made += source[at:begin] + text
        at = end
    return made + source[at:]


def make_sync(folder: Path) -> None:
    """The synchronous twins of all asynchronous modules."""
    target = folder / "_sync"
    target.mkdir()
    for path in sorted((PACKAGE / "_async").glob("*.py")):
        (target / path.name).write_text(twin(path.name, path.read_text()))


def tidy(folders: list[Path]) -> None:
    """What is made looks as what is written."""
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--config", str(HERE / "pyproject.toml"), "--no-cache", "--quiet"]
    names = [str(folder) for folder in folders]
    subprocess.run([*ruff, "check", *settings, "--select", "I,F401", "--fix", "--exit-zero", *names], check=True)
    subprocess.run([*ruff, "format", *settings, *names], check=True)


def files(folder: Path) -> set[Path]:
    """Every module below a folder."""
    return {path.relative_to(folder) for path in folder.rglob("*.py")} if folder.exists() else set()


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the program `shugu`")
    parser.add_argument("--check", action="store_true", help="change nothing, and fail if anything would change")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_wire(mend(fetch(options.program)), folder)
        make_sync(folder)
        tidy([folder / "wire", folder / "_sync"])
        differs = []
        for part in ("wire", "_sync"):
            made, kept = folder / part, PACKAGE / part
            for path in sorted(files(made) | files(kept)):
                if not (
                    (made / path).exists() and (kept / path).exists() and filecmp.cmp(made / path, kept / path, shallow=False)
                ):
                    differs.append(f"src/shugu/{part}/{path}")
            if not options.check:
                shutil.rmtree(kept, ignore_errors=True)
                shutil.copytree(made, kept, ignore=lambda _, names: [name for name in names if name == "__pycache__"])
    for name in differs:
        print(("differs: " if options.check else "made anew: ") + name)
    if differs and options.check:
        sys.exit(f"{len(differs)} files are not what the hub and _async say; run generate.py")


if __name__ == "__main__":
    main()
