"""A PostgreSQL of the tests' own: started once for all workers, on a unix socket in a folder of its own.

QQGROUP_TEST_POSTGRES names one that is there already. Where neither can be had, tests fail: what was not tried is not
known to work. `.ci/postgres` installs one where that is allowed.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "right-secret"
_PORT = 5432
_HBA = "local all keyholder scram-sha-256\nlocal all all trust\n"


@contextmanager
def shared_postgres(root: Path) -> Iterator[str]:
    """The URL of a server that all who name the same folder share; the last one stops it."""
    given = os.environ.get("QQGROUP_TEST_POSTGRES")
    if given:
        yield given
        return
    users = root / "postgres.users"
    with _alone(root):
        if not users.exists():
            users.write_text("0 " + start())
        count, _, url = users.read_text().partition(" ")
        users.write_text(f"{int(count) + 1} {url}")
    try:
        yield url
    finally:
        with _alone(root):
            count = users.read_text().partition(" ")[0]
            users.write_text(f"{int(count) - 1} {url}")
            if count == "1":
                users.unlink()
                stop(url)


def start(*addresses: str, port: int = _PORT) -> str:
    """Make a cluster and start it; gives its URL. Without addresses it listens on its socket alone."""
    folder = Path(tempfile.mkdtemp(prefix="qqpg-"))  # a short path: that of a socket has at most 107 characters
    if os.getuid() == 0:
        os.chown(folder, _somebody(), -1)
    data = folder / "data"
    initdb = ["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=trust", "--username=postgres"]
    _run("initdb", *initdb, "--pgdata", str(data))
    (data / "pg_hba.conf").write_text(_HBA + "".join(f"host all all {one}/24 trust\n" for one in addresses))
    where = f"-c listen_addresses={','.join(addresses)} -c unix_socket_directories={folder} -p {port}"
    options = f"-F -c max_connections=50 {where}"
    _run("pg_ctl", "start", "--wait", "--silent", "--pgdata", str(data), "--log", str(folder / "log"), "-o", options)
    role = f"CREATE ROLE keyholder LOGIN PASSWORD '{PASSWORD}'"
    _run("psql", "-q", "-h", str(folder), "-p", str(port), "-U", "postgres", "-c", role)
    return f"postgresql://postgres@/postgres?{'' if port == _PORT else f'port={port}&'}host={folder}"


def stop(url: str) -> None:
    folder = Path(url.partition("host=")[2])
    _run("pg_ctl", "stop", "--mode=immediate", "--silent", "--pgdata", str(folder / "data"))
    shutil.rmtree(folder)


def _run(program: str, *words: str) -> None:
    user = _somebody() if os.getuid() == 0 else None  # PostgreSQL does not run as root
    ran = _ran([_find(program), *words], user)
    assert ran.returncode == 0, f"{program}: {ran.stdout!r} {ran.stderr!r}"


def _ran(words: list[str], user: int | None) -> subprocess.CompletedProcess[bytes]:
    """The server keeps what it is given open, so nobody waits for the end of a pipe."""
    with tempfile.TemporaryFile() as said:
        ran = subprocess.run(
            words, check=False, user=user, cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=60
        )
        said.seek(0)
        return subprocess.CompletedProcess(words, ran.returncode, said.read(), b"")


def _find(program: str) -> str:
    found = shutil.which(program) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)), ""
    )
    assert found, f"{program} is not here: run .ci/postgres, or name a server with QQGROUP_TEST_POSTGRES"
    return found


def _somebody() -> int:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise AssertionError("no user to run PostgreSQL as")


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    with (root / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
