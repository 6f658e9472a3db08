"""What nobody named in YAML has a key of its own, also where YAML gave that very key to something else."""

from __future__ import annotations

from qqgroup_provision.ports import Known, LiveEssence, LiveEssences, LiveNotice
from qqgroup_provision.resources.announcement import AnnouncementKind
from qqgroup_provision.resources.essence import EssenceKind
from qqgroup_provision.resources.kind import Observed
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.workspace.model import UNSET, Announcement, Essence
from tests.planning.material import PLACE, SELF, hub


def texts(readings: object) -> dict[str, object]:
    assert isinstance(readings, dict)
    seen = {key: found.value for key, found in readings.items() if isinstance(found, Known)}
    return {key: value.fields["text"] for key, value in seen.items() if isinstance(value, Observed)}


def test_an_essence_message_of_that_number_is_not_taken_for_the_one_with_the_key() -> None:
    group = hub(essence=(Essence("message-7", "ours", PLACE),))
    marked = (LiveEssence(3, SELF, "ours"), LiveEssence(7, SELF, "theirs"))
    kind, live = EssenceKind(), LiveGroup(SELF, essence=Known(LiveEssences(marked)))
    found = texts(dict(kind.observe(group, kind.wanted(group), {}, live)))

    assert {"message-7": "ours", "message-7@live": "theirs"} == found


def test_an_announcement_of_that_id_is_not_taken_for_the_one_with_the_key() -> None:
    group = hub(announcements=(Announcement("notice-a7", "ours", UNSET, UNSET, UNSET, {"text": PLACE}),))
    notices = (LiveNotice("a3", "ours", SELF, 2), LiveNotice("a7", "theirs", SELF, 1))
    kind, live = AnnouncementKind(), LiveGroup(SELF, notices=Known(notices))
    found = texts(dict(kind.observe(group, kind.wanted(group), {}, live)))

    assert {"notice-a7": "ours", "notice-a7@live": "theirs"} == found
