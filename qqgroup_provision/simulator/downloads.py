"""Group files and pictures as QQ's own servers give them to whoever has the address, without any token.

Faults of the action `download` are an HTTP status (`http`), half of a file (`body`) or one without end (`pretend`).
"""

from __future__ import annotations

import itertools
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from qqgroup_provision.simulator.faults import Faults
from qqgroup_provision.simulator.group_files import FilesRefusal
from qqgroup_provision.simulator.world import World


class Downloads:
    """Serves the addresses that `GroupFiles.address` gives, and adds each download to the calls."""

    def __init__(self, world: World, calls: list[dict[str, Any]], faults: Faults) -> None:
        self._world = world
        self._calls = calls
        self._faults = faults

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/ftn_handler/{group:int}/{file}", self._serve),
            Route("/gchatpic_new/{name}/0", self._picture),
        ]

    async def _picture(self, request: Request) -> Response:
        content = self._world.pictures.get(request.path_params["name"])
        return Response(content, 404 if content is None else 200, media_type="application/octet-stream")

    async def _serve(self, request: Request) -> Response:
        group = request.path_params["group"]
        fault = self._faults.fault("download", group, writes=False)
        self._calls.append(
            {
                "n": len(self._calls), "account": "", "action": "download", "params": {}, "writes": False,
                "status": "", "fault": [key for key in fault if key != "seen"],
            }
        )  # fmt: skip
        if "http" in fault:
            return Response(None, fault["http"])
        try:
            parts = list(self._world.files.content(group, bytes.fromhex(request.path_params["file"]).decode()))
        except (FilesRefusal, ValueError):
            return Response(None, 404)
        if "body" in fault:
            parts = [part[: len(part) // 2] for part in parts]
        return StreamingResponse(itertools.repeat(bytes(1 << 16)) if "pretend" in fault else iter(parts))
