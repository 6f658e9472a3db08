"""What the tool asks of a chat platform, as values and two ports: one that reads and one that writes.

Whoever is given a `GroupReader` alone is unable to change a group; planning never sees a `GroupWriter`.
Times are seconds, ids are QQ numbers, texts are plain: no HTML entities, LF line ends, no trailing blanks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Generic, Protocol, TypeVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.secrets import Secret

T_co = TypeVar("T_co", covariant=True)

# A field of a resource, as YAML, plan files and state can all hold it.
Value = str | int | bool | None | tuple["Value", ...] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Known(Generic[T_co]):
    """The platform was asked and answered."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Absent:
    """The platform was asked, and there is no such thing."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The platform could not be asked, or its answer made no sense. Nothing is ever derived from this."""

    reason: Text


Reading = Known[T_co] | Absent | Unknown


class Rank(IntEnum):
    """A member's standing in QQ itself. Each may do what those below may."""

    MEMBER = 0
    ADMIN = 1
    OWNER = 2


@dataclass(frozen=True, slots=True)
class LiveProfile:
    """What a group's own listing says of it. `None` where the implementation cannot read the field."""

    name: str
    remark: str | None
    mute_all: bool | None
    member_count: int = 0
    capacity: int = 0
    description: str | None = None


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """What only a group's details say of it. `None` where the implementation cannot read the field.

    Words are those of YAML. A value of QQ's own that YAML has no word for is given as `QQ <number>`, which is
    equal to none of them.
    """

    description: str | None = None
    join_method: str | None = None  # open, closed, review, question_and_review, correct_answer
    join_question: str | None = None
    member_invites: str | None = None  # disabled, require_approval, no_approval, no_approval_under_100
    history_visible: bool | None = None  # whether new members see what was said before
    robots: str | None = None  # free, review, forbidden
    upload_album: bool | None = None
    temporary_session: bool | None = None
    create_group: bool | None = None


@dataclass(frozen=True, slots=True)
class LiveMember:
    """One member of a group. `card` and `title` are empty when not set; a `title` of `None` cannot be read."""

    user_id: int
    rank: Rank
    nickname: str = ""
    card: str = ""
    title: str | None = ""


@dataclass(frozen=True, slots=True)
class LiveNotice:
    """One announcement. `pinned` and `confirm` are `None` where the implementation does not read them back."""

    notice_id: str
    text: str
    sender_id: int
    published_at: int
    images: tuple[str, ...] = ()
    pinned: bool | None = None
    confirm: bool | None = None


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """An announcement to publish. `image` is the picture's bytes."""

    text: str
    image: bytes | None = None
    pinned: bool = False
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class LiveFolder:
    """A folder of a group's files. There is one level of them. `file_count` is what its own listing says."""

    folder_id: str
    name: str
    file_count: int


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A file of a group. `folder` is a name, empty for none; `size` is in bytes. No server tells a file's digest.

    `file_id` is of no use after the listing it came in: NapCat makes new ones each time (qq_protocol §0.2).
    """

    file_id: str
    name: str
    folder: str
    size: int
    uploader_id: int
    uploaded_at: int
    temporary: bool = False  # QQ deletes it after a while, as the group had no room for it
    busid: int = 0


@dataclass(frozen=True, slots=True)
class LiveFiles:
    """All folders of a group, and the files of those that were asked for."""

    folders: tuple[LiveFolder, ...] = ()
    files: tuple[LiveFile, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveSpace:
    """How much room a group's files take, in bytes and in files. `None` where the implementation does not say."""

    used: int | None = None
    total: int | None = None
    count: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class LiveEssence:
    """A message. `sequence` is its number within the group, the only name of it that lasts (qq_protocol §0.2).

    `handle` and `random` are what the implementation calls it just now, where it does. `plain` is false where it
    holds more than text.
    """

    sequence: int
    sender_id: int
    text: str
    handle: str = ""
    random: str = ""
    plain: bool = True


