"""What can end a command early. Each carries diagnostics for the user and the exit code of its situation.

QQGroupError                exit
  InvalidInput               1    a file, an option or a variable is wrong
  EndpointError              1    an endpoint could not be reached, refused us, or answered nonsense
  Refused                    3    a guard stands in the way
  LockHeld                   4    somebody else is applying
  StalePlan                  5    the saved plan no longer describes what would happen
  Incomplete                 6    an apply did part of its work
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from qqgroup_provision.diagnostics import Diagnostic


class QQGroupError(Exception):
    """The base of every error the tool raises on purpose."""

    exit_code: ClassVar[int] = 1

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic]) -> None:
        self.diagnostics = (diagnostics,) if isinstance(diagnostics, Diagnostic) else tuple(diagnostics)
        super().__init__("; ".join(f"{item.code} {item.summary}" for item in self.diagnostics))


class InvalidInput(QQGroupError):
    """What the user gave cannot be used: YAML, an option, a variable, a file of ours that is damaged."""


class EndpointError(QQGroupError):
    """An endpoint is down, refuses the token, or answers what the protocol does not allow."""


class Refused(QQGroupError):
    """A guard stands in the way."""

    exit_code = 3


class LockHeld(QQGroupError):
    """Another process holds the state's lock."""

    exit_code = 4


class StalePlan(QQGroupError):
    """A saved plan was made for another configuration, state or live group."""

    exit_code = 5


class Incomplete(QQGroupError):
    """Some operations were not carried out, or could not be seen to have been."""

    exit_code = 6
