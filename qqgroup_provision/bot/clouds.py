"""Pictures of words, the same for the same words, drawn with a font that has Chinese; else their list is said."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from qqgroup_provision.behavior.event import Cloud, Image, Segment, Text
from qqgroup_provision.bot.records import Records

_WIDTH, _HEIGHT = 900, 600
_SAMPLE = "\u4e2d\u6587"  # a font without these has no Chinese
_NAMES = ("cjk", "wqy", "han", "hei", "song", "ming", "kai", "yahei", "simsun", "msyh", "pingfang", "noto", "uming")
_MOST_FONTS = 2000  # files that are looked at
_NOTHING_THERE = "\U0010fffe"


class Clouds:
    """Draws. `font` is a file; without one, any of this machine that has Chinese will do."""

    def __init__(self, records: Records, font: Path | None = None) -> None:
        self._records = records
        self._font = font
        self._told = False

    async def drawn(self, segments: tuple[Segment, ...]) -> tuple[tuple[Segment, ...], dict[str, bytes]]:
        """What is said, and the pictures in it by the names that they have there."""
        if not any(isinstance(part, Cloud) for part in segments):
            return segments, {}
        said: list[Segment] = []
        pictures: dict[str, bytes] = {}
        for part in segments:
            if not isinstance(part, Cloud):
                said.append(part)
                continue
            try:
                content = await asyncio.to_thread(picture, part.words, self._font)
            except Exception as error:  # a package that is missing, a font that is broken
                self._tell(f"{type(error).__name__}: {error}"[:300])
                said.append(Text(part.instead))
            else:
                name = f"cloud:{len(pictures)}"
                pictures[name] = content
                said.append(Image(name))
        return tuple(said), pictures

    def _tell(self, reason: str) -> None:
        """Once: it will be so the next time, too."""
        if not self._told:
            self._told = True
            self._records.write(
                "log", level="WARNING", message="words are not drawn, their list is said", reason=reason
            )


def picture(words: Iterable[tuple[str, int]], font: Path | None) -> bytes:
    """A PNG of words, larger the more often they were said. Raises `Exception` where it cannot be drawn."""
    from wordcloud import WordCloud  # of the extra; with all that it brings it takes a second

    chosen = font if font is not None else found_font()
    if chosen is None or not has_chinese(chosen):
        raise RuntimeError(f"{chosen or 'no font here'} has no Chinese; name one with --font")
    cloud = WordCloud(
        font_path=str(chosen),
        width=_WIDTH,
        height=_HEIGHT,
        background_color="white",
        random_state=0,
        colormap="tab10",
    )
    content = io.BytesIO()
    cloud.generate_from_frequencies(dict(words)).to_image().save(content, "PNG")
    return content.getvalue()


@cache
def found_font() -> Path | None:
    """A font of this machine that has Chinese; `None` where there is none."""
    return next((path for path in _by_name(_folders()) if has_chinese(path)), None)


@cache
def has_chinese(font: Path) -> bool:
    """Whether a file is a font with signs for Chinese, and not the same empty box for each of them."""
    from PIL import ImageFont

    try:
        opened = ImageFont.truetype(str(font), 20)
        boxes = {bytes(opened.getmask(char)) for char in (*_SAMPLE, _NOTHING_THERE)}
    except (OSError, ValueError):
        return False
    return len(boxes) == len(_SAMPLE) + 1


def _folders() -> tuple[Path, ...]:
    home = Path.home()
    if sys.platform == "win32":
        return (Path("C:/Windows/Fonts"), home / "AppData/Local/Microsoft/Windows/Fonts")
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    return (home / ".local/share/fonts", home / ".fonts", Path("/usr/local/share/fonts"), Path("/usr/share/fonts"))


def _by_name(folders: Iterable[Path]) -> Iterator[Path]:
    """The fonts there, first those that by their names may have Chinese."""
    found: list[Path] = []
    for folder in folders:
        for root, _, names in os.walk(folder):
            found += (Path(root, name) for name in sorted(names) if name.lower().endswith((".ttf", ".ttc", ".otf")))
    yield from sorted(found[:_MOST_FONTS], key=lambda path: not any(name in path.name.lower() for name in _NAMES))
