from __future__ import annotations

import os
import re
import resource
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.engine import make_url

from app.backup.sealed import new_key
from app.errors import Misconfigured, WrongSetting
from app.settings import Settings, open_secrets, read_settings, unknown_settings

ROOT = Path(__file__).parent.parent


def test_every_setting_is_explained_to_the_operator():
    explained = (ROOT / "docs" / "operating.md").read_text()
    assert [name for name in Settings.model_fields if f"`{name.upper()}`" not in explained] == []


@pytest.mark.parametrize(
    "document", ["CHANGELOG.md", "SECURITY.md", "docs/data-protection.md", "docs/operating.md"]
)
def test_a_setting_is_named_as_it_is_typed(document):
    """Only the table of settings leaves out what all of them begin with, and says so."""
    text = re.sub(r"^\| `[A-Z_]+`.*$", "", (ROOT / document).read_text(), flags=re.MULTILINE)
    names = "|".join(name.upper() for name in Settings.model_fields if name != "data")
    assert re.findall(rf"`((?:{names})(?:_FILE)?(?:=[^`]*)?)`", text) == []


def test_operators_are_a_comma_separated_list(monkeypatch):
    monkeypatch.setenv("AFTERCARE_OPERATORS", "rui@people.example, ana@people.example")
    assert read_settings().operators == ("rui@people.example", "ana@people.example")


def test_a_setting_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("AFTERCARE_PUBLIC_URL", "https://aftercare.example")
    assert read_settings().public_url == "https://aftercare.example"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_an_empty_setting_is_one_that_was_left_out(monkeypatch, name):
    monkeypatch.setenv(f"AFTERCARE_{name.upper()}", "")
    assert read_settings() == Settings()


def test_a_setting_can_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "url").write_text("postgresql://db/aftercare\n")
    monkeypatch.setenv("AFTERCARE_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert read_settings().database_url == "postgresql://db/aftercare"


@pytest.mark.parametrize(
    ("mistyped", "said"),
    [
        ("DATABSE_URL", "did you mean AFTERCARE_DATABASE_URL?"),
        ("DATABASE_URL_FIEL", "did you mean AFTERCARE_DATABASE_URL_FILE?"),
        ("PUBLICURL", "did you mean AFTERCARE_PUBLIC_URL?"),
        ("ZZZ", "docs/operating.md has all there are."),
    ],
)
def test_a_mistyped_setting_is_told_with_the_nearest_there_is(monkeypatch, mistyped, said):
    monkeypatch.delenv("AFTERCARE_TEST_PG_URL", raising=False)
    monkeypatch.setenv(f"AFTERCARE_{mistyped}", "geheim")
    assert unknown_settings() == [f"AFTERCARE_{mistyped} is no setting: {said}"]


def test_what_is_a_setting_is_not_told(monkeypatch):
    monkeypatch.delenv("AFTERCARE_TEST_PG_URL", raising=False)
    monkeypatch.setenv("AFTERCARE_BACKUP_KEY_FILE", "/run/secrets/key")
    monkeypatch.setenv("aftercare_port", "8001")
    assert unknown_settings() == []


def test_what_the_command_line_chose_wins(monkeypatch):
    monkeypatch.setenv("AFTERCARE_PORT", "9000")
    assert read_settings(port=8001).port == 8001


def test_a_wrong_setting_is_named_without_its_value(monkeypatch):
    monkeypatch.setenv("AFTERCARE_PORT", "secret-value")
    with pytest.raises(Misconfigured, match="AFTERCARE_PORT") as raised:
        read_settings()
    assert "secret-value" not in raised.value.message


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "postgresql//u:geheim@oak/care",
        "postgresql:/u:geheim@oak/care",
        "mysql://u:geheim@oak/care",
        "postgresql+asyncpg://u:geheim@oak/care",
        "postgresql://u:ge@heim@oak/care",
        "postgresql://u:geheim@oak:port/care",
        " postgresql://u:geheim@oak/care",
        "sqlite://",
    ],
)
@pytest.mark.parametrize("setting", ["AFTERCARE_DATABASE_URL", "AFTERCARE_REPLICA_URL"])
def test_what_is_no_database_is_refused_and_never_taken_for_another(monkeypatch, setting, url):
    monkeypatch.setenv(setting, url)
    with pytest.raises(
        WrongSetting, match=f"{setting}: Should be postgresql://USER:PASSWORD@HOST/DATABASE"
    ) as raised:
        read_settings()
    assert "heim" not in raised.value.message


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p%40:/ss@oak:5432/care?sslmode=require",
        "postgresql://[fd00::1]:5432/care",
        "postgresql:///care?host=/run/postgresql",
        "postgresql://postgres@/care?host=/tmp/x",
        "postgresql+psycopg://oak,elm/care",
        "postgresql://oak",
    ],
)
def test_every_way_to_write_a_postgresql_url_is_understood(url):
    assert make_url(Settings(database_url=url).sqlalchemy_url).drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    "address",
    ["aftercare.example", "https://x.example/", "https://x.example:99999", "https://:443", "https://[::1"],
)
def test_an_address_nobody_can_open_is_refused_with_one_to_copy(monkeypatch, address):
    monkeypatch.setenv("AFTERCARE_PUBLIC_URL", address)
    with pytest.raises(WrongSetting, match=r"AFTERCARE_PUBLIC_URL: .* as https://aftercare.example.org, "):
        read_settings()


