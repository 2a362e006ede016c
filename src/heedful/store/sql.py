"""A guard for SQL that somebody wrote: what a SELECT reads beyond the tables it was given.

It walks DuckDB's own parse tree with a list of allowed kinds, so what is not known is refused.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from heedful.errors import NotAllowed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = frozenset(
    "SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE BASE_TABLE SUBQUERY JOIN EMPTY EXPRESSION_LIST "
    "ORDER_MODIFIER LIMIT_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT ASCENDING DESCENDING".split()
)

TELLING = "json_serialize% json_deserialize% %_log_message version".split()
EXTRA = frozenset(
    "unnest now today current_date current_timestamp get_current_time get_current_timestamp transaction_timestamp ago "
    "random uuid nullif if split_part fdiv fmod date_add days_in_month geomean geometric_mean wavg weighted_avg "
    "map_contains_entry map_contains_value json_group_array json_group_object json_group_structure".split()
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
    if (function := tree.get("function_name")) is not None:
        *schema, name = tree["qualified_name"]["path"]
        if schema not in ([], ["main"]) or name.lower() not in _functions():
            yield f"{function}()"
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


@cache
def _functions() -> frozenset[str]:
    """Functions that tell about their arguments only: not about the machine, the session or the catalogue."""
    import duckdb

    with duckdb.connect() as con:
        found = con.execute(
            "select distinct function_name from duckdb_functions() where (stability = 'CONSISTENT' "
            "and not exists (from unnest($1) t(pattern) where function_name like pattern)) "
            "or (function_type = 'macro' and (function_name like 'list_%' or function_name like 'array_%'))",
            [TELLING],
        ).fetchall()
    return EXTRA.union(name for (name,) in found)
