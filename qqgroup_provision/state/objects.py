"""Objects of a bucket, written only if they are as the writer saw them: If-None-Match for a new one, else If-Match.

Whatever is written has something in it that nobody else would write, so a writer whose answer was lost knows its own
by reading it back, and no tag can come again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from qqgroup_provision.secrets import Secret
from qqgroup_provision.state.faults import refused, unreachable, unreadable

if TYPE_CHECKING:
    from obstore import UpdateVersion

_LARGEST = 256 << 20  # bytes of an object that is read
_TRIES = 3


class Conflict(Exception):
    """The object is not as the writer saw it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object: its content, its tag, and by the server's clock when it was written."""

    content: bytes
    tag: str
    written: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where objects are. Without a key the environment says who asks, as for every tool of AWS. Times in seconds."""

    bucket: str
    region: str = ""
    endpoint: str = ""
    access_key_id: Secret | None = None
    secret_access_key: Secret | None = None
    virtual_hosted: bool = False
    timeout: float = 20.0


class Objects:
    """Reads and writes objects of one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self.place = f"s3://{bucket.bucket}" + (f" at {bucket.endpoint}" if bucket.endpoint else "")
        self._made: Any = None

    def get(self, key: str) -> Stored | None:
        """An object; `None` only if the store says that there is none of this name."""
        import obstore

        try:
            with self._faults():
                found = obstore.get(self._store(), key)
                meta = found.meta
                if meta["size"] > _LARGEST:
                    raise unreadable(self.place, f"{meta['size']} bytes")
                return Stored(bytes(found.bytes()), meta["e_tag"] or "", meta["last_modified"])
        except FileNotFoundError as error:
            # A bucket that is not there, or a page of a proxy, is no object that is not there.
            if "<Code>NoSuchKey</Code>" in str(error):
                return None
            raise unreadable(self.place, _first_line(error)) from None

    def put(self, key: str, content: bytes, tag: str | None) -> str:
        """Write an object that is still as `tag` says (`None`: that is not there yet); gives its new tag.

        Raises `Conflict`. `content` has to be unlike anything that anybody else would write there.
        """
        lost: Exception | None = None
        for _ in range(_TRIES):
            try:
                return self._put(key, content, tag)
            except Conflict:
                # After a lost answer the object that is in the way may be ours.
                now = self.get(key)
                if now is not None and now.content == content:
                    return now.tag
                raise
            except _Lost as error:
                lost = error
        raise unreachable(self.place, str(lost))

    def overwrite(self, key: str, content: bytes) -> None:
        """Write an object whatever is there: for what nothing depends on."""
        import obstore

        with self._faults():
            obstore.put(self._store(), key, content, use_multipart=False)

    def delete(self, key: str) -> None:
        import obstore

        with self._faults():
            obstore.delete(self._store(), key)

    def accepts(self, key: str, content: bytes, tag: str | None) -> bool:
        """Whether the store takes a write on this condition."""
        try:
            self._put(key, content, tag)
        except Conflict:
            return False
        except _Lost as error:
            raise unreachable(self.place, str(error)) from None
        return True

    def _put(self, key: str, content: bytes, tag: str | None) -> str:
        import obstore
        from obstore.exceptions import AlreadyExistsError, GenericError, NotSupportedError, PreconditionError

        known: UpdateVersion = {"e_tag": tag}
        try:
            with self._faults(GenericError):
                put = obstore.put(
                    self._store(), key, content, mode="create" if tag is None else known, use_multipart=False
                )
        except (AlreadyExistsError, PreconditionError):
            raise Conflict from None
        except FileNotFoundError as error:  # If-Match, and nothing is there
            if "<Code>NoSuchKey</Code>" in str(error):
                raise Conflict from None
            raise unreadable(self.place, _first_line(error)) from None
        except NotSupportedError as error:
            raise unreadable(self.place, _first_line(error)) from None
        except GenericError as error:
            if "409 Conflict" in str(error):  # two writes at the same moment: S3 lets one of them try again
                raise Conflict from None
            raise _Lost(_first_line(error)) from None
        if not put["e_tag"]:
            raise unreadable(self.place, "ETag")
        return put["e_tag"]

    def _store(self) -> Any:
        if self._made is None:
            from obstore.store import S3Store

            at = self._bucket
            said: dict[str, Any] = {"region": at.region, "endpoint": at.endpoint}
            said |= {"access_key_id": at.access_key_id and at.access_key_id.reveal()}
            said |= {"secret_access_key": at.secret_access_key and at.secret_access_key.reveal()}
            with self._faults():
                self._made = S3Store(
                    at.bucket,
                    config={key: value for key, value in said.items() if value},  # type: ignore[arg-type]
                    virtual_hosted_style_request=at.virtual_hosted,
                    client_options={
                        "allow_http": at.endpoint.startswith("http://"),
                        "timeout": timedelta(seconds=at.timeout),
                        "connect_timeout": timedelta(seconds=min(10.0, at.timeout)),
                    },
                    # What is tried again is decided here, where it is known what a lost answer means.
                    retry_config={"max_retries": 0},
                )
        return self._made

    @contextmanager
    def _faults(self, *left: type[Exception]) -> Iterator[None]:
        """What is wrong with a store, by what a person can do about it. `left` are for the caller."""
        from obstore.exceptions import BaseError, GenericError, PermissionDeniedError, UnauthenticatedError

        try:
            yield
        except left:
            raise
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise refused(self.place, _first_line(error)) from None
        except GenericError as error:
            raise unreachable(self.place, _first_line(error)) from None
        except (BaseError, ValueError) as error:
            if _is_conflict(error):
                raise
            raise unreadable(self.place, _first_line(error)) from None


class _Lost(Exception):
    """No answer came, so the object may be written or not."""


def _is_conflict(error: Exception) -> bool:
    from obstore.exceptions import AlreadyExistsError, NotSupportedError, PreconditionError

    return isinstance(error, (AlreadyExistsError, PreconditionError, NotSupportedError))


def _first_line(error: Exception) -> str:
    """The sentence of an error, without what of the program's inside follows it."""
    return str(error).split("\n", 1)[0][:300]
