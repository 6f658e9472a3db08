"""Lists of hosts, and hosts that pass themselves off as others.

A line of a list is a host, which means it and all below it, or `*.` and a host, which means only those below. Hosts
are compared as browsers follow them. One with foreign letters is also compared as people read it: `еvil.com` with a
Cyrillic е is found by `evil.com`. Hosts of plain letters are not: who lists `paypa1.com` does not mean `paypal.com`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from qqgroup_provision.behavior.links import host_form, is_among
from qqgroup_provision.behavior.normal import fold

BELOW = "*."
MOST = 20_000  # hosts of one list
_LONGEST = 253  # characters of a host
# Under these anybody may have a name, so a list that has one would mean half of the web.
_SHARED = frozenset(
    f"{kind}.{country}"
    for country in ("cn", "hk", "tw", "jp", "kr", "uk", "au", "br", "in", "sg", "my", "nz")
    for kind in ("com", "net", "org", "gov", "edu", "ac", "co", "ne", "or", "go", "idv")
)
_LOOKS = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "3": "e", "5": "s", "8": "b", "-": None, "_": None})


@dataclass(frozen=True, slots=True)
class Hosts:
    """A list of hosts from a file of the workspace; `sha256` is that of its lines in order."""

    path: str
    sha256: str
    whole: frozenset[str] = field(compare=False, repr=False)  # the host itself and all below
    below: frozenset[str] = field(compare=False, repr=False)  # only those below

    def takes(self, host: str) -> bool:
        """Whether a host, in its form, is one the list means."""
        return any(self._names(form) for form in _forms(host))

    def lines(self) -> list[str]:
        """The lines, in order, as `hosts_of` takes them."""
        return sorted((*self.whole, *(BELOW + host for host in self.below)))

    def _names(self, host: str) -> bool:
        labels = host.split(".")
        ends = [".".join(labels[start:]) for start in range(len(labels))]
        return any(end in self.whole for end in ends) or any(end in self.below for end in ends[1:])


def hosts_of(path: str, lines: Iterable[str]) -> Hosts:
    """The list that lines make, each a host in its form, alone or after `*.`."""
    known = sorted(set(lines))
    digest = sha256("\n".join(known).encode()).hexdigest()
    below = frozenset(line.removeprefix(BELOW) for line in known if line.startswith(BELOW))
    return Hosts(path, digest, frozenset(line for line in known if not line.startswith(BELOW)), below)


def line_form(written: str) -> str | None:
    """A line of a file in the form of a list: empty for one that says nothing, `None` for one that is no host."""
    text = written.partition("#")[0].strip()
    if not text:
        return ""
    prefix = BELOW if text.startswith(BELOW) else ""
    host = host_form(text.removeprefix(BELOW))
    labels = host.split(".")
    good = host.isascii() and len(host) <= _LONGEST and all(_is_label(label) for label in labels)
    return prefix + host if good else None


def is_shared(line: str) -> bool:
    """Whether a line would mean the hosts of everybody: an ending such as `com` or `com.cn`."""
    host = line.removeprefix(BELOW)
    return "." not in host or host in _SHARED


def imitates(host: str, protected: Iterable[str]) -> bool:
    """Whether a host passes itself off as one of these: by how it is spelt, or with its name before another end.

    `protected` are in their form. None of them, and nothing below one, does.
    """
    known = tuple(protected)
    if is_among(host, known):
        return False
    labels = [_look(label) for label in _read(host).split(".")]
    for one in known:
        wanted = [_look(label) for label in one.split(".")]
        size = len(wanted)
        if any(labels[start : start + size] == wanted for start in range(len(labels) - size + 1)):
            return True
    return False


def _is_label(label: str) -> bool:
    return 0 < len(label) <= 63 and label.replace("-", "").replace("_", "").isalnum()


def _forms(host: str) -> Iterator[str]:
    yield host
    if "xn--" in host:
        yield _read(host)


def _read(host: str) -> str:
    """A host as people read it, small and without foreign letters that look like Latin ones."""
    if "xn--" not in host:
        return host
    try:
        return fold(host.encode("ascii").decode("idna")).replace(" ", "")
    except UnicodeError:
        return host


def _look(label: str) -> str:
    """A label as it looks at a glance."""
    return label.translate(_LOOKS).replace("rn", "m").replace("vv", "w")
