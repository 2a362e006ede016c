"""What the listening process passes on stays with the one who asked: no session, no header reaches anybody else."""

from collections.abc import Iterator

import httpx2
import pytest

from heedful.store.place import make
from serving import Serving, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(make(tmp_path_factory.mktemp("front") / "workspace")) as running:
        yield running


PATHS = ("/", "/messages", "/index.json", "/v1/metrics/volume", "/v1/status")


def test_a_session_is_its_owners_alone(server: Serving) -> None:
    with httpx2.Client(base_url=server.url) as signed_in:
        assert signed_in.get(f"/sign-in?token={server.token}").status_code == 303
        assert {path: signed_in.get(path).status_code for path in PATHS[:3]} == dict.fromkeys(PATHS[:3], 200)
        for path in PATHS:
            answer = httpx2.get(server.url + path)
            assert (answer.status_code, "set-cookie" in answer.headers) == (401, False), path


def test_a_key_is_forgotten_with_its_request(server: Serving) -> None:
    assert server.get("/v1/metrics/volume").status_code == 200
    assert httpx2.get(server.url + "/v1/metrics/volume").status_code == 401


def test_nothing_is_packed_that_was_not_asked_to_be(server: Serving) -> None:
    headers = {"authorization": f"Bearer {server.token}", "accept-encoding": "identity"}
    assert "content-encoding" not in httpx2.get(server.url + "/", headers=headers).headers
    packed = httpx2.get(server.url + "/", headers={**headers, "accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    with httpx2.Client() as bare:
        request = httpx2.Request("GET", server.url + "/", headers={"authorization": f"Bearer {server.token}"})
        assert "accept-encoding" not in request.headers
        assert "content-encoding" not in bare.send(request).headers
