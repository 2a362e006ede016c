"""What the command line says beside its numbers."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from heedful.cli.commands import app
from heedful.cli.options import pairs
from heedful.errors import BadSettings

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples" / "reviews.csv"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = str(tmp_path_factory.mktemp("cli") / "workspace")
    for command in (["init", folder], ["import", str(EXAMPLES), "--as", "messages", "--yes", "--workspace", folder]):
        assert CliRunner().invoke(app, command).exit_code == 0
    return ["--workspace", folder]


def test_a_table_says_why_groups_are_hidden_and_shows_intervals_only_where_there_are_some(workspace: list[str]) -> None:
    counted = CliRunner().invoke(app, ["ask", "volume", "--by", "hour", *workspace])
    assert counted.exit_code == 0
    assert "95% interval" not in counted.output
    assert "hidden: about too few people to show" in counted.output
    assert "full count, not an estimate" in counted.output


def test_unread_messages_say_what_reads_them(workspace: list[str]) -> None:
    asked = ["ask", "net_sentiment", *workspace]
    before = CliRunner().invoke(app, asked)
    assert "30 message(s) have no reading" in before.output
    assert "`heedful read` reads what waits" in before.output
    assert CliRunner().invoke(app, ["read", *workspace]).exit_code == 0
    after = CliRunner().invoke(app, asked)
    assert "95% interval" in after.output
    assert "estimate, corrected" in after.output


def test_a_mapping_may_hold_commas() -> None:
    assert pairs(["text=Body, whole,rating=stars", "occurred_at=When"]) == {
        "text": "Body, whole",
        "rating": "stars",
        "occurred_at": "When",
    }
    with pytest.raises(BadSettings, match="--map takes field=column pairs"):
        pairs(["text=Body", "rating"])
