"""A function and its inputs as an array job, and what came of each: no I/O here.

The call travels in the environment of the job, as the command is told with every list of jobs. What an element comes to stands in
its standard output, behind what the function wrote: lines `shugu-map NONCE NUMBER COUNT CHECK PIECE`, whose pieces together are
base64 of a compressed line of JSON and, behind it, the pickled value. Lines of others may stand between them.
"""

import ast
import base64
import functools
import hashlib
import importlib.resources
import inspect
import json
import pickle
import secrets
import site
import sys
import sysconfig
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import cloudpickle

from .errors import ElementFailed, TooLarge

Results = Literal["pickle", "json"]

HERE = sys.version_info[:2]
"""Functions travel between equal versions only: what is pickled of them is the interpreter's own."""

MARK = "shugu-map"
BOOT = "import base64,os,zlib;exec(zlib.decompress(base64.b64decode(os.environ.pop('SHUGU_MAP_RUN'))).decode())"

# The hub takes 128 KiB as one variable, of which the system needs some for its name.
PART_MOST = 120 << 10
# The hub takes 1 MiB as command and environment of one job; some of it is left to the caller.
CALL_MOST = 900 << 10
# The hub writes the call down with every element of the array.
TOGETHER_MOST = 64 << 20
# Of what comes back from one element.
RESULT_MOST = 32 << 20
# A pipe takes so much at once without a line of others in between.
LINE_MOST = 3000
# Where the result of an element is looked for first, counted from the end of its output.
TAIL = 64 << 10


@dataclass(frozen=True)
class Call:
    """What is submitted."""

    command: list[str]
    env: dict[str, str]
    nonce: str
    count: int
    results: Results


@functools.cache
def _without_comments(source: str) -> str:
    """The same program, shorter."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
                node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _encode(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 9)).decode()


def _is_installed(module: ModuleType) -> bool:
    """Whether a module is of Python or of an installed package, which the site must have; others travel with the function."""
    file = getattr(module, "__file__", None)
    if file is None:
        return True
    paths = sysconfig.get_paths()
    own = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    roots = own | {*site.getsitepackages(), site.getusersitepackages()}
    return any(Path(file).resolve().is_relative_to(Path(root).resolve()) for root in roots)


def _dump(function: Callable[[Any], Any], inputs: Sequence[Any], modules: Iterable[ModuleType]) -> tuple[bytes, list[bytes]]:
    inner = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    own = sys.modules.get(getattr(inner, "__module__", None) or "")
    shipped = [*modules, *([own] if own is not None and own.__name__ != "__main__" and not _is_installed(own) else [])]
    with ExitStack() as stack:
        for module in shipped:
            if module.__name__ not in cloudpickle.list_registry_pickle_by_value():
                cloudpickle.register_pickle_by_value(module)
                stack.callback(cloudpickle.unregister_pickle_by_value, module)
        try:
            return cloudpickle.dumps(function), [cloudpickle.dumps(one) for one in inputs]
        except Exception as error:
            error.add_note("what is mapped is pickled: the function, whatever it refers to, and every input")
            raise


def pack(
    function: Callable[[Any], Any],
    inputs: Sequence[Any],
    python: str | Sequence[str],
    results: Results,
    modules: Iterable[ModuleType],
) -> Call:
    """The array job that calls a function with each input."""
    if inspect.iscoroutinefunction(function):
        raise TypeError("the function is a coroutine; give one that runs it: lambda one: asyncio.run(function(one))")
    if results not in ("pickle", "json"):
        raise ValueError(f"results: `{results}` is neither pickle nor json")
    dumped, given = _dump(function, inputs, modules)
    call = {
        "function": dumped,
        "inputs": given,
        "version": cloudpickle.__version__,
        "cloudpickle": _without_comments(inspect.getsource(cloudpickle.cloudpickle)),
    }
    packed = _encode(pickle.dumps(call, protocol=4))
    parts = [packed[at : at + PART_MOST] for at in range(0, len(packed), PART_MOST)]
    nonce = secrets.token_hex(8)
    header = {
        "nonce": nonce,
        "parts": len(parts),
        "python": list(HERE),
        "results": results,
        "line": LINE_MOST,
        "most": RESULT_MOST,
    }
    runner = importlib.resources.files(__package__).joinpath("_runner.py").read_text()
    env = {
        "SHUGU_MAP": json.dumps(header),
        "SHUGU_MAP_RUN": _encode(_without_comments(runner).encode()),
        **{f"SHUGU_MAP_{number}": part for number, part in enumerate(parts)},
    }
    size = sum(len(name) + len(value) for name, value in env.items())
    if size > CALL_MOST or size * len(inputs) > TOGETHER_MOST:
        function_alone, inputs_alone = len(_encode(dumped)), len(_encode(b"".join(given)))
        most = min(CALL_MOST, TOGETHER_MOST // max(1, len(inputs)))
        raise TooLarge(
            f"the call is {size:,} bytes (function {function_alone:,}, inputs {inputs_alone:,}), and each of {len(inputs):,} "
            f"elements carries all of it: at most {most:,} bytes. Give paths or names of data as inputs and let the function "
            "read it, or fewer inputs that each stand for more work"
        )
    words = [python] if isinstance(python, str) else list(python)
    return Call([*words, "-c", BOOT, MARK, nonce, str(len(inputs)), results], env, nonce, len(inputs), results)


def read_command(command: Sequence[str]) -> tuple[str, int, Results]:
    """Nonce, count and kind of results of a call, from the command of one of its elements."""
    at = len(command) - 4
    if at < 0 or command[at] != MARK or command[at + 3] not in ("pickle", "json"):
        raise ValueError("this job is no element of a mapped function")
    return command[at + 1], int(command[at + 2]), "json" if command[at + 3] == "json" else "pickle"


def is_result(line: str, command: Sequence[str]) -> bool:
    """Whether a line of an element's output is part of its result, and nothing that it wrote."""
    return line.startswith(MARK + " ") and len(command) > 3 and command[-4] == MARK and line.split(" ", 2)[1] == command[-3]


