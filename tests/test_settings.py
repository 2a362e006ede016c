"""heedful.toml: defaults, every mistake at once with its line and its fix, secrets by name only."""

from pathlib import Path

import pytest

from heedful.errors import BadSettings
from heedful.records import READING
from heedful.settings import (
    BRAND_KEYS,
    DEFAULT_BASIS,
    KEYS,
    MODEL_KEYS,
    PROVIDER_KEYS,
    READINGS,
    OwnModel,
    Provider,
    Settings,
    read,
    secret_bytes,
)
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


def test_weights_are_shares_of_each_dimension_s_groups(tmp_path: Path) -> None:
    settings = read(
        toml(
            tmp_path,
            """
            [weights.market.channel]
            review = 0.25
            social = 0.75
            [weights.market."profile:age"]
            young = 1
            """,
        )
    )
    assert settings.weights == {
        "market": {"channel": {"review": 0.25, "social": 0.75}, "profile:age": {"young": 1}},
    }
    path = toml(
        tmp_path,
        """[weights]
empty = 3
[weights.market]
channel = 0.5
[weights.market.country]
DE = 0.5
FR = -1
[weights.market."profile:age"]
young = 0.5
old = 0.4
""",
    )
    with pytest.raises(BadSettings) as error:
        read(path)
    said = str(error.value).splitlines()
    for line, word in [
        (2, "[weights] empty must have a section for each dimension: [weights.empty.channel]"),
        (4, "[weights.market] channel must be a section of shares: [weights.market.channel]"),
        (7, "FR must be a share: over 0 and at most 1, not -1"),
        (8, "[weights.market.profile:age] must add up to 1, not 0.9"),
    ]:
        assert any(f"line {line}:" in told and word in told for told in said), (line, word, said)


def test_models_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "models" / "french").mkdir(parents=True)
    settings = read(
        toml(
            tmp_path,
            """
            [[models]]
            reading = "sentiment"
            folder = "models/french"
            languages = ["fr", "it"]
            labels = { LABEL_0 = "negative", "5 stars" = "positive" }
            [[models]]
            reading = "spam"
            folder = "models/french"
            languages = ["*"]
            threshold = 0.7
            [[models]]
            reading = "entities"
            folder = "models/french"
            languages = ["fr"]
            [models.labels]
            PER = "person"
            """,
        )
    )
    folder = tmp_path / "models" / "french"
    stars = (("LABEL_0", "negative"), ("5 stars", "positive"))
    assert settings.models == (
        OwnModel("sentiment", folder, ("fr", "it"), stars),
        OwnModel("spam", folder, ("*",), threshold=0.7),
        OwnModel("entities", folder, ("fr",), (("PER", "person"),)),
    )


def test_every_reading_of_a_message_but_those_of_other_kinds_can_be_a_models() -> None:
    parts = {name for name in READING.names if not name.startswith(("sentiment_", "emotion_"))}
    others = {"message", "version", "read_at", "language", "labels", "nearest", "aspects", "personal_data", "unread"}
    assert set(READINGS) == parts - others | {"emotion"}


def test_every_mistake_in_models_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    path = toml(
        tmp_path,
        """[workspace]
name = "Acme"
[[models]]
reading = "sentimental"
folder = "missing"
languages = ["french"]
labels = { LABEL_0 = "bad" }
[[models]]
reading = "sentiment"
folder = "m"
languages = ["fr"]
labels = { LABEL_0 = "postive", LABEL_1 = "angry" }
threshold = 0.4
colour = 3
[[models]]
reading = "spam"
folder = "m"
languages = ["fr", "it"]
labels = { LABEL_1 = "ham" }
threshold = 1.5
[[models]]
reading = "irony"
folder = "m"
languages = ["it", "fr"]
[[models]]
reading = "irony"
folder = "m"
languages = ["*", "fr"]
[[models]]
labels = []
folder = ""
[[models]]
reading = "categories"
folder = "m"
threshold = 0.5
[[models]]
reading = "categories"
folder = "m"
[[models]]
reading = "categories"
folder = "m"
""",
    )
    with pytest.raises(BadSettings) as error:
        read(path)
    said = str(error.value)
    told = [
        (4, "reading must be one of: sentiment, emotion, emotions, irony"),
        (5, f"folder is 'missing', but there is no folder {tmp_path.resolve() / 'missing'}"),
        (6, 'languages must be a list of two-letter codes such as ["fr", "it"]'),
        (12, "labels has 'postive', which sentiment does not have; did you mean positive?"),
        (12, "labels has 'angry', which sentiment does not have; there are: negative, neutral, positive"),
        (13, "threshold is for what holds or not; of sentiment the likeliest is taken"),
        (14, "colour is not known; there are: reading, folder, languages, labels, threshold"),
        (19, "labels has 'ham', which spam does not have; there are: spam"),
        (20, "threshold must be a number between 0 and 1"),
        (28, "languages has 'fr', for which model 4 is"),
        (29, "needs reading"),
        (29, "needs languages"),
        (30, "labels must say which of the model's labels is which of ours"),
        (31, "folder must be a text that is not empty"),
        (35, "threshold is not for categories: `heedful teach` has set them"),
        (39, "languages has '*', for which model 8 is"),
    ]
    assert f"{len(told)} mistake(s)" in said
    for line, words in told:
        assert f"line {line}: [[models]] {words}" in said, (line, words, said)


