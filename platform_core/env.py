"""The only reader of the environment. Every setting is declared here once: name, type, default, meaning.

Secrets may come from a file: `NAME_FILE=/run/secrets/name` is read where `NAME` is not set. A value that does not
fit its type stops the start with one line that names it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platform_core.errors import SettingInvalid

CHECKOUT = Path(__file__).resolve().parent.parent
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment. `secret` ones also have a `_FILE` form and are never shown."""

    name: str
    parse: Callable[[str], Any]
    default: Any
    meaning: str
    secret: bool = False


def _text(raw: str) -> str:
    return raw


def _flag(raw: str) -> bool:
    folded = raw.strip().casefold()
    if folded not in TRUE | FALSE:
        raise ValueError("use true or false")
    return folded in TRUE


def _count(raw: str) -> int:
    value = int(raw)
    if value < 0:
        raise ValueError("must not be negative")
    return value


def _names(raw: str) -> list[str]:
    return [part.strip() for part in raw.split(",") if part.strip()]


def _redis(raw: str) -> str:
    if not raw.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return raw


def _log_level(raw: str) -> str:
    if raw.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("use DEBUG, INFO, WARNING or ERROR")
    return raw.upper()


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("SECRET_KEY", _text, "", "signs sessions, tokens and artifacts; made and kept by `serve`", secret=True),
        Setting("DATABASE_URL", _text, "", "postgresql://user:password@host:port/name; empty: embedded", secret=True),
        Setting("PLATFORM_HOME", _text, "", "folder of the embedded database and the made secret"),
        Setting("MODELS_STORE", _text, "", "folder of the trained models; empty: models_store/ of the checkout"),
        Setting("MODELS_BUCKET", _text, "", "S3 bucket for the trained models instead of the folder"),
        Setting("S3_ENDPOINT_URL", _text, "", "address of an S3-compatible server; empty: AWS"),
        Setting("AWS_ACCESS_KEY_ID", _text, "", "S3 access key; empty: boto3's own search", secret=True),
        Setting("AWS_SECRET_ACCESS_KEY", _text, "", "S3 secret key", secret=True),
        Setting("DEBUG", _flag, False, "Django's debug pages; never on a machine that others reach"),
        Setting("ALLOWED_HOSTS", _names, ["localhost", "127.0.0.1", "[::1]"], "names this installation answers to"),
        Setting("CORS_ALLOWED_ORIGINS", _names, [], "origins whose browsers may call the API"),
        Setting("HTTPS", _flag, False, "served over HTTPS alone: secure cookies, HSTS, plain requests are sent on"),
        Setting("HSTS_SECONDS", _count, 31_536_000, "how long browsers insist on HTTPS, where HTTPS is set"),
        Setting("SECURE_COOKIES", _flag, False, "cookies over HTTPS only, also where HTTPS is not set"),
        Setting("TRUSTED_PROXIES", _text, "", "how many proxies stand before this, or their addresses and networks"),
        Setting("PUBLIC_URL", _text, "", "how people reach this: links in e-mails begin with it; empty: HOST and PORT"),
        Setting("EMAIL_URL", _text, "console://", "smtp://, smtp+tls:// or smtps://user:password@host", secret=True),
        Setting("EMAIL_FROM", _text, "Predictions <no-reply@localhost>", "who e-mails are from"),
        Setting("REGISTRATION_OPEN", _flag, True, "whether anybody may register a company"),
        Setting("HOST", _text, "127.0.0.1", "address that `serve` listens on"),
        Setting("PORT", _count, 8000, "port that `serve` listens on"),
        Setting("WEB_WORKERS", _count, 2, "web processes"),
        Setting("WEB_THREADS", _count, 4, "threads of each web process"),
        Setting("MAX_UPLOAD_MB", _count, 2048, "largest file that training and scoring take"),
        Setting("MAX_BODY_KB", _count, 4096, "largest JSON body"),
        Setting("LIMIT_KEY_MINUTE", _count, 600, "predictions a minute of one API key; 0: no limit, as for all LIMIT_"),
        Setting("LIMIT_KEY_DAY", _count, 500_000, "predictions a day (UTC) of one API key"),
        Setting("LIMIT_USER_MINUTE", _count, 600, "predictions a minute of one person"),
        Setting("LIMIT_USER_DAY", _count, 500_000, "predictions a day of one person"),
        Setting("LIMIT_COMPANY_MINUTE", _count, 6_000, "predictions a minute of one company"),
        Setting("LIMIT_COMPANY_DAY", _count, 2_000_000, "predictions a day of one company"),
        Setting("LIMIT_REQUESTS_MINUTE", _count, 1_200, "other requests a minute of one key or person"),
        Setting("LIMIT_REQUESTS_DAY", _count, 500_000, "other requests a day of one key or person"),
        Setting("LIMIT_COMPANY_REQUESTS_MINUTE", _count, 12_000, "other requests a minute of one company"),
        Setting("LIMIT_COMPANY_REQUESTS_DAY", _count, 0, "other requests a day of one company"),
        Setting("LIMIT_ADDRESS_MINUTE", _count, 12_000, "requests of any kind a minute from one address"),
        Setting("LIMIT_ADDRESS_DAY", _count, 0, "requests of any kind a day from one address"),
        Setting(
            "LIMIT_SIGN_IN_MINUTE", _count, 30, "sign-ins, registrations, lost passwords a minute from one address"
        ),
        Setting("LIMIT_SIGN_IN_DAY", _count, 2_000, "the same a day"),
        Setting("CACHE_URL", _redis, "", "redis://… for the limits' counters; empty: the database", secret=True),
        Setting("METRICS_TOKEN", _text, "", "bearer token that opens /metrics/; empty: it is closed", secret=True),
        Setting("LOG_LEVEL", _log_level, "INFO", "DEBUG, INFO, WARNING or ERROR"),
    )
}


