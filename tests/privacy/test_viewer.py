"""Who asks: rights come from roles, everything else is refused; and there is no way to rows without a viewer."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import heedful
from heedful.errors import NotAllowed
from heedful.privacy.viewer import ROLE_MAY, Viewer
from heedful.records import PURPOSES

SOURCE = Path(heedful.__file__).parent
RIGHTS = frozenset().union(*ROLE_MAY.values())


def test_no_role_no_rights() -> None:
    nobody = Viewer("nobody", frozenset())
    assert not any(nobody.may(right) for right in RIGHTS)
    with pytest.raises(NotAllowed, match="figures"):
        nobody.must("figures")


def test_rights_of_several_roles_add_up() -> None:
    both = Viewer("both", frozenset({"viewer", "privacy officer"}))
    assert both.may("identities")
    assert not both.may("sql")
    assert not both.may("anything else")


def test_a_refusal_names_the_right_and_who_has_it() -> None:
    with pytest.raises(NotAllowed, match=r"open to analyst, admin \(right: sql\), and not to ann"):
        Viewer("ann", frozenset({"viewer"})).must("sql")


def test_roles_and_purposes_that_do_not_exist_are_refused() -> None:
    with pytest.raises(NotAllowed, match="boss"):
        Viewer("ann", frozenset({"boss"}))
    with pytest.raises(NotAllowed, match="fun"):
        Viewer("ann", frozenset({"viewer"}), "fun")
    assert all(Viewer("ann", frozenset({"viewer"}), purpose).purpose == purpose for purpose in PURPOSES)


def test_the_demo_reads_figures_and_made_up_texts_only() -> None:
    assert ROLE_MAY["demo"] == {"figures", "text"}


def test_small_groups_are_hidden_unless_a_policy_says_otherwise() -> None:
    assert Viewer("ann", frozenset({"viewer"})).smallest == 5


# No way to rows without a viewer: who holds a connection, who looks under a frame, who can make a Sealed.


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text())


TREES = dict(trees())


def imports_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def calls(tree: ast.Module, name: str) -> bool:
    found = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(getattr(func, "attr", getattr(func, "id", "")) == name for func in found)


def test_only_the_store_opens_the_database() -> None:
    users = [name for name, tree in TREES.items() if any(m.partition(".")[0] == "duckdb" for m in imports_of(tree))]
    assert users
    assert [name for name in users if not name.startswith("store/")] == []


def test_only_the_store_names_stored_tables() -> None:
    def speaks(tree: ast.Module) -> bool:
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        return calls(tree, "table") and any("facts." in text or "past." in text for text in texts)

    assert [name for name, tree in TREES.items() if speaks(tree) and not name.startswith("store/")] == []
    texts = {name: (SOURCE / name).read_text() for name in TREES if not name.startswith("store/")}
    assert [name for name, text in texts.items() if "from facts." in text or "join facts." in text] == []


def test_only_the_view_looks_under_a_frame() -> None:
    assert [name for name, tree in TREES.items() if calls(tree, "to_native")] == ["store/view.py"]
    assert [name for name, tree in TREES.items() if calls(tree, "sql_query")] == ["store/view.py"]


def test_only_seal_makes_what_the_store_takes() -> None:
    assert [name for name, tree in TREES.items() if calls(tree, "Sealed")] == ["privacy/seal.py"]


def test_nobody_else_reaches_for_the_stores_connection() -> None:
    def reaches(tree: ast.Module) -> bool:
        nodes = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "_con"]
        return any(not (isinstance(n.value, ast.Name) and n.value.id == "self") for n in nodes)

    assert [name for name, tree in TREES.items() if reaches(tree)] == []


def test_what_the_store_gives_out_without_a_viewer_holds_no_record() -> None:
    """Methods of Store that read without a Viewer: positions and counts, and texts for the search index alone."""
    tree = TREES["store/facts.py"]
    store = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Store")
    methods = [n for n in store.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    asked = {n.name for n in methods if "viewer" in [a.arg for a in n.args.args]}
    assert asked == {"view"}
    assert {n.name for n in methods} - asked == {
        "append",
        "append_readings",
        "append_verdicts",
        "brought",
        "clock",
        "close",
        "copy",
        "erasing",
        "imports",
        "loose",
        "naming",
        "people",
        "position",
        "readers",
        "rows",
        "sources",
        "still",
        "take_back",
        "tallies",
        "texts",
        "texts_of",
        "tied",
        "withdrawn",
    }
    erasing = {name for name, t in TREES.items() if calls(t, "texts_of") and not name.startswith("store/")}
    assert erasing == {"intake/forget.py", "intake/undo.py"}
    users = {name for name, t in TREES.items() if calls(t, "texts") and not name.startswith("store/")}
    assert users <= {"server/keeping.py"}


def test_what_is_kept_of_topics_holds_no_record() -> None:
    """What Shelf gives out without a Viewer: definitions, changes, and vectors of messages that the asker may name."""
    tree = TREES["store/topics.py"]
    shelf = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Shelf")
    methods = {n.name for n in shelf.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")}
    writes = {"change", "sort"}
    counts = {"defined", "given", "model", "version", "changes", "last", "story", "examples", "embedded"}
    assert methods == writes | counts | {"vectors", "kept_out", "before"}
    users = {name for name, t in TREES.items() if calls(t, "vectors") and not name.startswith("store/")}
    assert {name.partition("/")[0] for name in users} == {"catalogue"}


def test_pages_and_metrics_hold_no_store() -> None:
    outside = [name for name in TREES if name.startswith(("insight/", "server/pages/", "privacy/"))]
    allowed = {"heedful.store.view", "heedful.store.search"}
    found = {
        (name, module)
        for name in outside
        for module in imports_of(TREES[name])
        if module.startswith("heedful.store") and module not in allowed
    }
    assert found == set()


def test_metrics_are_expressions_that_hold_no_rows() -> None:
    metrics = [name for name in TREES if name.startswith("insight/metrics/") and not name.endswith("__init__.py")]
    assert len(metrics) >= 7
    for name in metrics:
        outside = {module for module in imports_of(TREES[name]) if module.startswith("heedful")}
        assert outside == set(), name
        assert not [node for node in ast.walk(TREES[name]) if isinstance(node, ast.FunctionDef)], name


def functions(tree: ast.Module) -> dict[str, list[str]]:
    """Functions of a module with the types of their arguments."""
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {f.name: [ast.unparse(a.annotation) for a in f.args.args if a.annotation] for f in found}


def test_every_page_is_given_an_asker_and_nothing_else_to_read_with() -> None:
    pages = [name for name in TREES if name.startswith("server/pages/") and not name.endswith("__init__.py")]
    assert pages
    for name in pages:
        assert functions(TREES[name])["page"] == ["Asker", "Request"], name
        assert not calls(TREES[name], "View"), name


def test_what_answers_is_given_a_view() -> None:
    asked = {"insight/ask.py": "ask", "insight/evidence.py": "evidence", "insight/messages.py": "find"}
    for name, function in asked.items():
        assert functions(TREES[name])[function][0] == "View", name


def test_views_are_made_by_the_store_alone() -> None:
    assert [name for name, tree in TREES.items() if calls(tree, "View")] == ["store/facts.py"]
