"""Downloads: no more than was promised, from nowhere but the web, and without a token."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from qqgroup_provision.platforms.download import NotDownloaded, fetch
from tests.platforms.stub import Answer, Stub, stub


@pytest.fixture
def served() -> Iterator[Stub]:
    with stub() as found:
        yield found


def got(url: str, size: int) -> bytes:
    parts: list[bytes] = []
    assert size == asyncio.run(fetch(url, size, parts.append))
    return b"".join(parts)


@pytest.mark.parametrize("url", [
    "", "file:///etc/passwd", "ftp://127.0.0.1/x", "/etc/passwd", "http://", "https://a@b/x", "http://[", "data:,x",
])  # fmt: skip
def test_only_addresses_of_the_web_are_asked(url: str) -> None:
    with pytest.raises(NotDownloaded, match="none of the web"):
        got(url, 1)


@pytest.mark.parametrize("answer", [
    Answer(b"12"), Answer(b"1234"), Answer(b"123", status=206), Answer(b"123", status=500),
    Answer(b"123", status=302, headers={"Location": "http://127.0.0.1:9/"}), Answer(b"123456", cut=True),
])  # fmt: skip
def test_what_is_not_as_the_list_says_is_no_download(served: Stub, answer: Answer) -> None:
    served.gets["file"] = answer
    with pytest.raises(NotDownloaded):
        got(f"{served.url}/file", 3)


def test_a_file_comes_whole_and_no_token_goes_along(served: Stub) -> None:
    served.gets["file"] = Answer(b"123")

    assert b"123" == got(f"{served.url}/file", 3)
    ((_, headers, _),) = served.requests
    assert {"authorization", "cookie"}.isdisjoint(headers)
    assert "identity" == headers["accept-encoding"]


def test_nobody_there_is_no_download() -> None:
    with pytest.raises(NotDownloaded, match="broke off"):
        got("http://127.0.0.1:9/x", 3)