@dataclass(frozen=True, slots=True)
class LiveEssences:
    """The essence messages of a group, and its newest messages, newest first, of which any may become one.

    `complete` is false where the listing may have been cut.
    """

    marked: tuple[LiveEssence, ...] = ()
    recent: tuple[LiveEssence, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class FileDraft:
    """A file to upload. `folder` is a name, empty for none; `size` is in bytes, `sha256` is hex.

    `parts` gives the content in parts of a size, as often as it is asked, and never holds more than one. It raises
    `InvalidInput` after the last one if it was not the file that was promised: nothing that QQ sees may be sent
    before it has ended. `path` is where it lies on this machine.
    """

    name: str
    folder: str
    size: int
    sha256: str
    parts: Callable[[int], Iterator[bytes]]
    path: str = ""


class Capability(StrEnum):
    """Something an implementation may or may not be able to do for us."""

    RENAME = "rename"
    SET_REMARK = "set_remark"
    MUTE_ALL = "mute_all"
    SET_ADMIN = "set_admin"
    SET_TITLE = "set_title"
    SET_CARD = "set_card"
    PUBLISH_NOTICE = "publish_notice"
    WITHDRAW_NOTICE = "withdraw_notice"
    SET_AVATAR = "set_avatar"
    SET_JOIN = "set_join"
    SET_MEMBER_INVITES = "set_member_invites"
    SET_HISTORY_VISIBLE = "set_history_visible"
    SET_ROBOTS = "set_robots"
    SET_PERMISSIONS = "set_permissions"
    CREATE_FOLDER = "create_folder"
    DELETE_FOLDER = "delete_folder"
    UPLOAD_FILE = "upload_file"
    DELETE_FILE = "delete_file"
    RENAME_FILE = "rename_file"
    KEEP_FILE = "keep_file"  # make a temporary file a lasting one
    DOWNLOAD_FILE = "download_file"
    SEND_MESSAGE = "send_message"
    MARK_ESSENCE = "mark_essence"
    UNMARK_ESSENCE = "unmark_essence"
    READ_FILES = "read_files"
    READ_ESSENCE = "read_essence"
    READ_DESCRIPTION = "read_description"
    READ_SETTINGS = "read_settings"  # what `LiveSettings` holds beside the description
    READ_NOTICES = "read_notices"
    NOTICE_IMAGE = "notice_image"  # put a picture into an announcement
    NOTICE_FLAGS = "notice_flags"  # choose `pinned` and `confirm`; without it: not pinned, and to be confirmed


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Who answers at an endpoint, and what it can do."""

    self_id: int
    implementation: str
    version: str
    capabilities: frozenset[Capability]
    # What a later version of this implementation can do, and from which version on.
    later: Mapping[Capability, str] = field(default_factory=dict)
    upload_limit: int | None = None  # bytes of a file that can be sent to it; `None` where only QQ sets one
    upload_part: int | None = None  # bytes of a file in one request; `None` where it is sent in one piece
    reads_paths: bool = False  # whether files are not sent at all: it reads them from the disk it shares with us


@dataclass(frozen=True, slots=True)
class LiveBehavior:
    """What a bot carries out in a group, as the document it was sent. `tag` is its sha256, in hex."""

    document: Mapping[str, Any]
    tag: str


class WriteRefused(Exception):
    """The platform said no: the operation was certainly not carried out."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(str(reason))


class AccountLimited(WriteRefused):
    """The platform says that it limits the account: whatever is sent now makes it worse."""


class AccountOffline(WriteRefused):
    """The account is not logged in, so nothing can be carried out by it."""


class Unsupported(WriteRefused):
    """The implementation knows no such action, whatever its version said: nothing of that kind can be done."""


class AnswerLost(Exception):
    """No answer came (a timeout, a cut connection): the operation may or may not have been carried out."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(str(reason))


class BehaviorReader(Protocol):
    """Asks bots what they carry out. A failed read is an `Unknown`."""

    async def behavior(self, group_id: int) -> Reading[LiveBehavior]:
        """What is carried out now. `Absent` where the bot has nothing for the group. One call."""

    async def tag(self, group_id: int) -> Reading[str]:
        """Its tag alone. One call, without the document."""


class BehaviorWriter(Protocol):
    """Has bots carry out something else. Raises `WriteRefused` or `AnswerLost`."""

    async def deliver(
        self, group_id: int, document: bytes, before: str, picture: Callable[[str, str], bytes]
    ) -> None:
        """Another document from now on, all of it at once. Refused if the tag is not `before` any more, which is
        empty for none. `picture` gives the content of each that the document names, by path and sha256; what the
        bot has already is not sent again."""


class NoBot:
    """Both, where no bot is named."""

    async def behavior(self, group_id: int) -> Reading[LiveBehavior]:
        return Unknown(_NO_BOT)

    async def tag(self, group_id: int) -> Reading[str]:
        return Unknown(_NO_BOT)

    async def deliver(
        self, group_id: int, document: bytes, before: str, picture: Callable[[str, str], bytes]
    ) -> None:
        raise WriteRefused(_NO_BOT)


_NO_BOT = say("no bot is named")


class Elsewhere(Protocol):
    """Sends to places that are not QQ."""

    async def send(self, where: str, text: str, picture: bytes | None) -> None:
        """Send to the notification of that key, once. Raises `WriteRefused` or `AnswerLost`."""


class Nowhere:
    """Where no notification is configured."""

    async def send(self, where: str, text: str, picture: bytes | None) -> None:
        raise WriteRefused(say("there is no notification `{key}`", key=where))


class GroupReader(Protocol):
    """Reads groups through one account. A failed read is an `Unknown`, never an exception or an empty list.

    `bots` are asked for what bots carry out in the groups.
    """

    bots: BehaviorReader

    async def profiles(self) -> Reading[Mapping[int, LiveProfile]]:
        """Every group the account is in, by group id. One list call."""

    async def members(self, group_id: int) -> Reading[Mapping[int, LiveMember]]:
        """Everybody in a group, by QQ number, as fresh as the implementation can give it."""

    async def member(self, group_id: int, user_id: int) -> Reading[LiveMember]:
        """One member, read freshly: for seeing whether a write took effect."""

    async def notices(self, group_id: int) -> Reading[tuple[LiveNotice, ...]]:
        """The announcements of a group, newest first. One list call."""

    async def settings(self, group_id: int) -> Reading[LiveSettings]:
        """What the group's details say of it. Two calls where the implementation can read them, else none."""

    async def files(self, group_id: int, folder: str | None = None) -> Reading[LiveFiles]:
        """Folders and files. With `folder` (empty for none) its files alone.

        One call, and one for each folder, or for the one that is asked for.
        """

    async def file_space(self, group_id: int) -> Reading[LiveSpace]:
        """How much room there is. One call where the implementation says, else none."""

    async def download(self, group_id: int, file: LiveFile, write: Callable[[bytes], object]) -> Reading[int]:
        """Give `write` a file that was listed just now, in parts, and never more than it has by the list; then its
        size. What was written before an `Unknown` is of no use."""

    async def essence(self, group_id: int) -> Reading[LiveEssences]:
        """Essence messages and the newest messages. Two calls; on LLBot one more for each essence message, over Milky
        some more pages."""


class GroupWriter(Protocol):
    """Changes groups through one account. Raises `WriteRefused` or `AnswerLost`; returning is no proof."""

    bots: BehaviorWriter
    elsewhere: Elsewhere

    async def rename(self, group_id: int, name: str) -> None: ...
    async def set_remark(self, group_id: int, remark: str) -> None: ...
    async def mute_all(self, group_id: int, muted: bool) -> None: ...
    async def set_admin(self, group_id: int, user_id: int, admin: bool) -> None: ...
    async def set_title(self, group_id: int, user_id: int, title: str) -> None: ...
    async def set_card(self, group_id: int, user_id: int, card: str) -> None: ...
    async def publish_notice(self, group_id: int, draft: NoticeDraft) -> None: ...
    async def withdraw_notice(self, group_id: int, notice_id: str) -> None: ...

    async def set_avatar(self, group_id: int, image: bytes) -> None: ...
    async def set_join(self, group_id: int, method: str, question: str, answer: Secret) -> None:
        """How people join. A question or answer the method has no use for is empty."""

    async def set_member_invites(self, group_id: int, policy: str) -> None: ...
    async def set_history_visible(self, group_id: int, visible: bool) -> None: ...
    async def set_robots(self, group_id: int, policy: str) -> None: ...
    async def set_permissions(
        self,
        group_id: int,
        *,
        upload_album: bool | None = None,
        temporary_session: bool | None = None,
        create_group: bool | None = None,
    ) -> None:
        """What members may do. Those that are `None` stay as they are, and are not sent."""

    async def create_folder(self, group_id: int, name: str) -> None: ...

    async def delete_folder(self, group_id: int, name: str) -> None:
        """Looks first, and refuses to delete a folder with anything in it."""

    async def upload_file(self, group_id: int, draft: FileDraft) -> None:
        """What everybody sees is sent once, and last; what comes before it may be sent again."""

    async def delete_file(self, group_id: int, file: LiveFile) -> None:
        """Looks for the file first: its id is not used, all the rest of it is. So with the two that follow."""

    async def rename_file(self, group_id: int, file: LiveFile, name: str) -> None: ...
    async def keep_file(self, group_id: int, file: LiveFile) -> None: ...
    async def send_message(self, group_id: int, text: str) -> None: ...

    async def mark_essence(self, group_id: int, sender_id: int, text: str, sequence: int) -> None:
        """Mark one of the newest messages: by its number, or with 0 the newest of a sender with that text."""

    async def unmark_essence(self, group_id: int, sequence: int) -> None: ...
