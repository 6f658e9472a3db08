"""What the options before the command say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """`folder` is the workspace, `color` is `None` where the terminal decides."""

    folder: Path
    color: bool | None
    debug: bool