@pytest.mark.parametrize("text", ['[models]\nreading = "spam"\n', "models = 3\n", 'models = ["spam"]\n'])
def test_models_are_written_with_two_brackets(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"line 1: \[models\] must be written with two brackets"):
        read(toml(tmp_path, text))


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
    others = {"basis", "brands", "models", "provider", "sources", "weights"}
    assert set(fields.values()) | others == set(Settings.__dataclass_fields__)
    assert set(BRAND_KEYS) == {"handles", "competitor"}
    assert set(MODEL_KEYS) == set(OwnModel.__dataclass_fields__)
    assert set(PROVIDER_KEYS) == set(Provider.__dataclass_fields__)


SIGN_IN = '[sign_in]\nissuer = "https://id.example.org/realms/shop"\nclient_id = "heedful"\n'


def test_a_provider_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "heedful.toml").write_text(SIGN_IN + 'client_secret = "env:OIDC"\nrole = "viewer"\n')
    found = read(tmp_path / "heedful.toml").provider
    assert found == Provider("https://id.example.org/realms/shop", "heedful", "env:OIDC", role="viewer")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SIGN_IN, "needs client_secret"),
        (SIGN_IN + 'client_secret = "hunter2"', "line 4: .*never the secret itself"),
        (SIGN_IN + 'client_secret = "env:X"\nrole = "king"', "line 5: .*one of: viewer"),
        (SIGN_IN.replace("https", "http") + 'client_secret = "env:X"', "line 2: .*https address"),
        (SIGN_IN + 'client_secret = "env:X"\nscope = "x"', "line 5: .*scope is not known"),
        ('[server]\npublic_url = "heedful.example.org/path"', "line 2: .*without a path"),
        ('[server]\ntrusted_proxies = ["nginx"]', "line 2: .*addresses or networks"),
        ("[server]\nkey_per_second = 0", "line 2: .*whole number from 1"),
    ],
)
def test_mistakes_about_reaching_the_server_are_named(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "heedful.toml").write_text(text)
    with pytest.raises(BadSettings, match=why):
        read(tmp_path / "heedful.toml")


def test_the_file_that_init_writes_says_the_defaults(tmp_path: Path) -> None:
    made = make(tmp_path / "new", name='A "quoted" name')
    assert made.settings == Settings(name='A "quoted" name')
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new" / "data").stat().st_mode & 0o077 == 0
    with pytest.raises(BadSettings, match="exists already"):
        make(tmp_path / "new")


# Sources

FEED = '[[sources]]\nname = "blog"\nkind = "feed"\nurl = "https://blog.example.org/feed"\n'


def test_a_source_is_read_with_what_its_kind_says(tmp_path: Path) -> None:
    (one,) = read(toml(tmp_path, FEED + 'every = "2h"\nchannel = "forum"\n')).sources
    assert (one.name, one.kind, one.every) == ("blog", "feed", 7_200.0)
    assert (one.settings.url, one.settings.channel) == ("https://blog.example.org/feed", "forum")
    assert read(toml(tmp_path, FEED)).sources[0].every == 900.0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[sources]]\nname = "blog"\n', "line 1: [[sources]] needs kind: there are: "),
        (FEED.replace("feed", "fead", 1), "line 3: [[sources]] kind is 'fead', which is no source; did you mean feed?"),
        (FEED.replace('"blog"', '"My Blog"'), "line 2: [[sources]] name must be a short name"),
        (FEED.replace("https://", "gopher://"), "line 4: [[sources]] url must be an address such as https://"),
        (FEED.replace("https://", "https://me:hunter2@"), "line 4: [[sources]] url must be an address"),
        (FEED + 'urls = "x"\n', "line 5: [[sources]] urls is not known; did you mean url?"),
        (FEED + FEED, "line 6: [[sources]] name is 'blog', as another source's is"),
        (FEED.replace("[[sources]]", "[sources]"), "must be written with two brackets"),
        ("[source]\n", "did you mean sources?"),
    ],
)
def test_what_is_wrong_in_a_source_is_named_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadSettings) as told:
        read(toml(tmp_path, text))
    assert why in str(told.value)


def test_mistakes_of_models_and_sources_stand_at_their_own_lines(tmp_path: Path) -> None:
    text = f'{FEED}[[models]]\nreading = "mood"\nfolder = "."\nlanguages = ["fr"]\n{FEED}odd = 1\n'
    with pytest.raises(BadSettings) as told:
        read(toml(tmp_path, text))
    assert "line 6: [[models]] reading must be one of" in str(told.value)
    assert "line 13: [[sources]] odd is not known" in str(told.value)
