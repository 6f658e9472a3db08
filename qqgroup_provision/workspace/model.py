"""What a workspace says, typed and frozen. Nothing here knows of YAML syntax, files or live groups.

Three values everywhere: `UNSET` is not managed, `None` is to be cleared, anything else is to be set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.workspace.moments import CHINA

if TYPE_CHECKING:
    from qqgroup_provision.behavior.configuration import Configuration
    from qqgroup_provision.workspace.notifications import Notification
    from qqgroup_provision.workspace.owners import Owned
    from qqgroup_provision.workspace.shared_state import SharedState

T = TypeVar("T")


class Unset(Enum):
    """The type of `UNSET`: YAML says nothing, so the tool leaves the field alone."""

    UNSET = "unset"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
Managed: TypeAlias = T | Unset | None


class Ownership(Enum):
    """What happens to live items of a collection that YAML does not name."""

    ADDITIVE = "additive"  # they are left alone
    EXCLUSIVE = "exclusive"  # they are removed, and the plan shows each
    REPORT = "report"  # they are left alone, and the plan shows each


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an account may act. All in seconds but `in_flight`, which counts requests."""

    write: float = 2.0  # between two writes
    announcement: float = 10.0  # between two announcements
    settle: float = 2.0  # until an implementation's member cache is fresh
    in_flight: int = 32  # reads side by side
    file: float = 5.0  # between two uploads


@dataclass(frozen=True, slots=True)
class Account:
    """A QQ account that operates groups. `token` is the reference as written, `${env:…}` or `${file:…}`."""

    key: str
    endpoint: str
    protocol: str
    token: str
    pace: Pace
    place: Place


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that carries out what groups' YAML says of one. `token` is a reference, as an account's is."""

    key: str
    endpoint: str
    token: str
    place: Place


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody YAML can name. `name` fills `{name}` in a card and defaults to the key.

    `emails` and `forge`, an account without its @, tell their commits apart.
    """

    key: str
    qq: int
    name: str
    emails: tuple[str, ...] = ()
    forge: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """Members who share what they are. A field that is `UNSET` leaves that side of its members alone."""

    key: str
    members: tuple[Person, ...]
    admin: Managed[bool]
    title: Managed[str]
    card: Managed[str]
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the workspace. `path` is relative to the workspace, `sha256` is hex, `size` in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when something is to be there; `None` is without a bound. With time zones."""

    opens: datetime | None = None
    closes: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return (self.opens is None or self.opens <= now) and (self.closes is None or now < self.closes)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a group's join question. `reference` is as written, `${secret:…}` or `${env:…}`.

    `digest` is what may be kept of the answer itself; it is empty until somebody looked the answer up.
    """

    reference: str
    place: Place
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """Who may join, and how. The words are those of YAML."""

    method: Managed[str] = UNSET
    question: Managed[str] = UNSET
    answer: Managed[Answer] = UNSET
    member_invites: Managed[str] = UNSET
    history_visible: Managed[bool] = UNSET
    robots: Managed[str] = UNSET
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What members may do."""

    upload_album: Managed[bool] = UNSET
    temporary_session: Managed[bool] = UNSET
    create_group: Managed[bool] = UNSET
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announcement as YAML wants it. Flags that are `UNSET` are sent as QQ's default and not compared.

    `due` says whether it is to be up: false outside its window, as somebody with a clock found.
    """

    key: str
    text: str
    image: Managed[Asset]
    pinned: Managed[bool]
    confirm: Managed[bool]
    places: Mapping[str, Place]
    window: Window | None = None
    due: bool = True
    mirror_to: tuple[str, ...] = ()  # keys of notifications

    @property
    def place(self) -> Place:
        return self.places["text"]


@dataclass(frozen=True, slots=True)
class GroupFile:
    """A file the group is to have. `folder` is a name, empty for none."""

    folder: str
    name: str
    source: Asset
    place: Place

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}" if self.folder else self.name


@dataclass(frozen=True, slots=True)
class Files:
    """The folders and files a group is to have. `folders` has those of the items too.

    `keep_versions` is how many earlier versions of a file stay, under names with their date.
    """

    folders: Mapping[str, Place] = field(default_factory=dict)
    items: tuple[GroupFile, ...] = ()
    keep_versions: int = 0


@dataclass(frozen=True, slots=True)
class Essence:
    """A message the group is to have among its essence messages."""

    key: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Group:
    """One QQ group, composed from its file, its templates and its parent."""

    key: str
    id: int
    account: str
    parent: str | None
    place: Place
    name: Managed[str] = UNSET
    remark: Managed[str] = UNSET
    avatar: Managed[Asset] = UNSET
    description: Managed[str] = UNSET
    join: Join = field(default_factory=Join)
    permissions: Permissions = field(default_factory=Permissions)
    mute_all: Managed[bool] = UNSET
    roles: Managed[tuple[Role, ...]] = UNSET
    announcements: Managed[tuple[Announcement, ...]] = UNSET
    files: Managed[Files] = UNSET
    essence: Managed[tuple[Essence, ...]] = UNSET
    manage: Mapping[str, Ownership] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    behavior: Configuration | None = None  # what its bot does, where YAML says anything of it
    bot: str | None = None  # who carries it out; `None` where the workspace names no bot
    behavior_document: Mapping[str, Any] | None = None  # the same as plain data, as it travels to the bot
    curfew_now: bool = False  # whether its bot keeps everybody muted, as somebody with a clock found
    protect: tuple[str, ...] = ()  # patterns of addresses within the group
    moved: str | None = None  # the key it had before

    def ownership(self, collection: str) -> Ownership:
        return self.manage.get(collection, Ownership.ADDITIVE)


@dataclass(frozen=True, slots=True)
class Safety:
    """What a plan may not pass without being allowed to. Shares are in percent of what is there; `None` is no limit.

    Below `min_existing` resources shares do not count. `min_admins` leaves the owner out.
    """

    max_delete_percent: int = 30
    max_update_percent: int = 50
    min_existing: int = 10
    min_admins: int = 1
    required_admins: tuple[Person, ...] = ()
    max_announcements: int | None = None
    max_messages: int | None = None
    max_people: int | None = None
    require_tls: bool = False  # whether an endpoint whose token can be read on its way is an error


@dataclass(frozen=True, slots=True)
class Check:
    """A rule of the team's own over plans: `deny` is a JMESPath expression over a plan as its file has it.

    What it finds stands against the plan; with `warns` it is only told.
    """

    key: str
    deny: str
    message: str
    warns: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything under `groups/`, checked. `digest` is the sha256 of all that went into it, assets included.

    `state_path` is the state's file, unless `shared_state` names a store that several machines share.
    """

    root: Path
    accounts: Mapping[str, Account]
    people: Mapping[str, Person]
    groups: Mapping[str, Group]
    state_path: Path
    digest: str
    safety: Safety = Safety()
    bots: Mapping[str, Bot] = field(default_factory=dict)
    shared_state: SharedState | None = None
    zone: tzinfo = CHINA  # of times that name none
    checks: tuple[Check, ...] = ()
    owners: tuple[Owned, ...] = ()
    notifications: Mapping[str, Notification] = field(default_factory=dict)
    assets: frozenset[str] = frozenset()  # the files that went into it beside YAML, relative to the root