def body_of(lines: Iterable[str], nonce: str) -> bytes | None:
    """What an element comes to, if all of it is there."""
    begins = f"{MARK} {nonce} "
    pieces: dict[int, str] = {}
    count, check = None, ""
    for line in lines:
        words = line.split(" ")
        if line.startswith(begins) and len(words) == 6 and words[2].isdigit() and words[3].isdigit():
            pieces[int(words[2])] = words[5]
            count, check = int(words[3]), words[4]
    if count is None or any(number not in pieces for number in range(count)):
        return None
    try:
        body = zlib.decompress(base64.b64decode("".join(pieces[number] for number in range(count)), validate=True))
    except (ValueError, zlib.error):
        return None
    return body if hashlib.sha256(body).hexdigest()[:16] == check else None


@dataclass(frozen=True)
class Outcome:
    """What came of one element: a value, or why there is none."""

    value: Any = None
    failure: ElementFailed | None = None


def outcome(body: bytes, index: int, job: str, results: Results) -> Outcome:
    """Reads what an element comes to. Only results that were asked for as pickles are read as such."""
    head, _, payload = body.partition(b"\n")
    told: dict[str, Any] = json.loads(head)
    kind, trace = told["kind"], str(told.get("traceback", ""))

    def failure(message: str, cause: BaseException | None = None) -> Outcome:
        failed = ElementFailed(index, job, message, trace)
        failed.__cause__ = cause
        return Outcome(failure=failed)

    if kind == "value":
        try:
            return Outcome(json.loads(payload) if results == "json" else pickle.loads(payload))  # noqa: S301
        except Exception as error:
            return failure(f"its result cannot be read here: {type(error).__name__}: {error}", error)
    if kind == "python":
        here, own = ".".join(map(str, told["here"])), ".".join(map(str, HERE))
        return failure(
            f"Python is {here} there and {own} here, and functions travel between equal ones only; give python= or image="
        )
    if kind == "large":
        return failure(
            f"its result has {told['size']:,} bytes, and {RESULT_MOST:,} are brought back; let it write a file, see outputs="
        )
    hint = {
        "load": "; what is not installed there travels with modules=[…], or give image="
        if "ModuleNotFound" in str(told["error"])
        else "",
        "result": ", so its result cannot be brought back",
    }.get(kind, "")
    cause = None
    if payload and results == "pickle":
        try:
            found = pickle.loads(payload)  # noqa: S301
            cause = found if isinstance(found, BaseException) else None
        except Exception:
            cause = None
    return failure(f"{told['error']}{hint}", cause)


class Lines:
    """Text that comes in pieces, as lines; only a newline ends one."""

    def __init__(self) -> None:
        self._left = b""

    def take(self, piece: bytes) -> Iterator[str]:
        """The lines that are whole now."""
        *whole, self._left = (self._left + piece).split(b"\n")
        return (line.decode(errors="replace") for line in whole)

    def rest(self) -> Iterator[str]:
        """The last one, if nothing ends it."""
        left, self._left = self._left, b""
        return iter([left.decode(errors="replace")] if left else [])
