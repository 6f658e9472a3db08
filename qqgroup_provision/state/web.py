"""Requests to a web server that keeps state. No redirects (a password must not follow one to another host), no
proxies, no cookies, no compression, certificates checked, and an answer is read up to a limit only."""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass
from functools import cache
from types import TracebackType

import httpx

from qqgroup_provision.secrets import Secret

MAX_ANSWER_BYTES = 256 << 20
_CONNECT = 10.0  # seconds until a connection has to be made


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """An answer as it came. `md5` is the header Content-MD5, or empty; `is_page` tells a web page from data."""

    status: int
    body: bytes
    md5: str = ""
    is_page: bool = False


class NoAnswer(Exception):
    """No whole answer came. `sent` is false only where the request cannot have arrived."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class Web:
    """Connections to one server, with one user. `timeout` in seconds is for each part of an exchange."""

    def __init__(self, username: str, password: Secret | None, timeout: float) -> None:
        headers = {"Accept-Encoding": "identity", "Accept": "application/json"}
        if username:
            pair = f"{username}:{password.reveal() if password else ''}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
        self._client = httpx.Client(
            headers=headers,
            verify=_vouched(),
            timeout=httpx.Timeout(timeout, connect=min(_CONNECT, timeout)),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._client.close()

    def send(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> WebAnswer:
        """Send one request, once. Raises `NoAnswer`."""
        try:
            with self._client.stream(method, url, content=body, headers=headers) as response:
                content = _bounded(response)
                kind = response.headers.get("content-type", "")
                return WebAnswer(
                    response.status_code,
                    content,
                    response.headers.get("content-md5", ""),
                    kind.startswith("text/html"),
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise NoAnswer(_problem(error), sent=False) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(_problem(error), sent=True) from None


@cache
def _vouched() -> ssl.SSLContext:
    """Whom to believe: those whom `SSL_CERT_FILE` or `SSL_CERT_DIR` names, else those of certifi."""
    return httpx.create_ssl_context()


def _bounded(response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_raw():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise NoAnswer(f"more than {MAX_ANSWER_BYTES} bytes", sent=True)
        parts.append(part)
    if response.headers.get("content-encoding", "identity") != "identity":
        raise NoAnswer("compressed, which was not asked for", sent=True)
    return b"".join(parts)


def _problem(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
