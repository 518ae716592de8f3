"""The guide in docs/, held to its word: every command of its task pages is run and what it prints compared, every
`shugu` line of every page names commands and flags that there are, messages that pages explain (tables under
`you see`) are the program's, no link leads nowhere, and the book builds.

    tools/book.py PROGRAM [--mdbook PATH] [--until PAGE] [--show] [--keep]

The task pages (docs/tasks/, in the order of docs/SUMMARY.md) tell one story. Each page is a shell of its own in one
temporary folder, with one hub. What their blocks are:

    ```sh               is run, command by command; every one of them has to succeed
    ```sh,exit-3        its last command ends with 3
    ```sh,again         is run again, for some seconds, until it prints what is expected: for what comes about by itself
    ```sh,no-run-here   is not run, as it needs what a plain machine lacks; the page's text says what
    ```text             what the block before prints: `…` stands for anything within a line, a line of `…` alone for any lines

Spaces are compared as one space. A block with a command in the background is waited for until it has printed what is expected.
A page is written for a hub at hub.example:7878 or 127.0.0.1:7878; here that is a free port of this machine.

mdBook calls this file, too (docs/book.toml), for links that leave docs/: a book has nothing there to show.
"""

import argparse
import ctypes
import html.parser
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PORT_OF_THE_PAGES = 7878
SECONDS_FOR_A_COMMAND = 60
SECONDS_UNTIL_IT_COMES = 20


class Wrong(Exception):
    """What a page says and what is so differ."""


class Block:
    def __init__(self, page, line, language, words, lines):
        self.page, self.line, self.language, self.words, self.lines = page, line, language, words, lines


def shown(path):
    return os.path.relpath(path, ROOT)


# Reading pages


def fences(page):
    """The fenced blocks of a page, and its lines with those of the blocks blanked."""
    blocks, prose, opened = [], [], None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        marker = re.match(r"\s*(```+)(.*)$", line)
        if opened is None and marker:
            language, *words = re.split(r"[,\s]+", marker[2].strip())
            opened = (marker[1], Block(page, number, language, words, []))
        elif opened and marker and marker[1].startswith(opened[0]) and not marker[2].strip():
            blocks.append(opened[1])
            opened = None
        elif opened:
            opened[1].lines.append(line)
        else:
            prose.append(line)
            continue
        prose.append("")
    if opened:
        raise Wrong(f"{shown(page)}:{opened[1].line}: the block has no end")
    return blocks, prose


