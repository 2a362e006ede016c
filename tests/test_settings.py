"""heedful.toml: defaults, every mistake at once with its line and its fix, secrets by name only."""

from pathlib import Path

import pytest

from heedful.errors import BadSettings
from heedful.settings import BRAND_KEYS, DEFAULT_BASIS, KEYS, Settings, read, secret_bytes
from heedful.store.place import make


def toml(folder: Path, text: str) -> Path:
    path = folder / "heedful.toml"
    path.write_text(text)
    return path


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    assert read(toml(tmp_path, "")) == Settings()
    assert dict(Settings().basis) == DEFAULT_BASIS


def test_everything_can_be_set(tmp_path: Path) -> None:
    settings = read(
        toml(
            tmp_path,
            """
            [workspace]
            name = "Acme"
            time_zone = "Europe/Berlin"
            language = "de"
            secret = "env:ACME_SECRET"
            [privacy]
            smallest_group = 10
            basis = { marketing = "legitimate interest" }
            [local]
            role = "admin"
            [server]
            host = "::1"
            port = 0
            demo = true
            [intake]
            body_bytes = 1000
            batch_records = 1
            backlog_bytes = 100000
            [brands.Acme]
            handles = ["@acme"]
            [brands."Rival & Sons"]
            competitor = true
            """,
        )
    )
    assert (settings.name, settings.time_zone, settings.language) == ("Acme", "Europe/Berlin", "de")
    assert (settings.secret, settings.smallest_group, settings.local_role) == ("env:ACME_SECRET", 10, "admin")
    assert settings.basis["marketing"] == "legitimate interest"
    assert settings.basis["service"] == "contract"
    assert (settings.host, settings.port, settings.demo) == ("::1", 0, True)
    assert (settings.body_bytes, settings.batch_records, settings.backlog_bytes) == (1000, 1, 100000)
    assert [(b.name, b.handles, b.competitor) for b in settings.brands] == [
        ("Acme", ("@acme",), False),
        ("Rival & Sons", (), True),
    ]


def test_every_mistake_is_told_at_once_with_its_line_and_its_fix(tmp_path: Path) -> None:
    path = toml(
        tmp_path,
        """[workspace]
name = ""
time_zone = "Europe/Berlim"
secret = "hunter2"
[privacy]
smalest_group = 5
basis = { insight = "because" }
[sever]
[server]
port = 70000
demo = "yes"
[brands.Acme]
handles = "@acme"
""",
    )
    with pytest.raises(BadSettings) as error:
        read(path)
    said = str(error.value)
    assert "9 mistake(s)" in said
    for line, word in [
        (2, "not empty"),
        (3, "Europe/Berlin"),
        (4, "env:NAME or file:PATH"),
        (6, "did you mean smallest_group?"),
        (8, "did you mean server?"),
        (10, "0 to 65,535"),
        (11, "true or false"),
        (13, "list of handles"),
    ]:
        assert any(f"line {line}:" in told and word in told for told in said.splitlines()), (line, word, said)
    assert "legitimate interest" in said


def test_what_is_not_toml_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"not valid TOML.*line 2"):
        read(toml(tmp_path, "[workspace]\nname = \n"))
    with pytest.raises(BadSettings, match=r"is not a workspace .*heedful init"):
        read(tmp_path / "nowhere" / "heedful.toml")


def test_secrets_come_from_where_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_SECRET", "s" * 32)
    assert secret_bytes("env:ACME_SECRET", tmp_path) == b"s" * 32
    (tmp_path / "key").write_text("k" * 40 + "\n")
    assert secret_bytes("file:key", tmp_path) == b"k" * 40
    monkeypatch.setenv("ACME_SECRET", "short")
    with pytest.raises(BadSettings, match=r"shorter than 32 bytes.*ACME_SECRET"):
        secret_bytes("env:ACME_SECRET", tmp_path)
    with pytest.raises(BadSettings, match=r"missing.*nowhere"):
        secret_bytes("file:nowhere", tmp_path)


def test_a_refused_secret_is_not_repeated_in_full(tmp_path: Path) -> None:
    path = toml(tmp_path, '[workspace]\nsecret = "file:"\n')
    with pytest.raises(BadSettings, match="never the secret itself"):
        read(path)


def test_every_key_sets_a_setting() -> None:
    fields = {key: field for table in KEYS.values() for key, (field, _) in table.items()}
    assert set(fields.values()) | {"basis", "brands"} == set(Settings.__dataclass_fields__)
    assert set(BRAND_KEYS) == {"handles", "competitor"}


def test_the_file_that_init_writes_says_the_defaults(tmp_path: Path) -> None:
    made = make(tmp_path / "new", name='A "quoted" name')
    assert made.settings == Settings(name='A "quoted" name')
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new" / "data").stat().st_mode & 0o077 == 0
    with pytest.raises(BadSettings, match="exists already"):
        make(tmp_path / "new")
