import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

import shop
from heedful.errors import NotAllowed
from heedful.server import stream
from heedful.server.stream import Stream


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LOOK", 0.01)
    monkeypatch.setattr(stream, "REST", 0.02)


def request() -> Request:
    return Request({"type": "http", "method": "GET", "path": "/v1/stream", "query_string": b"", "headers": []})


async def following(live: Stream) -> AsyncIterator[list[Any]]:
    """The events of one listener, as values."""
    answer: Any = await live.respond(request())
    assert answer.media_type == "text/event-stream"
    async for chunk in answer.body_iterator:
        for line in chunk.decode().splitlines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def test_a_message_arrives_and_again_when_it_was_read(tmp_path: Path) -> None:
    opened = shop.open_shop(tmp_path)
    opened.take("message", shop.messages(5))
    live = Stream(opened.asker, opened.store.clock, clients=2)

    async def listen() -> tuple[Any, Any, Any]:
        events = following(live)
        first = await anext(events)
        said = {"id": "new", "text": "A lovely <b>day</b>.", "occurred_at": shop.NOW.isoformat()}
        await asyncio.to_thread(opened.take, "message", [said], read=False)
        arrived = await asyncio.wait_for(anext(events), 20)
        await asyncio.to_thread(opened.take, "message", [])
        read = await asyncio.wait_for(anext(events), 20)
        await events.aclose()
        return first, arrived, read

    first, arrived, read = asyncio.run(listen())
    assert len(first) >= 5
    assert len(arrived) == len(read) == 1
    assert arrived[0]["id"] == read[0]["id"]
    assert "A lovely &lt;b&gt;day&lt;/b&gt;." in arrived[0]["html"]
    assert "not read yet" in arrived[0]["html"]
    assert "Positive" in read[0]["html"]
    opened.close()


def test_only_so_many_listen(tmp_path: Path) -> None:
    opened = shop.open_shop(tmp_path)
    opened.take("message", shop.messages(3))
    live = Stream(opened.asker, opened.store.clock, clients=1)

    async def crowd() -> tuple[int, int, int]:
        events = following(live)
        await anext(events)
        turned_away = await live.respond(request())
        listening = live.listening
        await events.aclose()
        await asyncio.sleep(0)
        return turned_away.status_code, listening, live.listening

    status, listening, after = asyncio.run(crowd())
    assert status == 429
    assert listening == 1
    assert after <= 1
    opened.close()


def test_whoever_may_not_read_text_is_refused(tmp_path: Path) -> None:
    opened = shop.open_shop(tmp_path)
    opened.refuse = NotAllowed("not for you")
    live = Stream(opened.asker, opened.store.clock, clients=1)
    answer = asyncio.run(live.respond(request()))
    assert answer.status_code == 403
    opened.close()


def test_one_listener_leaves_one_audit_row(tmp_path: Path) -> None:
    opened = shop.open_shop(tmp_path)
    opened.take("message", shop.messages(3))
    live = Stream(opened.asker, opened.store.clock, clients=1)

    async def listen() -> None:
        events = following(live)
        await anext(events)
        said = {"id": "new", "text": "Late.", "occurred_at": shop.NOW.isoformat()}
        await asyncio.to_thread(opened.take, "message", [said])
        await asyncio.wait_for(anext(events), 20)
        await events.aclose()

    asyncio.run(listen())
    assert [kind for kind, _ in opened.audit] == ["find"]
    opened.close()
