"""/openapi.json: the HTTP contract, made from the record shapes and the metrics."""

from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from heedful import __version__, folder
from heedful.catalogue.doing import ACTIONS
from heedful.insight import metrics
from heedful.intake.shapes import record_type
from heedful.records import PLURAL

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
FAILURES = {
    "400": "the request is wrong as a whole",
    "401": "nobody is signed in and no key was sent",
    "403": "the key or role may not do this",
    "404": "no such thing",
    "408": "the body came too slowly",
    "413": "the body is too large",
    "422": "no record could be taken",
    "429": "try again after Retry-After seconds",
    "503": "starting",
}


def answer(_request: Request) -> Response:
    """The whole description."""
    return JSONResponse(description())


@cache
def description() -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    _, shapes = msgspec.json.schema_components(
        [record_type(one) for one in PLURAL.values()], ref_template="#/components/schemas/{name}"
    )
    paths = {f"/v1/{many}": {"post": _take(many, one)} for many, one in PLURAL.items()}
    paths["/v1/messages"]["get"] = _get(
        "Search messages", [_query("q"), *_FILTERS, _query("limit", _NUMBER), _query("next", _PLACE)]
    )
    paths |= {
        "/v1/metrics": {"get": _get("List the metrics", [])},
        "/v1/metrics/{name}": {"get": _get("Ask a metric", [_NAME, *_ASKED, _query("weights"), _FORMAT])},
        "/v1/metrics/{name}/evidence": {"get": _get("The rows behind a figure", [_NAME, *_FILTERS, *_PAGED, _FORMAT])},
        "/v1/studies": {"get": _get("List the studies", [])},
        "/v1/studies/{name}": {"get": _get("Ask a study", [_NAME, _query("metric"), *_ASKED, _FORMAT])},
        "/v1/checks/{name}": {"get": _get("How often a reading is right, as far as people checked it", [_NAME])},
        "/v1/checks/{name}/examples": {"get": _get("What people checked, to teach from", [_NAME, _FORMAT])},
        "/v1/topics/changes": {"get": _get("What was changed in the topics, the latest first", []), "post": _CHANGE},
        "/v1/searches/try": {"get": _get("Try a search on history: what fits, by clause", [_query("q"), *_FILTERS])},
        "/v1/searches": {"get": _get("Saved searches, by name", []), "post": _SAVE},
        "/v1/searches/{name}": {"delete": _get("Remove a saved search", [{**_NAME, "schema": _TEXT}])},
        "/v1/imports/{id}": {"get": _get("What became of an import", [{**_NAME, "name": "id", "schema": _TEXT}])},
        "/v1/imports": {"get": _get("Every import, and what became of it", [])},
        "/v1/imports/{id}/undo": {"post": _UNDO},
        "/v1/people/forget": {"post": _FORGET},
        "/v1/receipts": {"get": _get("Erasures there were: when, and how much; never of whom", [])},
        "/v1/status": {"get": _get("What waits: journal, readings, quarantine", [])},
        "/v1/backups": {"post": _post("Copy every database into the data folder, for `heedful backup`")},
        "/v1/backups/{id}": {"get": _get("Whether a copy is made", [{**_NAME, "name": "id", "schema": _TEXT}])},
        "/v1/hooks/{name}": {"post": _HOOK, "get": _GREETING},
        "/metrics": {"get": _get("Figures for monitoring, in Prometheus's text format", []) | _SCRAPED},
        "/healthz": {"get": _plain("Whether the server is up")},
        "/readyz": {"get": _plain("Whether pages and questions can be answered")},
    }
    security = {"key": {"type": "http", "scheme": "bearer", "description": "`heedful key create` makes one"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Heedful", "version": __version__, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "security": [{"key": []}],
        "components": {"schemas": {**shapes, "Problem": _PROBLEM_SHAPE}, "securitySchemes": security},
    }


_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 1_000_000_000}
_PLACE = {"type": "string", "pattern": "^[0-9]{1,19}$", "description": "`next` of the page before"}
_MOMENT = {"type": "string", "pattern": "^[0-9]{1,18}-[0-9]{1,18}$", "description": "`as_of` of an answer"}
_PROBLEM_SHAPE = {
    "type": "object",
    "properties": {"title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
    "required": ["title", "status", "detail"],
}


def _query(name: str, schema: Any = None) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema or _TEXT}


_NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": folder.names(metrics)}}
_FILTERS = [_query("where", {"type": "array", "items": _TEXT}), *(_query(n) for n in ("since", "until", "tz"))]
_ASKED = [_query("by"), *_FILTERS, _query("compare", {"type": "string", "enum": ["before"]})]
_PAGED = [_query("as_of", _MOMENT), _query("offset", _NUMBER), _query("limit", _NUMBER)]
_FORMAT = _query("format", {"type": "string", "enum": ["json", "csv", "parquet"]})


