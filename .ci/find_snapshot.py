"""Find the newest snapshot that this repository's own snapshot workflow took on its main branch.

Prints `run=…` for GITHUB_OUTPUT, or nothing with a notice in the log where there is none. A fork's run can upload an
artefact under any name, and so can a branch: neither counts.
"""

from __future__ import annotations

import sys
from typing import Any

from forge import Forge

NAME = "qqgroup-snapshot"
WORKFLOW = ".github/workflows/snapshot.yml"
BRANCH = "main"


def main() -> None:
    """Print where it is."""
    forge = Forge.from_environment()
    listed = forge.call("GET", f"actions/artifacts?name={NAME}&per_page=100")["artifacts"]
    for artifact in sorted(listed, key=lambda one: str(one["created_at"]), reverse=True):
        if not artifact["expired"] and _taken_here(forge, artifact["workflow_run"]):
            print(f"run={int(artifact['workflow_run']['id'])}")
            return
    # To the log: what goes to the standard output becomes an output of the step.
    print("::notice::There is no snapshot, so no plan is made. Run the snapshot workflow first.", file=sys.stderr)


def _taken_here(forge: Forge, run: Any) -> bool:
    if run["head_branch"] != BRANCH or run["head_repository_id"] != run["repository_id"]:
        return False
    whole = forge.call("GET", f"actions/runs/{int(run['id'])}")
    return whole["event"] in ("schedule", "workflow_dispatch") and str(whole["path"]).split("@")[0] == WORKFLOW


if __name__ == "__main__":
    main()