def get(name: str) -> Any:
    """The typed value of a declared setting. Raises SettingInvalid naming the variable, never its secret value."""
    setting = SETTINGS[name]
    raw = os.environ.get(name)
    if not raw and setting.secret:
        raw = _from_file(name)
    if raw is None or raw == "":
        return setting.default
    try:
        return setting.parse(raw)
    except ValueError as problem:
        shown = "" if setting.secret else f" is {raw!r}"
        raise SettingInvalid(f"The setting {name}{shown}: {problem}.") from None


def _from_file(name: str) -> str | None:
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as problem:
        raise SettingInvalid(f"The setting {name}_FILE: cannot read {path}: {problem.strerror}.") from None


def home() -> Path:
    """The folder of this checkout's own state (database, made secret). Not created here.

    Each checkout has its own, so that two never share a database by accident. Root's is outside root's home: the
    database server runs as an unprivileged user and must be able to reach it.
    """
    given = get("PLATFORM_HOME")
    if given:
        return Path(given).expanduser().resolve()
    mark = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:10]
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/prediction-platform") / mark
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "prediction-platform" / mark


def make_home() -> Path:
    """`home()`, created where it is missing; only the folders made here get a mode."""
    folder = home()
    mode = 0o711 if os.name == "posix" and os.geteuid() == 0 else 0o700
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as problem:
        raise SettingInvalid(
            f"Cannot make the folder {folder}: {problem.strerror}. Set PLATFORM_HOME to one that can be written."
        ) from None
    return folder


def kept_secret(name: str) -> str:
    """A random secret of this installation, made once and kept in a file that only its owner reads (mode 600)."""
    path = make_home() / name
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        pass
    made = secrets.token_urlsafe(48)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    except OSError as problem:
        raise SettingInvalid(f"Cannot keep a secret in {path}: {problem.strerror}.") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made)
    return made


def secret_key() -> str:
    """SECRET_KEY where it is set, else this installation's own."""
    return str(get("SECRET_KEY")) or kept_secret("secret_key")


__all__ = ["CHECKOUT", "SETTINGS", "Setting", "get", "home", "kept_secret", "make_home", "secret_key"]
