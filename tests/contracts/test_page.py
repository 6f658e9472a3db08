"""The page of the simulator names the clients it is checked against, in both languages."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
CLIENTS = {
    "aiocqhttp": "aiocqhttp",
    "nonebot2": "NoneBot",
    "nonebot-adapter-onebot": "nonebot-adapter-onebot",
    "nonebot-adapter-milky": "nonebot-adapter-milky",
}


@pytest.mark.parametrize("package", CLIENTS)
@pytest.mark.parametrize("page", ["reference/simulator.md", "zh-CN/reference/simulator.md"])
def test_the_page_names_each_client_with_its_version(page: str, package: str) -> None:
    assert f"{CLIENTS[package]} {version(package)}" in (DOCS / page).read_text(encoding="utf-8")
