"""A report posted once and then updated in place: a hidden marker on its first line finds it again."""

from __future__ import annotations

# A body may hold 65,536 characters; the rest is for the marker and the pointer to the whole.
LIMIT = 65_000

_AUTHOR = "github-actions[bot]"


def marked(marker: str, markdown: str, whole: str) -> str:
    """The body to post: the marker, then the report, cut at a line end with a pointer to the whole."""
    return f"<!-- {marker} -->\n{_cut(markdown, whole)}"


def is_ours(item: dict[str, object], marker: str) -> bool:
    """Whether a comment or issue is the report. Anybody can write the marker, so the author counts too."""
    user = item.get("user")
    author = user.get("login") if isinstance(user, dict) else None
    return author == _AUTHOR and str(item.get("body") or "").startswith(f"<!-- {marker} -->")


def _cut(markdown: str, whole: str) -> str:
    if len(markdown) <= LIMIT:
        return markdown
    pointer = f"\n\n**This report is cut here; [the run's summary]({whole}) has all of it.**\n"
    lines, length = [], 0
    room = LIMIT - len(pointer) - 100
    for line in markdown.splitlines(keepends=True):
        length += len(line)
        if length > room:
            break
        lines.append(line)
    return "".join(lines).rstrip("\n") + _closing(lines) + pointer


def _closing(lines: list[str]) -> str:
    """What ends the fence and the details that the cut has left open."""
    fence = ""
    details = 0
    for line in lines:
        ticks = len(line) - len(line.lstrip("`"))
        if fence:
            # A fence is closed by at least as many backticks, alone on their line.
            fence = "" if ticks >= len(fence) and not line.strip("`\n\r ") else fence
        elif ticks >= 3:
            fence = "`" * ticks
        else:
            details += line.count("<details") - line.count("</details>")
    return (f"\n{fence}" if fence else "") + "\n\n</details>" * max(details, 0)
