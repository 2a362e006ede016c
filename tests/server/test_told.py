"""The audit in words: who did what, to what; every deed that is noted has words."""

import ast
import json
from pathlib import Path

import pytest

import heedful
from heedful.server import told
from heedful.store.audit import AuditRow

SOURCE = Path(heedful.__file__).parent


def row(action: str, details: object) -> AuditRow:
    shown = details if isinstance(details, str) else json.dumps(details)
    return AuditRow(1, "2026-11-01T10:00:00.000+00:00", "user:ada", "insight", action, shown)


@pytest.mark.parametrize(
    ("action", "details", "said"),
    [
        (
            "ask",
            {"metric": "volume", "by": ["channel"], "where": {"brand": None}, "zone": "UTC", "figures": 3},
            "asked for Messages by channel where brand is Not stated, 3 figures",
        ),
        (
            "ask",
            {"metric": "volume", "by": "day", "where": ["channel=chat"]},
            "asked for Messages by day where channel is Chat",
        ),
        ("evidence", {"metric": "people", "rows": 8}, "opened the rows behind People, 8 rows"),
        ("ask", {"kept": "('overview',)", "answers": ["volume"]}, "looked at figures of the overview that were made"),
        ("find", {"words": "late", "where": {}}, "searched messages, for late"),
        ("make account", {"account": "ben", "role": "viewer"}, "made an account, account ben, role viewer"),
        ("take back import", {"import": "a1", "rows": 30, "returning": 0}, "took an import back, import a1, 30 rows"),
        ("look at identity", "p_0123456789abcdef", "looked at who a person is: p_0123456789abcdef"),
        ("something new", {"b": {"c": 1}}, "something new, b c 1"),
        ("ask", "[erased]", "asked for figures: [erased]"),
        ("ask", {"metric": ["x"], "by": 3, "where": 7}, "asked for figures"),
    ],
)  # fmt: skip
def test_deeds(action: str, details: object, said: str) -> None:
    assert told.deed(row(action, details)).startswith(said)


def test_who() -> None:
    names = {"user:ada": "ada (account)", "local:root": "root (this machine)", "key:board": "board (key)"}
    for viewer, shown in {**names, "demo": "a visitor of the demo", "else": "else", "user:": "user:"}.items():
        assert told.who(viewer) == shown


def noted() -> set[str]:
    """Every action that the code notes in the audit by its name."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("note", "audit", "_note", "_audit"):
                found.add(node.args[0])
            if called == "write" and len(node.args) == 3 and isinstance(node.args[1], ast.List):
                found |= {one.elts[0] for one in node.args[1].elts if isinstance(one, ast.Tuple)}
    return {str(one.value) for one in found if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def test_every_deed_has_words() -> None:
    assert {"ask", "take back import", "preview erasure"} <= noted()
    assert noted() - told.ACTION.keys() == set()
