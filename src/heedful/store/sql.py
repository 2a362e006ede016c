"""A guard for SQL that somebody wrote: what a SELECT reads beyond the tables it was given.

It walks DuckDB's own parse tree with a list of allowed kinds, so what is not known is refused.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from heedful.errors import NotAllowed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = frozenset(
    "SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE BASE_TABLE SUBQUERY JOIN EMPTY EXPRESSION_LIST "
    "ORDER_MODIFIER LIMIT_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT ASCENDING DESCENDING".split()
)


def checked(con: "DuckDBPyConnection", text: str, tables: frozenset[str], who: str) -> None:
    """Refuse with NotAllowed whatever is not one SELECT over `tables`."""
    tree = json.loads(con.execute("select json_serialize_sql($1)", [text]).fetchall()[0][0])
    if tree["error"] or len(tree["statements"]) != 1:
        raise NotAllowed(f"one SELECT is expected: {tree.get('error_message', 'this is not one statement')}")
    if named := sorted(set(_strangers(tree["statements"], tables))):
        raise NotAllowed(f"{who} may not use {', '.join(named)}; may read: {', '.join(sorted(tables))}")


def _strangers(tree: Any, known: frozenset[str]) -> Iterator[str]:
    """Names of other tables, and kinds of statement or table that are not in KINDS."""
    if isinstance(tree, list):
        for part in tree:
            yield from _strangers(part, known)
    if not isinstance(tree, dict):
        return
    kind = tree.get("type")
    if isinstance(kind, str) and "class" not in tree and kind not in KINDS:
        yield kind
    if kind == "BASE_TABLE":
        *schema, name = tree["qualified_name"]["path"]
        if schema or name.lower() not in known:
            yield ".".join([*schema, name])
    for cte in tree.get("cte_map", {}).get("map", ()):  # each sees the ones before it, not itself
        yield from _strangers(cte["value"], known)
        known |= {cte["key"].lower()}
    for key, part in tree.items():
        itself = {tree["cte_name"].lower()} if kind == "RECURSIVE_CTE_NODE" and key == "right" else set()
        if key != "cte_map":
            yield from _strangers(part, known | itself)