def _failures(*codes: str) -> dict[str, Any]:
    return {code: {"description": FAILURES[code], "content": PROBLEM} for code in codes}


def _take(many: str, one: str) -> dict[str, Any]:
    shape = {"type": "array", "items": {"$ref": f"#/components/schemas/Incoming{one.title()}"}}
    return {
        "summary": f"Take a batch of {many}",
        "description": "Answers 202 once the batch is durable. The same id twice is one record.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": shape}}},
        "responses": {
            "202": {"description": "durable; `results` tells each record's fate", "content": {"application/json": {}}},
            **_failures("400", "401", "403", "408", "413", "422", "429"),
        },
    }


def _get(summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {}}
    if _FORMAT in parameters:
        content |= {"text/csv": {}, "application/vnd.apache.parquet": {}}
    done = {"200": {"description": "the answer", "content": content}}
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": done | _failures("400", "401", "403", "404", "503"),
    }


_FORGET = {
    "summary": "Erase people, or with `dry` say how much there is of them",
    "description": "Takes the right `forget`. Answers with the receipt once nobody can see anything of them any more.",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "person": {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 100},
                        "dry": {"type": "boolean"},
                    },
                    "required": ["person"],
                    "additionalProperties": False,
                }
            }
        },
    },
    "responses": {
        "200": {"description": "the receipt, or the counts", "content": {"application/json": {}}},
        **_failures("400", "401", "403", "429", "503"),
    },
}
_UNDO = {
    "summary": "Take an import back, or with `dry` say what would go",
    "description": "Takes the right `operate`. Versions of records that the import replaced come back.",
    "parameters": [{**_NAME, "name": "id", "schema": _TEXT}],
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"dry": {"type": "boolean"}}, "additionalProperties": False}
            }
        },
    },
    "responses": {
        "200": {"description": "rows by table that go, and how many come back", "content": {"application/json": {}}},
        **_failures("400", "401", "403", "404", "429", "503"),
    },
}


_SAVE = {
    "summary": "Keep a search under a name, or replace one of that name",
    "description": "The language is in how-to/searches. Handles of people are kept as pseudonyms.",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"name": _TEXT, "query": _TEXT},
                    "required": ["name", "query"],
                    "additionalProperties": False,
                }
            }
        },
    },
    "responses": {
        "200": {"description": "the search, with its version", "content": {"application/json": {}}},
        **_failures("400", "401", "403", "404", "429", "503"),
    },
}
_CHANGE = {
    "summary": "Change the topics",
    "description": "Takes the right `operate`. Each action needs some of the fields; all but `undo` can be undone.",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "action": {"type": "string", "enum": list(ACTIONS)},
                        **dict.fromkeys(("topic", "into", "name", "theme", "message"), _TEXT),
                        "like": {"type": "string", "enum": ["more", "less"]},
                        "version": _NUMBER,
                    },
                    "required": ["action"],
                    "additionalProperties": False,
                }
            }
        },
    },
    "responses": {
        "200": {"description": "the version that the change made", "content": {"application/json": {}}},
        **_failures("400", "401", "403", "404", "429", "503"),
    },
}


_HOOK = {
    "summary": "Send to a source of heedful.toml that takes webhooks",
    "description": "No key is needed: the body is signed, by Standard Webhooks or `sha256=` of it in a header. Answers "
    "202 once what it says is durable. The same again changes nothing.",
    "security": [],
    "parameters": [{**_NAME, "schema": _TEXT}],
    "requestBody": {"required": True, "content": {"application/json": {}}},
    "responses": {
        "202": {"description": "durable: how many are taken, gone, quarantined", "content": {"application/json": {}}},
        **_failures("400", "401", "404", "408", "413", "422", "429", "503"),
    },
}
_GREETING = {
    "summary": "Ask a source for the word that some senders want back before they send",
    "security": [],
    "parameters": [
        {**_NAME, "schema": _TEXT},
        *(_query(f"hub.{name}") for name in ("mode", "verify_token", "challenge")),
    ],
    "responses": {
        "200": {"description": "`hub.challenge`", "content": {"text/plain": {}}},
        **_failures("403", "404", "429"),
    },
}


def _post(summary: str) -> dict[str, Any]:
    begun = {"202": {"description": "begun", "content": {"application/json": {}}}}
    return {"summary": summary, "responses": begun | _failures("401", "403", "429", "503")}


_SCRAPED = {"responses": {"200": {"description": "figures", "content": {"text/plain": {}}}, **_failures("401", "403")}}


def _plain(summary: str) -> dict[str, Any]:
    done = {"200": {"description": "yes", "content": {"text/plain": {}}}}
    return {"summary": summary, "security": [], "responses": done | _failures("503")}
