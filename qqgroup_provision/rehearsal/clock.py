"""Times as people type them: `23:40`, `2026-12-01T23:40` or `2026-12-01 23:40`."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from qqgroup_provision.workspace.moments import moment

YEARS = range(1999, 2101)  # QQ began in the first; near the end of the calendar nothing can be put off any more
_CLOCK = re.compile(r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?\Z")


def time_after(written: str, now: datetime) -> datetime | None:
    """The moment that is meant, in the zone of `now`: of a time of the day the next one, `now` included. `None` for
    what is no time."""
    written = written.strip().replace("：", ":")
    if _CLOCK.match(written):
        try:
            at = datetime.combine(now.date(), time.fromisoformat(written.zfill(5 if written.count(":") == 1 else 8)))
        except ValueError:
            return None
        at = at.replace(tzinfo=now.tzinfo)
        return at if at >= now else at + timedelta(days=1)
    found = moment(written, now.tzinfo) if now.tzinfo is not None and written[:1].isdigit() else None
    return found.astimezone(now.tzinfo) if found is not None and found.year in YEARS else None
