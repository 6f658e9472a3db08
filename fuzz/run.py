"""One target, fuzzed for some seconds: `python -m fuzz.run <target> <seconds>`, where atheris is installed."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-untyped,unused-ignore]

with atheris.instrument_imports(include=["qqgroup_provision"]):
    from fuzz.guard import ENVIRONMENT, check
    from fuzz.mutate import mutated
    from fuzz.stage import set_up
    from fuzz.targets import CORPUS, HERE, targets

KEPT = HERE.parent / ".fuzz"  # what was found out, for the next time
_MOST = 64 << 10  # bytes of an input


def main(name: str, seconds: str) -> None:
    target = targets()[name]
    kept = KEPT / name
    kept.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (kept / f"seed-{number}").write_bytes(seed)
    os.environ.update(ENVIRONMENT)
    folder = set_up(Path(tempfile.mkdtemp()))

    def one(data: bytes) -> None:
        check(target.one, data, folder)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        found = mutated(data, most, seed) if seed % 2 else None
        return atheris.Mutate(data, most) if found is None else found

    corpus = [str(kept), *(str(path) for path in [CORPUS / name] if path.is_dir())]
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={_MOST}",
        "-timeout=20",
        "-rss_limit_mb=1500",
        "-verbosity=0",
        "-print_final_stats=1",
        f"-artifact_prefix={KEPT / name}-",
    ]
    atheris.Setup([name, *options, *corpus], one, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
