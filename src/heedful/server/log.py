"""The server's log: one line for each thing on standard error, JSON for programs or plain text for people.

No line holds a text, an address of a client, a query or a value of a path. Failures are logged as their kind and where
they happened, not with their messages: those may quote what somebody sent. Lines of other packages keep the first
line of their message as it is written in the code, without what was filled into it.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog

DEEPEST = 12
"""So many places, the innermost ones, say where a failure happened."""
PLACE = re.compile(r'^ *File "(.+?)", line (\d+), in (\w+)$', re.MULTILINE)
Event = MutableMapping[str, Any]


def configure(style: str, process: str, *, terminal: bool) -> None:
    """Have everything that this process logs written in a style: `json`, `text`, or `auto`: text on a terminal."""
    plain = style == "text" or (style == "auto" and terminal)
    renderer = structlog.dev.ConsoleRenderer(colors=terminal) if plain else structlog.processors.JSONRenderer()

    def name(_logger: object, _method: str, event: Event) -> Event:
        return {"process": process, **event}

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        failure,
    ]
    structlog.configure(
        processors=[*shared, renderer if plain else _json],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=(
            structlog.WriteLoggerFactory(sys.stderr) if plain else structlog.BytesLoggerFactory(sys.stderr.buffer)
        ),
        cache_logger_on_first_use=True,
    )
    chain = [_unfilled, *shared]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )
    writer = logging.StreamHandler(sys.stderr)
    writer.setFormatter(formatter)
    logging.basicConfig(handlers=[writer], level=logging.WARNING, force=True)


def failure(_logger: object, _method: str, event: Event) -> Event:
    """What failed and where, in place of an exception: its message may hold what somebody sent."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
        event["failure"] = type(error).__name__
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        if isinstance(error, OSError) and error.strerror:
            event["reason"] = error.strerror
    return event


def _json(_logger: object, _method: str, event: Event) -> bytes:
    """A line for programs; the standard library would take several times as long for each request."""
    return msgspec.json.encode(event)


def _unfilled(_logger: object, _method: str, event: Event) -> Event:
    """A line of another package, without what was filled into it."""
    record: logging.LogRecord = event["_record"]
    text = str(record.msg).strip()
    event["event"], event["logger"] = text.partition("\n")[0], record.name
    if found := PLACE.findall(text):  # a failure that was written out by whoever logged it
        event["where"] = [f"{file}:{line} {name}" for file, line, name in found[-DEEPEST:]]
        event["failure"] = text.splitlines()[-1].partition(":")[0]
    if record.exc_info:
        event["exc_info"] = record.exc_info
        record.exc_info = record.exc_text = None
    return event
