"""The only reader of the environment. Every setting is declared here once: name, type, default, meaning.

Secrets may come from a file: `NAME_FILE=/run/secrets/name` is read where `NAME` is not set. A value that does not
fit its type stops the start with one line that names it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

from platform_core.errors import SettingInvalid
from platform_core.setting_kinds import Setting, count, flag, log_level, names, redis, text, training_backend

CHECKOUT = Path(__file__).resolve().parent.parent
SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("SECRET_KEY", text, "", "signs sessions, tokens and artifacts; made and kept by `serve`", secret=True),
        Setting("DATABASE_URL", text, "", "postgresql://user:password@host:port/name; empty: embedded", secret=True),
        Setting("PLATFORM_HOME", text, "", "folder of the embedded database and the made secret"),
        Setting("MODELS_STORE", text, "", "folder of the trained models; empty: models_store/ of the checkout"),
        Setting("MODELS_BUCKET", text, "", "S3 bucket for the trained models instead of the folder"),
        Setting("FILES_STORE", text, "", "folder of uploaded files and results; empty: files/ of PLATFORM_HOME"),
        Setting("FILES_BUCKET", text, "", "S3 bucket for uploaded files and results instead of the folder"),
        Setting("S3_ENDPOINT_URL", text, "", "address of an S3-compatible server; empty: AWS"),
        Setting("AWS_ACCESS_KEY_ID", text, "", "S3 access key; empty: boto3's own search", secret=True),
        Setting("AWS_SECRET_ACCESS_KEY", text, "", "S3 secret key", secret=True),
        Setting("DEBUG", flag, False, "Django's debug pages; never on a machine that others reach"),
        Setting("ALLOWED_HOSTS", names, ["localhost", "127.0.0.1", "[::1]"], "names this installation answers to"),
        Setting("CORS_ALLOWED_ORIGINS", names, [], "origins whose browsers may call the API"),
        Setting("HTTPS", flag, False, "served over HTTPS alone: secure cookies, HSTS, plain requests are sent on"),
        Setting("HSTS_SECONDS", count, 31_536_000, "how long browsers insist on HTTPS, where HTTPS is set"),
        Setting("SECURE_COOKIES", flag, False, "cookies over HTTPS only, also where HTTPS is not set"),
        Setting("TRUSTED_PROXIES", text, "", "how many proxies stand before this, or their addresses and networks"),
        Setting("PUBLIC_URL", text, "", "how people reach this: links in e-mails begin with it; empty: HOST and PORT"),
        Setting("EMAIL_URL", text, "console://", "smtp://, smtp+tls:// or smtps://user:password@host", secret=True),
        Setting("EMAIL_FROM", text, "Predictions <no-reply@localhost>", "who e-mails are from"),
        Setting("REGISTRATION_OPEN", flag, True, "whether anybody may register a company"),
        Setting("HOST", text, "127.0.0.1", "address that `serve` listens on"),
        Setting("PORT", count, 8000, "port that `serve` listens on"),
        Setting("WEB_WORKERS", count, 2, "web processes"),
        Setting("WEB_THREADS", count, 16, "threads of each web process; those that wait for a commit share it"),
        Setting("WORKERS", count, 1, "worker processes that `serve` runs beside the web server; 0: none"),
        Setting("WORKER_PROCESSES", count, 0, "chunks that a worker answers at a time; 0: one for each core"),
        Setting("WORKER_MEMORY_MB", count, 2048, "most memory of a worker, and of each process that answers chunks"),
        Setting("TRAINING_MEMORY_MB", count, 0, "most memory of a training; 0: three quarters of the machine's"),
        Setting("TRAINING_BACKEND", training_backend, "", "dask://host:port whose workers fit models; empty: here"),
        Setting("MLFLOW_TRACKING_URI", text, "", "MLflow server or store that trainings are told to", secret=True),
        Setting("CHUNK_TIMEOUT_S", count, 120, "most time for a chunk of a file"),
        Setting("MAX_UPLOAD_MB", count, 2048, "largest file that training and scoring take"),
        Setting("MAX_BODY_KB", count, 4096, "largest JSON body"),
        Setting("LIMIT_KEY_MINUTE", count, 600, "predictions a minute of one API key; 0: no limit, as for all LIMIT_"),
        Setting("LIMIT_KEY_DAY", count, 500_000, "predictions a day (UTC) of one API key"),
        Setting("LIMIT_USER_MINUTE", count, 600, "predictions a minute of one person"),
        Setting("LIMIT_USER_DAY", count, 500_000, "predictions a day of one person"),
        Setting("LIMIT_COMPANY_MINUTE", count, 6_000, "predictions a minute of one company"),
        Setting("LIMIT_COMPANY_DAY", count, 2_000_000, "predictions a day of one company"),
        Setting("LIMIT_REQUESTS_MINUTE", count, 1_200, "other requests a minute of one key or person"),
        Setting("LIMIT_REQUESTS_DAY", count, 500_000, "other requests a day of one key or person"),
        Setting("LIMIT_COMPANY_REQUESTS_MINUTE", count, 12_000, "other requests a minute of one company"),
        Setting("LIMIT_COMPANY_REQUESTS_DAY", count, 0, "other requests a day of one company"),
        Setting("LIMIT_ADDRESS_MINUTE", count, 12_000, "requests of any kind a minute from one address"),
        Setting("LIMIT_ADDRESS_DAY", count, 0, "requests of any kind a day from one address"),
        Setting("LIMIT_SIGN_IN_MINUTE", count, 60, "sign-ins, registrations, lost passwords a minute from one address"),
        Setting("LIMIT_SIGN_IN_DAY", count, 5_000, "the same a day"),
        Setting("CACHE_URL", redis, "", "redis://… for the limits' counters; empty: the database", secret=True),
        Setting("METRICS_TOKEN", text, "", "bearer token that opens /metrics/; empty: it is closed", secret=True),
        Setting("LOG_LEVEL", log_level, "INFO", "DEBUG, INFO, WARNING or ERROR"),
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