def task_pages():
    part, pages = None, []
    for line in (DOCS / "SUMMARY.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            part = line[2:]
        elif part == "Tasks" and (link := re.search(r"\]\(([^)]+)\)", line)):
            pages.append(DOCS / link[1])
    return pages


def commands(block):
    """The commands of a block, each with its line: as many lines as a shell needs to have a whole one."""
    taken, begun = [], None
    for number, line in enumerate(block.lines, block.line + 1):
        if not taken and (not line.strip() or line.lstrip().startswith("#")):
            continue
        begun = begun if taken else number
        taken.append(line)
        text = "\n".join(taken) + "\n"
        looked = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
        if looked.returncode == 0 and not looked.stderr and not line.endswith("\\"):
            yield begun, text
            taken = []
    if taken:
        raise Wrong(f"{shown(block.page)}:{begun}: not a whole command: {taken[0]}")


# Comparing


def plain(text):
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return "\n".join(lines).strip("\n").split("\n")


def pattern(lines):
    parts = []
    for line in lines:
        if line == "…":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append("[^\n]*?".join(re.escape(part) for part in line.split("…")) + "\n")
    return "".join(parts)


def matches(expected, came):
    return re.fullmatch(pattern(plain(expected)), "\n".join(plain(came)) + "\n") is not None


def first_that_did_not_come(expected, came):
    lines, text = plain(expected), "\n".join(plain(came)) + "\n"
    there = max(count for count in range(len(lines) + 1) if re.match(pattern(lines[:count]), text))
    return lines[there] if there < len(lines) else "the end: there is more"


# Running


def adopt_orphans():
    # What a page leaves running, such as the keepers of jobs, comes to this process, which ends it.
    pr_set_child_subreaper = 36
    if ctypes.CDLL(None, use_errno=True).prctl(pr_set_child_subreaper, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def processes():
    """Every process: its state and its parent."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except (OSError, ValueError):
                continue
            found[int(entry.name)] = (state, int(parent))
    return found


def descendants():
    every, found, above = processes(), [], {os.getpid()}
    while grown := [process for process, (_, parent) in every.items() if parent in above and process not in above]:
        found += grown
        above.update(grown)
    return found


def reap(but=None):
    # A page may wait for the end of what another page started: nothing may stay a zombie.
    for process, (state, parent) in processes().items():
        if state == "Z" and parent == os.getpid() and process != but:
            try:
                os.waitpid(process, os.WNOHANG)
            except ChildProcessError:
                pass


def end_all():
    for number, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        until = time.monotonic() + patience
        told = set()
        while time.monotonic() < until:
            reap()
            left = descendants()
            if not left:
                return
            for process in left:
                if process not in told:
                    told.add(process)
                    try:
                        os.kill(process, number)
                    except ProcessLookupError:
                        pass
            time.sleep(0.05)
    print(f"still running: {descendants()}", file=sys.stderr)


class Shell:
    """One shell for the blocks of a page. Each command is sourced, so that what it sets stays."""

    def __init__(self, folder, environment):
        self.folder, self.count = folder, 0
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder / "work",
            env=environment,
            start_new_session=True,
        )

    def run(self, text):
        """Runs a command; its exit code, and the file that it and what it left in the background print to."""
        self.count += 1
        script = self.folder / f"command-{self.process.pid}-{self.count}.sh"
        printed = script.with_suffix(".out")
        script.write_text(text, encoding="utf-8")
        self.process.stdin.write(f". '{script}' >'{printed}' 2>&1 </dev/null; echo $?\n".encode())
        self.process.stdin.flush()
        until = time.monotonic() + SECONDS_FOR_A_COMMAND
        while not select.select([self.process.stdout], [], [], 0.1)[0]:
            reap(but=self.process.pid)
            if time.monotonic() > until:
                return None, printed
        said = self.process.stdout.readline()
        return (int(said) if said else None), printed

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Story:
    def __init__(self, program, show):
        self.show, self.folder = show, pathlib.Path(tempfile.mkdtemp(prefix="shugu-book-"))
        for name in ("work", "home", "bin"):
            (self.folder / name).mkdir()
        (self.folder / "bin" / "shugu").symlink_to(program)
        (self.folder / "work" / "data").symlink_to(ROOT / "data")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "HOME": f"{self.folder}/home",
            "SHUGU_LISTEN": f"127.0.0.1:{self.port}",
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
        }
        self.ran = self.skipped = 0

    def here(self, text):
        return re.sub(rf"(?:hub\.example|127\.0\.0\.1|0\.0\.0\.0):{PORT_OF_THE_PAGES}\b", f"127.0.0.1:{self.port}", text)

    def printed(self, file):
        text = file.read_text(encoding="utf-8", errors="replace")
        return text.replace(f":{self.port}", f":{PORT_OF_THE_PAGES}").replace(str(self.folder), "")

    def tell(self, page):
        blocks, _ = fences(page)
        shell, ran = Shell(self.folder, self.environment), 0
        try:
            for index, block in enumerate(blocks):
                if block.language == "text" and (index == 0 or blocks[index - 1].language != "sh"):
                    raise Wrong(f"{shown(page)}:{block.line}: a text block follows the sh block that prints it; there is none")
                if block.language != "sh":
                    continue
                following = blocks[index + 1] if index + 1 < len(blocks) else None
                expected = following if following and following.language == "text" else None
                if "no-run-here" in block.words:
                    self.skipped += 1
                else:
                    self.run(shell, block, expected)
                    self.ran += 1
                    ran += 1
        finally:
            shell.close()
        if not ran:
            raise Wrong(f"{shown(page)}: none of its commands is run")

    def run(self, shell, block, expected):
        odd = [word for word in block.words if word != "again" and not re.fullmatch(r"exit-\d+", word)]
        if odd:
            raise Wrong(f"{shown(block.page)}:{block.line}: nobody knows what `{odd[0]}` of the block means")
        ends = next((int(word[5:]) for word in block.words if word.startswith("exit-")), 0)
        every = list(commands(block))
        if not every:
            raise Wrong(f"{shown(block.page)}:{block.line}: the block holds no command")
        patient = "again" in block.words
        until = time.monotonic() + SECONDS_UNTIL_IT_COMES
        background = any(re.search(r"&\s*(echo .*)?$", text.strip()) for _, text in every)
        while True:
            files, ended = [], True
            for number, (line, text) in enumerate(every):
                code, file = shell.run(self.here(text))
                files.append(file)
                wanted = ends if number + 1 == len(every) else 0
                if code == wanted:
                    continue
                ended = False
                if code is None or not patient or time.monotonic() > until:
                    no_end = f"no end within {SECONDS_FOR_A_COMMAND} s, or the end of the shell"
                    told = no_end if code is None else f"exit code {code}"
                    self.fail(block, line, text, f"exit code {wanted}", f"{told}, and printed\n{self.printed(file)}")
                break
            while True:
                came = "".join(self.printed(file) for file in files)
                met = ended and (expected is None or matches("\n".join(expected.lines), came))
                if met or not background or time.monotonic() > until:
                    break
                time.sleep(0.05)
            if met or not patient or time.monotonic() > until:
                break
            time.sleep(0.3)
        if self.show:
            print(f"--- {shown(block.page)}:{block.line}")
            print("".join(f"$ {text}" for _, text in every) + came, flush=True)
        if not met:
            line, text = every[0] if len(every) == 1 else (block.line, "".join(text for _, text in every))
            self.fail(block, line, text, "\n".join(expected.lines if expected else ["…"]), came, compared=True)

    def fail(self, block, line, text, expected, came, compared=False):
        parts = {"command": text, "expected": expected, "came": came}
        if compared:
            parts["the first line that is missing or other"] = first_that_did_not_come(expected, came)
        told = "".join(f"\n  {name}\n{indented(part)}" for name, part in parts.items())
        raise Wrong(f"{shown(block.page)}:{line}{told}")

    def end(self, keep):
        end_all()
        if keep:
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def indented(text):
    return "\n".join("    " + line for line in text.rstrip("\n").splitlines())


# Commands and flags that are named


class Helps:
    def __init__(self, program):
        self.program, self.known = program, {}

    def of(self, path):
        if path not in self.known:
            told = subprocess.run([self.program, *path, "--help"], capture_output=True, text=True)
            if told.returncode != 0:
                raise Wrong(f"`shugu {' '.join(path)} --help` fails: {told.stderr.strip()}")
            under = re.search(r"^Commands:\n((?:(?: +.*)?\n)*)", told.stdout, re.MULTILINE)
            names = set(re.findall(r"^  ([a-z][a-z-]*)(?: |$)", under[1], re.MULTILINE)) if under else set()
            named = re.findall(r"^\s+(?:-\w, )?(--[a-z][a-z0-9-]*)( <)?", told.stdout, re.MULTILINE)
            flags = {flag: bool(value) for flag, value in named}
            shorts = set(re.findall(r"^\s+(-\w)(?:, --|\s)", told.stdout, re.MULTILINE))
            self.known[path] = (names, flags, shorts)
        return self.known[path]


def mentions(page):
    """Everything on a page that begins with `shugu `, with its line; of blocks also after a pipe or in a substitution."""
    called = re.compile(r"(?:^|[\s;&|(])(?:shugu|\./run) +([^#]*)")
    blocks, prose = fences(page)
    for block in blocks:
        if block.language not in ("sh", "ini", ""):
            continue
        joined, start = "", block.line + 1
        for number, line in enumerate(block.lines, block.line + 1):
            start = start if joined else number
            joined += line.removesuffix("\\")
            if not line.endswith("\\"):
                quoted = re.sub(r"'[^']*'", "TEXT", joined)
                for part in re.split(r"&&|\|\||[;|]|\$\(", quoted):
                    for call in called.finditer(part):
                        yield start, call[1]
                joined = ""
    for number, line in enumerate(prose, 1):
        if line.startswith("    "):
            spans = [line]
        else:
            spans = [span for span in re.findall(r"`([^`]+)`", line)]
        for span in spans:
            if call := re.match(r"\s*(?:[A-Z_]+=\S+ )*(?:shugu|\./run) (.*)", span):
                yield number, call[1].replace("\\|", " ")


def check_mention(helps, said):
    path, value_follows = (), False
    for word in said.split():
        names, flags, shorts = helps.of(path)
        word = word.strip("[](),.…`'\"")
        if word == "--" or word.startswith(">"):
            return None
        if not word or word in "|&":
            continue
        if value_follows:
            value_follows = False
        elif word.startswith("--"):
            flag = word.split("=")[0]
            if flag not in flags:
                return f"`shugu {' '.join(path)}` has no flag {flag}"
            value_follows = flags[flag] and "=" not in word
        elif re.fullmatch(r"-[a-zA-Z]", word):
            if word not in shorts:
                return f"`shugu {' '.join(path)}` has no flag {word}"
        elif names and re.fullmatch(r"[a-z][a-z-]*", word):
            if word not in names:
                return f"there is no command `shugu {' '.join([*path, word])}`"
            path = (*path, word)
            # What follows is options of Slurm's command.
            if path == ("sbatch",):
                return None
    return None


# Messages that are explained


def source():
    texts = (file.read_text(encoding="utf-8") for file in ROOT.glob("crates/*/src/**/*.rs"))
    # A text that goes on in the next line of the source.
    return re.sub(r"\\\n\s*", "", "\n".join(texts))


def explained(page):
    """The messages in the first column of tables under `you see`, with their lines."""
    inside = False
    for number, line in enumerate(fences(page)[1], 1):
        inside = line.startswith("| you see |") or (inside and line.startswith("|"))
        if inside:
            for message in re.findall(r"`([^`]+)`", line.split("|")[1]):
                yield number, message


def parts_of(message):
    # What differs from time to time, and where the program puts texts together.
    return [part.strip() for part in re.split(r"…|\bN\b|: |[()]", message) if len(part.strip()) > 3]


# Links


def anchor(heading):
    heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "").strip().lower()
    return "".join(letter if letter.isalnum() or letter in "_-" else "-" if letter.isspace() else "" for letter in heading)


def anchors(page):
    counted, found = {}, set()
    for line in fences(page)[1]:
        if heading := re.match(r"#{1,6} +(.*?)\s*#*$", line):
            name = anchor(heading[1])
            counted[name] = counted.get(name, 0) + 1
            found.add(name if counted[name] == 1 else f"{name}-{counted[name] - 1}")
    return found


def links(page):
    for number, line in enumerate(fences(page)[1], 1):
        for link in re.finditer(r"\[[^\]]*\]\(([^)\s]*)\)", re.sub(r"`[^`]*`", "", line)):
            yield number, link[1]


def check_links(pages):
    wrong = []
    for page in pages:
        for line, link in links(page):
            if re.match(r"[a-z]+:", link) or not link:
                continue
            path, _, fragment = link.partition("#")
            target = (page.parent / urllib.parse.unquote(path)).resolve() if path else page
            if not target.exists():
                wrong.append(f"{shown(page)}:{line}: the link {link} leads nowhere")
            elif fragment and (target.suffix != ".md" or urllib.parse.unquote(fragment) not in anchors(target)):
                wrong.append(f"{shown(page)}:{line}: {shown(target)} has no heading for #{fragment}")
    return wrong


def check_summary(pages):
    listed = {(DOCS / link).resolve() for _, link in links(DOCS / "SUMMARY.md") if link}
    return [f"{shown(page)}: is not in docs/SUMMARY.md" for page in pages if page.resolve() not in listed and page.name != "SUMMARY.md"]


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.targets = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("id", "name") and value:
                self.ids.add(value)
            elif name in ("href", "src") and value and tag != "base":
                self.targets.append(value)


# The book


def build(mdbook):
    out = pathlib.Path(tempfile.mkdtemp(prefix="shugu-book-html-"))
    try:
        done = subprocess.run([mdbook, "build", str(DOCS), "--dest-dir", str(out)], capture_output=True, text=True)
        told = (done.stdout + done.stderr).strip()
        if done.returncode != 0 or re.search(r"\b(WARN|ERROR)\b", told):
            raise Wrong(f"the book does not build without a warning:\n{indented(told)}")
        pages = {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in out.rglob("*.html")}
        wrong = []
        for path, page in pages.items():
            # The page for what is not found is served from anywhere, and the printed page repeats the others.
            if path.name in ("404.html", "print.html", "toc.html"):
                continue
            for link in page.targets:
                if re.match(r"[a-z]+:", link):
                    continue
                name, _, fragment = link.partition("#")
                target = (path.parent / urllib.parse.unquote(name)).resolve() if name else path
                if not target.exists():
                    wrong.append(f"the book's {path.relative_to(out)}: the link {link} leads nowhere")
                elif fragment and target in pages and urllib.parse.unquote(fragment) not in pages[target].ids:
                    wrong.append(f"the book's {path.relative_to(out)}: {link} names no place of that page")
        if wrong:
            raise Wrong("\n".join(wrong))
        return len(pages)
    finally:
        shutil.rmtree(out, ignore_errors=True)


def leave(content, folder):
    """Links that leave docs/ as the name of the file in the repository."""

    def named(link):
        label, target = link[1], link[2]
        if re.match(r"[a-z]+:|#", target):
            return link[0]
        path = os.path.normpath(os.path.join(folder, target.partition("#")[0]))
        if not path.startswith("../"):
            # mdBook makes index.html of a README, and leaves links to it with an anchor as they are.
            return f"[{label}]({re.sub(r'README[.]md', 'index.md', target)})"
        file = path.removeprefix("../")
        return label if label.strip("`") == file else f"{label} (`{file}` in the repository)"

    pieces = re.split(r"(^```.*?^```|`[^`\n]*`)", content, flags=re.MULTILINE | re.DOTALL)
    # Odd pieces are code, except where a whole label is code, which the pattern of links has to see.
    rejoined = "".join(piece if index % 2 == 0 else piece.replace("](", "]\0(") for index, piece in enumerate(pieces))
    return re.sub(r"\[([^\]\n]+)\]\(([^)\s]+)\)", named, rejoined).replace("]\0(", "](")


def preprocess():
    _, book = json.load(sys.stdin)

    def visit(items):
        for item in items:
            if chapter := item.get("Chapter") if isinstance(item, dict) else None:
                if chapter.get("path"):
                    chapter["content"] = leave(chapter["content"], os.path.dirname(chapter["path"]))
                visit(chapter["sub_items"])

    visit(book["items"])
    json.dump(book, sys.stdout)


# The whole


def main():
    if sys.argv[1:2] == ["--preprocessor"]:
        # mdBook asks first whether a renderer is served (`supports html`), and expects an exit code.
        return 0 if sys.argv[2:3] == ["supports"] else preprocess() or 0
    known = argparse.ArgumentParser(description="Runs every command of the guide's task pages, and checks its commands, flags and links.")
    known.add_argument("program", type=pathlib.Path, help="the built program")
    known.add_argument("--mdbook", help="the program that builds the book; what is on the path if left out")
    known.add_argument("--until", metavar="PAGE", help="run the task pages up to this one only: submit.md")
    known.add_argument("--show", action="store_true", help="print what every block prints")
    known.add_argument("--keep", action="store_true", help="leave the temporary folder")
    asked = known.parse_args()
    program = asked.program.resolve()
    if not os.access(program, os.X_OK):
        print(f"error: {asked.program} is no program", file=sys.stderr)
        return 2
    missing = [name for name in ("bash", "curl") if not shutil.which(name)]
    if missing:
        print(f"error: missing: {', '.join(missing)}; the pages use them", file=sys.stderr)
        return 2
    mdbook = shutil.which(asked.mdbook or "mdbook")
    if asked.mdbook and not mdbook:
        print(f"error: {asked.mdbook} is no program", file=sys.stderr)
        return 2
    begun, failed = time.monotonic(), 0

    def stage(story, act):
        nonlocal failed
        try:
            print(f"ok      {story}  ({act()})", flush=True)
        except Wrong as wrong:
            failed += 1
            print(f"FAILED  {story}\n{indented(str(wrong))}", flush=True)

    pages = sorted(DOCS.rglob("*.md"))

    def look_at_links():
        wrong = check_links(pages) + check_summary(pages)
        if wrong:
            raise Wrong("\n".join(wrong))
        return f"{sum(1 for page in pages for _ in links(page))} links on {len(pages)} pages"

    def look_at_commands():
        helps, wrong, count = Helps(program), [], 0
        for page in [*pages, ROOT / "README.md"]:
            if page.parent.name == "decisions":
                # They tell what was decided on a day, in the words of that day.
                continue
            for line, said in mentions(page):
                count += 1
                if told := check_mention(helps, said):
                    wrong.append(f"{shown(page)}:{line}: {told}")
        if wrong:
            raise Wrong("\n".join(wrong))
        return f"{count} named"

    stage("no link within the pages leads nowhere", look_at_links)
    def look_at_messages():
        code, wrong, count = source(), [], 0
        for page in pages:
            for line, message in explained(page):
                count += 1
                wrong += [f"{shown(page)}:{line}: nothing in the program says `{part}`" for part in parts_of(message) if part not in code]
        if wrong:
            raise Wrong("\n".join(wrong))
        return f"{count} explained"

    stage("commands and flags that pages name are there", look_at_commands)
    stage("messages that pages explain are the program's", look_at_messages)
    if mdbook:
        stage("the book builds, and no link in it leads nowhere", lambda: f"{build(mdbook)} pages")
    else:
        print("SKIPPED the book is not built: mdbook is not on the path (cargo install mdbook --version 0.5.4 --locked)")

    # What was started is ended also where this script is told to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    adopt_orphans()
    story = Story(program, asked.show)

    def tell_all():
        told = task_pages()
        if not told:
            raise Wrong("docs/SUMMARY.md lists no task pages")
        if asked.until and asked.until not in [page.name for page in told]:
            raise Wrong(f"{asked.until} is none of {', '.join(page.name for page in told)}")
        for page in told:
            story.tell(page)
            if page.name == asked.until:
                break
        return f"{story.ran} blocks run, {story.skipped} skipped as they need what is not here"

    try:
        stage("every command of the task pages does what they say", tell_all)
    finally:
        story.end(asked.keep)
    print(f"{'all is as the guide says' if not failed else f'{failed} failed'}, after {time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
