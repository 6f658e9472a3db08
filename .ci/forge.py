"""The few GitHub REST calls the workflows make, with nothing but the standard library."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_PAGE = 100
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Forge:
    """One repository's API. A call that GitHub refuses ends the program with GitHub's own sentence."""

    api: str
    repository: str
    token: str = field(repr=False)

    @classmethod
    def from_environment(cls) -> Forge:
        """As a workflow step sees it; GH_TOKEN has to be handed to the step on purpose."""
        try:
            return cls(
                os.environ.get("GITHUB_API_URL", "https://api.github.com"),
                os.environ["GITHUB_REPOSITORY"],
                os.environ["GH_TOKEN"],
            )
        except KeyError as missing:
            raise SystemExit(f"The environment variable {missing.args[0]} is not set.") from None

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The decoded answer to one request below the repository; SystemExit when it is refused."""
        request = urllib.request.Request(
            f"{self.api}/repos/{self.repository}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                reason = error.read(2000).decode(errors="replace")
            raise SystemExit(f"{method} {path}: HTTP {error.code}: {reason}") from None
        except urllib.error.URLError as error:
            raise SystemExit(f"{method} {path}: {error.reason}") from None

    def pages(self, path: str) -> Iterator[Any]:
        """Every item of a list, page after page."""
        joint = "&" if "?" in path else "?"
        page = 1
        while True:
            items = self.call("GET", f"{path}{joint}per_page={_PAGE}&page={page}")
            yield from items
            if len(items) < _PAGE:
                return
            page += 1
