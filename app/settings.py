"""What the operator can set, and the secrets made on first run.

Every setting is read from `AFTERCARE_<NAME>`, or from the file named by `AFTERCARE_<NAME>_FILE`.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from app.errors import Misconfigured, WrongSetting

PREFIX = "AFTERCARE_"
DEMO_PASSWORD = "demo-aftercare"  # noqa: S105 - printed for everybody who tries the demo
KEY = "key"
VAPID_KEY = "vapid_private_key.pem"
LONGEST_JITTER = 600
LAST_BACKUP = "last_backup"
"""A file in the data folder that is touched when a backup has ended."""


class Environment(StrEnum):
    DEVELOPMENT = "development"
    DEMO = "demo"
    PRODUCTION = "production"


def _listed(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


_DATABASE = re.compile(
    r"""
    postgres(?:ql(?:\+psycopg)?)?://
    (?:[^:@/?#\s]+(?::[^@\s]*)?@)?
    (?:\[[0-9A-Fa-f:.]+\]|[^:@/?#\[\]\s]*)(?::[0-9]{1,5})?
    (?:/[^@?#\s]*)?
    (?:\?[^#\s]*)?
    | sqlite:///.+
    """,
    re.VERBOSE,
)


def _a_database(url: str) -> str:
    """What is written otherwise would be another database, or a piece of a password taken for a host."""
    if url and not _DATABASE.fullmatch(url):
        as_in = "postgresql://USER:PASSWORD@HOST/DATABASE (an @ in the password is %40)"
        raise PydanticCustomError("database", f"Should be {as_in}, or be left out")
    return url


def _an_address(url: str) -> str:
    with suppress(ValueError):
        parts = urlsplit(url)
        if re.fullmatch(r"https?://[^/?#@\s]+", url) and parts.hostname and parts.port != 0:
            return url
    as_in = "https://aftercare.example.org, without a / at its end"
    raise PydanticCustomError("address", f"Should be the address people open, as {as_in}")


def _a_key(key: SecretStr) -> SecretStr:
    if not re.fullmatch(r"(AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58})?", key.get_secret_value()):
        raise PydanticCustomError("key", "Should be one line that begins with AGE-SECRET-KEY-1")
    return key


class Settings(BaseSettings):
    """The operator's settings; see each field."""

    # An empty host would mean every address there is, an empty folder the one the command was typed in.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    environment: Environment = Environment.DEVELOPMENT
    data: Path = Field(default=Path("data"), description="Folder of the database and the secrets.")
    database_url: Annotated[str, AfterValidator(_a_database)] = Field(
        default="", description="PostgreSQL URL; empty means SQLite in `data`."
    )
    replica_url: Annotated[str, AfterValidator(_a_database)] = Field(
        default="", description="PostgreSQL URL of a streaming replica that heavy reading is done from."
    )
    public_url: Annotated[str, AfterValidator(_an_address)] = Field(
        default="http://localhost:8000", description="Address people open."
    )
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65535)
    vapid_subject: str = Field(
        default="", description="mailto: or https: contact for push services; empty means the public URL."
    )
    push_extra_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="More push services as host:port; ignored in production."
    )
    reminder_jitter: int = Field(
        default=60, ge=0, le=LONGEST_JITTER, description="Seconds reminders are spread over."
    )
    deliveries_kept: int = Field(
        default=400,
        ge=0,
        le=10_000,
        description="Days what became of a reminder is kept; 0 keeps it for ever.",
    )
    rate_limits: Literal["on", "off"] = "on"
    service_worker: Literal["on", "off"] = Field(
        default="on", description="off removes the service worker from every phone that opens Aftercare."
    )
    fhir_snomed: Literal["on", "off"] = Field(
        default="off", description="Name body sites by SNOMED CT in FHIR; switch on where you hold a licence."
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    insights: Literal["off", "descriptive", "full"] = Field(
        default="descriptive", description="How much is said about a diary; full adds trend and question."
    )
    therapist_second_factor: Literal["", "required", "off"] = Field(
        default="",
        description="Whether therapists need a passkey or codes; empty means required in production only.",
    )
    docs: bool = Field(default=False, description="Serve the OpenAPI document in production too.")
    metrics: bool = Field(default=False, description="Serve /metrics; let your proxy keep it from the world.")
    backup_key: Annotated[SecretStr, AfterValidator(_a_key)] = Field(
        default=SecretStr(""), description="Key of age that seals backups; empty means one kept in `data`."
    )
    backup_folder: Path | None = Field(
        default=None, description="Where a serving process puts a backup each day; empty means nowhere."
    )
    backups_kept: int = Field(default=14, ge=1, le=1000, description="How many daily backups are kept.")
    operators: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="E-mail addresses of the accounts that may open /operator."
    )

    smtp_host: str = Field(default="", description="Mail server for letters to people; empty sends none.")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    mail_from: str = Field(default="", description="Sender of the letters; empty means aftercare@ this host.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _ValuesInFiles(settings_cls)

    @cached_property
    def sqlalchemy_url(self) -> str:
        """The database as SQLAlchemy names it."""
        if not self.database_url:
            return f"sqlite:///{(self.data / 'aftercare.sqlite3').absolute()}"
        return _for_sqlalchemy(self.database_url)

    @cached_property
    def sqlalchemy_replica_url(self) -> str:
        """The replica as SQLAlchemy names it; empty when there is none. SQLite has none."""
        return _for_sqlalchemy(self.replica_url) if self.database_url else ""

    @property
    def database_kind(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self.sqlalchemy_url.partition(":")[0].partition("+")[0]

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def served_over_https(self) -> bool:
        return self.public_url.startswith("https://")

    def invitation_url(self, code: str) -> str:
        """Where a patient meets the therapist who invites. Never built from a request's Host header."""
        return f"{self.public_url.rstrip('/')}/invitations/{code}"

    def practice_invitation_url(self, code: str) -> str:
        """Where a colleague meets the practice that invites. Never built from a request's Host header."""
        return f"{self.public_url.rstrip('/')}/practice/invitations/{code}"

    def mailbox_url(self, token: str) -> str:
        """Where a patient turns on letters. Never built from a request's Host header."""
        return f"{self.public_url.rstrip('/')}/reminders/by-mail/{token}"

    def calendar_url(self, token: str) -> str:
        """Where a calendar fetches somebody's sessions. Never built from a request's Host header."""
        return f"{self.public_url.rstrip('/')}/calendar/{token}.ics"

    def password_url(self, token: str) -> str:
        """Where a new password is chosen. Never built from a request's Host header."""
        return f"{self.public_url.rstrip('/')}/password/{token}"

    @property
    def public_host(self) -> str:
        """The host of the public address, without its port."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def public_origin(self) -> str:
        """The origin of our pages as browsers write it: without a port that goes without saying."""
        scheme, port = urlsplit(self.public_url).scheme, urlsplit(self.public_url).port
        goes_without_saying = port in (None, {"https": 443, "http": 80}[scheme])
        host = f"[{self.public_host}]" if ":" in self.public_host else self.public_host
        return f"{scheme}://{host}" if goes_without_saying else f"{scheme}://{host}:{port}"

    @property
    def takes_passkeys(self) -> bool:
        """Browsers know passkeys on https and on localhost only, and for names, not for numbers."""
        named = not re.fullmatch(r"[0-9.]+|.*:.*", self.public_host)
        return named and (self.served_over_https or self.public_host == "localhost")

    @property
    def needs_second_factor(self) -> bool:
        """Of therapists."""
        return (self.therapist_second_factor or ("required" if self.is_production else "off")) == "required"

    @property
    def shows_docs(self) -> bool:
        return self.docs or not self.is_production

    @property
    def limits_rates(self) -> bool:
        """Limits can be switched off for load tests, but never in production."""
        return self.rate_limits == "on" or self.is_production

    @property
    def sends_mail(self) -> bool:
        return bool(self.smtp_host)

    @property
    def mail_sender(self) -> str:
        return self.mail_from or f"Aftercare <aftercare@{urlsplit(self.public_url).hostname}>"

    @property
    def vapid_contact(self) -> str:
        """The `sub` of VAPID tokens: a mailto: or https: address push services can write to."""
        if self.vapid_subject:
            return self.vapid_subject
        return self.public_url if self.served_over_https else "mailto:operator@localhost"


def _for_sqlalchemy(url: str) -> str:
    """Pasted `postgres://` URLs are understood."""
    scheme, _colon, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else url


class _ValuesInFiles(PydanticBaseSettingsSource):
    """Reads `AFTERCARE_<NAME>_FILE`, so that a value can come from a mounted secret."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        setting = f"{PREFIX}{field_name.upper()}_FILE"
        path = os.environ.get(setting)
        return (_in_file(setting, Path(path)) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(None, name)[0] for name in self.settings_cls.model_fields}
        return {name: value for name, value in values.items() if value is not None}


def _in_file(setting: str, path: Path) -> str:
    try:
        value = path.read_text().strip()
    except OSError as error:
        raise WrongSetting(f"{setting} names a file that cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise WrongSetting(f"{setting} names a file that holds no text.") from None
    if not value:
        raise WrongSetting(f"{setting} names an empty file. Put the value into it, or leave the setting out.")
    return value


_IN_OUR_WORDS = {"bool_parsing": "Should be true or false", "int_parsing": "Should be a whole number"}


def read_settings(**chosen: Any) -> Settings:
    """The settings in force; `chosen` (from the command line) wins over the environment.

    Raises WrongSetting, which names every setting that is wrong and never what it holds.
    """
    try:
        return Settings(**chosen)
    except ValidationError as error:
        wrong = "; ".join(
            f"{PREFIX}{str(e['loc'][0]).upper()}: {_IN_OUR_WORDS.get(e['type'], e['msg'])}"
            for e in error.errors()
        )
        raise WrongSetting(f"Please correct these settings. {wrong}.") from None


def unknown_settings() -> list[str]:
    """A sentence about each name in the environment that looks like a setting and is none."""
    known = [name.upper() + end for name in Settings.model_fields for end in ("", "_FILE")]
    named = sorted(
        name.upper().removeprefix(PREFIX) for name in os.environ if name.upper().startswith(PREFIX)
    )
    return [_unknown(name, get_close_matches(name, known, n=1)) for name in named if name not in known]


def _unknown(name: str, nearest: list[str]) -> str:
    if nearest:
        return f"{PREFIX}{name} is no setting: did you mean {PREFIX}{nearest[0]}?"
    return f"{PREFIX}{name} is no setting: docs/operating.md has all there are."


def make_folder(data: Path) -> None:
    """The data folder, unless it is there; raises WrongSetting where there can be none."""
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "it is no folder" if isinstance(error, FileExistsError) else error.strerror
        fix = "Choose another with --data or AFTERCARE_DATA."
        raise WrongSetting(f"The data folder {data} cannot be used: {why}. {fix}") from None


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must stay on the server: a key for keyed hashes (32 bytes) and the VAPID private key (PEM)."""

    key: bytes
    vapid_private_pem: bytes


def open_secrets(data: Path) -> Secrets:
    """Read the secrets from `data`/secrets, making them on first run with mode 0600.

    Raises Misconfigured when one is too short, is no P-256 key, or can be read by others.
    """
    folder = data / "secrets"
    key = read_or_make_secret(data, KEY, lambda: secrets.token_bytes(32))
    pem = read_or_make_secret(data, VAPID_KEY, _new_vapid_key)
    if len(key) < 32 or len(set(key)) < 8:
        raise Misconfigured(f"{folder / KEY} is too weak: it must hold 32 random bytes.")
    require_p256(pem, folder / VAPID_KEY)
    return Secrets(key, pem)


def read_or_make_secret(data: Path, name: str, make: Callable[[], bytes]) -> bytes:
    """A secret of the data folder, made on first use; raises Misconfigured when others can read it."""
    folder = data / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _read_or_make(folder / name, make)


def put_secrets(data: Path, put: Secrets) -> None:
    """Let these take the place of whatever secrets are there."""
    folder = data / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, secret in ((KEY, put.key), (VAPID_KEY, put.vapid_private_pem)):
        (folder / name).unlink(missing_ok=True)
        _write_once(folder / name, secret)


def _read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        _write_once(path, make())
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Misconfigured(f"{path} can be read by others. Run: chmod 600 {path}")
    return path.read_bytes()


def _write_once(path: Path, secret: bytes) -> None:
    """Two processes may start together on an empty folder; linking lets exactly one of them win."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)


def _new_vapid_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def require_p256(pem: bytes, path: Path) -> None:
    """Raise Misconfigured unless this is a private key on P-256, the only curve of VAPID."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError:
        raise Misconfigured(f"{path} does not hold a private key in PEM form.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Misconfigured(f"{path} must hold a P-256 private key.")