def test_a_cut_off_backup_key_is_noticed_before_the_first_backup(monkeypatch):
    whole = new_key().decode()
    monkeypatch.setenv("AFTERCARE_BACKUP_KEY", whole[:-1])
    with pytest.raises(WrongSetting, match=r"AFTERCARE_BACKUP_KEY: .* AGE-SECRET-KEY-1") as raised:
        read_settings()
    assert whole[20:30] not in raised.value.message
    assert Settings(backup_key=whole).backup_key.get_secret_value() == whole


def test_an_empty_host_is_not_taken_for_every_address():
    with pytest.raises(WrongSetting, match="AFTERCARE_HOST"):
        read_settings(host="")


def test_all_wrong_settings_are_named_at_once(monkeypatch):
    monkeypatch.setenv("AFTERCARE_METRICS", "perhaps")
    monkeypatch.setenv("AFTERCARE_PORT", "web")
    with pytest.raises(WrongSetting) as raised:
        read_settings()
    assert raised.value.message == (
        "Please correct these settings."
        " AFTERCARE_PORT: Should be a whole number; AFTERCARE_METRICS: Should be true or false."
    )


def test_a_missing_settings_file_is_named(monkeypatch):
    monkeypatch.setenv("AFTERCARE_PUBLIC_URL_FILE", "/nowhere/url")
    with pytest.raises(WrongSetting, match="AFTERCARE_PUBLIC_URL_FILE names a file that cannot be read"):
        read_settings()


@pytest.mark.parametrize("held", [b"", b" \n", b"\xff\xfe"])
def test_a_settings_file_that_holds_no_value_is_named(monkeypatch, tmp_path, held):
    (tmp_path / "url").write_bytes(held)
    monkeypatch.setenv("AFTERCARE_DATABASE_URL_FILE", str(tmp_path / "url"))
    with pytest.raises(WrongSetting, match="AFTERCARE_DATABASE_URL_FILE names "):
        read_settings()


def test_push_hosts_are_a_comma_separated_list(monkeypatch):
    monkeypatch.setenv("AFTERCARE_PUSH_EXTRA_HOSTS", "127.0.0.1:9001, push.example:443")
    assert read_settings().push_extra_hosts == ("127.0.0.1:9001", "push.example:443")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_pasted_postgresql_url_is_understood(scheme):
    assert Settings(database_url=f"{scheme}://u@h/d").sqlalchemy_url == "postgresql+psycopg://u@h/d"


def test_without_a_url_the_database_is_a_file_in_the_data_folder(tmp_path):
    assert Settings(data=tmp_path).sqlalchemy_url == f"sqlite:///{tmp_path}/aftercare.sqlite3"


def test_rate_limits_cannot_be_switched_off_in_production():
    assert Settings(environment="production", rate_limits="off").limits_rates


def test_secrets_are_made_once_and_kept_for_the_owner_alone(tmp_path):
    first = open_secrets(tmp_path)
    assert open_secrets(tmp_path) == first
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "secrets").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_a_secret_for_which_there_is_no_room_leaves_nothing_behind(tmp_path):
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, allowed[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            open_secrets(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
    assert list((tmp_path / "secrets").iterdir()) == []


def test_a_secret_others_can_read_is_refused(tmp_path):
    open_secrets(tmp_path)
    os.chmod(tmp_path / "secrets" / "key", 0o644)
    with pytest.raises(Misconfigured, match="chmod 600"):
        open_secrets(tmp_path)


@pytest.mark.parametrize("weak", [b"short", b"\0" * 32])
def test_a_weak_key_is_refused(tmp_path, weak):
    open_secrets(tmp_path)
    (tmp_path / "secrets" / "key").write_bytes(weak)
    with pytest.raises(Misconfigured, match="too weak"):
        open_secrets(tmp_path)


def test_a_vapid_key_on_another_curve_is_refused(tmp_path):
    open_secrets(tmp_path)
    other = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "secrets" / "vapid_private_key.pem").write_bytes(other)
    with pytest.raises(Misconfigured, match="P-256"):
        open_secrets(tmp_path)


def test_a_damaged_vapid_key_is_refused(tmp_path):
    open_secrets(tmp_path)
    (tmp_path / "secrets" / "vapid_private_key.pem").write_bytes(b"damaged")
    with pytest.raises(Misconfigured, match="PEM"):
        open_secrets(tmp_path)
