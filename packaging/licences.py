#!/usr/bin/env python3
"""Prints the licences of all libraries that are linked into the program: packaging/licences.py [TARGET] >THIRD-PARTY

Whoever gives the program to others gives them these texts. Sources are read where cargo keeps them; nothing is built."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
NAMES = ("license", "licence", "copying", "copyright", "notice", "unlicense")
# Folders of a library that are not linked.
ASIDE = {"tests", "test", "examples", "benches", "docs", "doc", "fuzz", "target", "check", "app"}


def linked(metadata):
    """The libraries that end up in the program: what it depends on, but for build scripts and tests."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    program = next(one["id"] for one in metadata["packages"] if one["name"] == "shugu" and one["source"] is None)
    seen, todo = set(), [program]
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            for needed in nodes[one]["deps"]:
                if any(kind["kind"] is None for kind in needed["dep_kinds"]):
                    todo.append(needed["pkg"])
    return [one for one in metadata["packages"] if one["id"] in seen and one["source"] is not None]


def texts(folder, depth=4):
    """The files of a folder, and of what it brings along, that state a licence."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if depth and path.name not in ASIDE and not path.name.startswith("."):
                yield from texts(path, depth - 1)
        elif path.name.lower().startswith(NAMES) and path.suffix.lower() in ("", ".md", ".txt", ".apache", ".mit"):
            yield path.read_text(errors="replace").strip()
        elif path.name.lower().startswith("license-"):
            yield path.read_text(errors="replace").strip()


def main():
    target = sys.argv[1] if len(sys.argv) > 1 else "x86_64-unknown-linux-gnu"
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, cwd=TOP, check=True, stdout=subprocess.PIPE).stdout)
    libraries = sorted(linked(metadata), key=lambda one: (one["name"], one["version"]))
    print("Libraries that are linked into the program `shugu`, with their licences; the texts follow.\n")
    of_text, silent = defaultdict(list), []
    for one in libraries:
        name = f"{one['name']} {one['version']}"
        print(f"{name:40} {one['license'] or 'see the text'}{'  ' + one['repository'] if one['repository'] else ''}")
        found = list(dict.fromkeys(texts(Path(one["manifest_path"]).parent)))
        for text in found:
            of_text[text].append(name)
        if not found:
            silent.append(f"{name} ({one['license']}; {', '.join(one['authors']) or 'authors not named'})")
    if silent:
        print("\nWithout a text of their own, under the licence that they name:\n" + "\n".join(silent))
    for text, names in sorted(of_text.items(), key=lambda pair: pair[1]):
        print(f"\n{'=' * 100}\n{', '.join(names)}\n{'=' * 100}\n{text}")


if __name__ == "__main__":
    main()
