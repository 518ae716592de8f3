"""Which hub, and as whom: found as the command line finds it."""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .errors import NoHub

USUAL = "http://127.0.0.1:7878"


@dataclass(frozen=True)
class Place:
    """A hub's address, the token to show, and the SHA-256 of its certificate where that is known by its fingerprint."""

    url: str
    token: str
    fingerprint: bytes | None


def parse_fingerprint(text: str) -> bytes:
    """Reads `sha256:` and 64 hexadecimal digits, with colons as OpenSSL prints them or without."""
    digits = text.strip().lower().removeprefix("sha256:").replace(":", "")
    if not text.strip().lower().startswith("sha256:") or re.fullmatch("[0-9a-f]{64}", digits) is None:
        raise ValueError(f"`{text}` is no fingerprint: sha256: and 64 hexadecimal digits")
    return bytes.fromhex(digits)


def _settings() -> dict[str, str]:
    """The file `shugu.toml` of this folder, else of `~/.config/shugu`, or the one that SHUGU_CONFIG names."""
    named = os.environ.get("SHUGU_CONFIG")
    home = os.environ.get("HOME")
    usual = [Path("shugu.toml"), *([Path(home, ".config/shugu/shugu.toml")] if home else [])]
    path = Path(named) if named else next((path for path in usual if path.is_file()), None)
    if path is None:
        return {}
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise NoHub(f"{path}: {error}") from error
    for key, value in table.items():
        if not isinstance(value, str):
            raise NoHub(f"{path} field {key}: is not a text")
    return table


def _folder(named: str | None) -> Path:
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME", "")
    home = os.environ.get("HOME")
    base = Path(data) if data.startswith("/") else Path(home, ".local/share") if home else Path()
    return base / "shugu"


def _token(settings: dict[str, str]) -> str | None:
    """The token that the environment names, else `shugu.toml`; in each, itself or a file that holds it."""
    for token, file in (
        (os.environ.get("SHUGU_TOKEN"), os.environ.get("SHUGU_TOKEN_FILE")),
        (settings.get("token"), settings.get("token_file")),
    ):
        if token:
            return token
        if file:
            try:
                words = Path(file).read_text().split()
            except OSError as error:
                raise NoHub(f"token file {file}: {error.strerror}") from error
            if len(words) != 1:
                raise NoHub(f"token file {file}: holds {len(words)} words; a token is one")
            return words[0]
    return None


def find(url: str | None, token: str | None, fingerprint: str | None, folder: str | os.PathLike[str] | None) -> Place:
    """What is given goes before the environment (SHUGU_HUB, SHUGU_TOKEN or SHUGU_TOKEN_FILE, SHUGU_FINGERPRINT, SHUGU_DIR), this
    before `shugu.toml`, that before what the hub's data folder says.
    """
    settings = _settings()

    def said(name: str) -> str | None:
        return os.environ.get(f"SHUGU_{name.upper()}") or settings.get(name)

    place = Path(folder) if folder is not None else _folder(said("dir"))

    def kept(name: str) -> str | None:
        try:
            return (place / name).read_text().strip()
        except OSError:
            return None

    named = url or said("hub")
    token = token or _token(settings) or kept("operator.token")
    if not token:
        raise NoHub(f"no token: give token=, SHUGU_TOKEN_FILE, SHUGU_TOKEN, or folder= of a hub ({place} has none)")
    print_of = fingerprint or os.environ.get("SHUGU_FINGERPRINT")
    # The fingerprint of another hub says nothing of this one.
    if print_of is None and named in (None, kept("hub.url")):
        print_of = kept("hub.fingerprint")
    address = (named or kept("hub.url") or USUAL).rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise NoHub(f"`{address}` is no address of a hub: it begins with http:// or https://")
    return Place(address, token, parse_fingerprint(print_of) if print_of else None)
