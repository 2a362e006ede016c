"""`heedful study influence` on a file: a row per node, the most influential first."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cascades import cascades
from heedful.cli.commands import app

EDGES = "who,whom,times\nbob,ann,3\ncid,ann,\ncid,bob,1\ndee,bob,2\neve,eve,1\n"


def studied(source: Path, out: Path, mapping: str) -> list[dict[str, str]]:
    arguments = ["study", "influence", "--input", str(source), "--out", str(out), "--map", mapping]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output + repr(done.exception)
    return list(csv.DictReader(out.read_text().splitlines()))


def test_each_node_has_one_row_and_the_most_influential_stands_first(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(EDGES)
    rows = studied(tmp_path / "in.csv", tmp_path / "out.csv", "source=who,target=whom,weight=times")
    assert list(rows[0]) == ["node", "influence", "community"]
    told = {row["node"]: float(row["influence"]) for row in rows}
    assert list(told) == ["ann", "bob", "cid", "dee", "eve"]  # of ties the first by name
    assert told["bob"] == pytest.approx(1.5)
    assert told["ann"] == pytest.approx(1 + 0.5 + 1.5)  # bob and half of cid, and whom bob reaches
    assert told["dee"] == told["eve"] == 0
    assert {row["community"] for row in rows} == {"1", "2"}
    assert rows[-1]["community"] == "2"


def test_swapped_columns_turn_the_way_of_the_news_round(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(EDGES)
    rows = studied(tmp_path / "in.csv", tmp_path / "out.csv", "source=whom,target=who")
    assert rows[0]["node"] in {"cid", "dee"}
    assert {row["node"] for row in rows if float(row["influence"]) == 0} == {"ann", "eve"}


def test_a_wrong_weight_is_named(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("source,target,weight\na,b,1\nb,c,-2\n")
    done = CliRunner().invoke(app, ["study", "influence", "--input", str(tmp_path / "in.csv")])
    assert done.exit_code != 0
    assert "the weight of row 2 is '-2'" in str(done.exception)


def test_congress_is_ranked_as_its_cascades_spread(tmp_path: Path, shared_data: Path) -> None:
    """There news goes from source to target, so the two are swapped; a tenth of the runs of the benchmark."""
    import pyarrow.parquet as pq
    from scipy.stats import spearmanr

    path = shared_data / "social_graphs" / "congress_edges_all.parquet"
    rows = studied(path, tmp_path / "out.csv", "source=target,target=source")
    told = {int(row["node"]): float(row["influence"]) for row in rows}
    source, target, weight = (column.to_numpy() for column in pq.read_table(path).columns)
    reached = cascades(source, target, weight, size=len(told), runs=1_500, seed=3)
    assert spearmanr([told[node] for node in range(len(told))], reached)[0] > 0.97
