"""`make fuzz`: every target in turn, each for its share of FUZZ_SECONDS (600 if absent). 1 if any failed."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from fuzz.targets import targets


def main() -> int:
    found = targets()
    seconds = int(os.environ.get("FUZZ_SECONDS", "600"))
    whole = sum(target.WEIGHT for target in found.values())
    failed: list[str] = []
    for name, target in found.items():
        share = max(1, seconds * target.WEIGHT // whole)
        command = [sys.executable, "-m", "fuzz.run", name, str(share)]
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        said = ran.stdout.decode("utf-8", "replace")
        units = re.search(r"number_of_executed_units: (\d+)", said)
        count, ended = units[1] if units else "?", "FAILED" if ran.returncode else "ok"
        print(f"{name:18} {share:4} s  {count:>8} inputs  {ended}", flush=True)
        if ran.returncode:
            failed.append(name)
            print(said[-4000:])
    print(
        "An input that failed is in .fuzz/: keep it in tests/data/hostile/<target>/ with what mends it."
        * bool(failed)
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
