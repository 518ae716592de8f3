# What runs at a site for `Hub.map`. It travels with the job, without its comments. Every Python 3 must be able to read it, so
# that one of another version can say so.


def shugu_run():
    import base64
    import hashlib
    import json
    import os
    import pickle
    import sys
    import traceback
    import types
    import zlib

    header = json.loads(os.environ.pop("SHUGU_MAP"))
    packed = "".join(os.environ.pop("SHUGU_MAP_%d" % part) for part in range(header["parts"]))
    # What the function writes goes where it always goes; what it comes to goes behind that, through a descriptor of its own.
    sys.stdout.flush()
    out = os.dup(1)

    def tell(kind, payload=b"", **more):
        body = json.dumps(dict(more, kind=kind)).encode() + b"\n" + payload
        text = base64.b64encode(zlib.compress(body, 1)).decode()
        most = header["line"]
        pieces = [text[at : at + most] for at in range(0, len(text), most)]
        check = hashlib.sha256(body).hexdigest()[:16]
        try:
            sys.stdout.flush()
        except Exception:
            pass
        # A line in one write: what others write may come between lines, and not into one.
        os.write(out, b"\n")
        for number, piece in enumerate(pieces):
            line = "shugu-map %s %d %d %s %s\n" % (header["nonce"], number, len(pieces), check, piece)
            left = line.encode()
            while left:
                left = left[os.write(out, left) :]
        return 0 if kind == "value" else 1

    def failed(kind, error):
        # Only what is the function's own: not this runner.
        trace = error.__traceback__
        own = trace.tb_next if trace is not None and trace.tb_next is not None else trace
        told = "".join(traceback.format_exception(type(error), error, own))
        sys.stderr.write(told)
        payload = b""
        if header["results"] == "pickle":
            try:
                payload = cloudpickle.dumps(error)
            except Exception:
                payload = b""
        return tell(kind, payload, error="%s: %s" % (type(error).__name__, error), traceback=told)

    here = list(sys.version_info[:2])
    if here != header["python"]:
        sys.stderr.write("this is Python %d.%d, and the function was made by %d.%d\n" % tuple(here + header["python"]))
        return tell("python", here=here)

    call = pickle.loads(zlib.decompress(base64.b64decode(packed)))
    try:
        import cloudpickle

        own = cloudpickle.__version__ == call["version"]
    except Exception:
        own = False
    if not own:
        module = types.ModuleType("cloudpickle.cloudpickle")
        sys.modules["cloudpickle.cloudpickle"] = module
        cloudpickle = types.ModuleType("cloudpickle")
        cloudpickle.__path__ = []
        cloudpickle.cloudpickle = module
        sys.modules["cloudpickle"] = cloudpickle
        exec(compile(call["cloudpickle"], "cloudpickle.py", "exec"), module.__dict__)
        cloudpickle.__dict__.update((name, value) for name, value in module.__dict__.items() if not name.startswith("__"))
        cloudpickle.__version__ = call["version"]

    try:
        function = pickle.loads(call["function"])
        given = pickle.loads(call["inputs"][int(os.environ["SHUGU_ARRAY_INDEX"])])
    except BaseException as error:
        return failed("load", error)
    try:
        value = function(given)
    except BaseException as error:
        return failed("error", error)
    try:
        payload = cloudpickle.dumps(value) if header["results"] == "pickle" else json.dumps(value).encode()
    except BaseException as error:
        return failed("result", error)
    if len(payload) > header["most"]:
        sys.stderr.write("the result has %d bytes\n" % len(payload))
        return tell("large", size=len(payload))
    return tell("value", payload)


if __name__ == "__main__":
    import sys

    sys.exit(shugu_run())
