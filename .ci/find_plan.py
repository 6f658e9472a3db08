"""Find the plan that was reviewed in the pull request a commit was merged from.

Prints `run=…` and `artifact=…` for GITHUB_OUTPUT. Only a plan made by this repository's own plan workflow
counts: a fork's run can upload an artefact under any name.
"""

from __future__ import annotations

import argparse
from typing import Any

from forge import Forge

WORKFLOW = ".github/workflows/plan.yml"
NO_PLAN = "Nothing was applied. Run this workflow by hand: it plans anew and waits for approval before it applies."


def main(arguments: list[str] | None = None) -> None:
    """Print where the plan of `--commit` is; SystemExit with a sentence for the log when there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commit", required=True)
    options = parser.parse_args(arguments)
    forge = Forge.from_environment()
    pull = _merged_pull(forge, options.commit)
    artifact = _reviewed_artifact(forge, pull)
    print(f"run={int(artifact['workflow_run']['id'])}")
    print(f"artifact={artifact['name']}")


def _merged_pull(forge: Forge, commit: str) -> Any:
    for pull in forge.pages(f"commits/{commit}/pulls"):
        if pull["merged_at"] and pull["merge_commit_sha"] == commit:
            return pull
    raise SystemExit(f"::error::Commit {commit} was not merged from a pull request. {NO_PLAN}")


def _reviewed_artifact(forge: Forge, pull: Any) -> Any:
    head = str(pull["head"]["sha"])
    listed = forge.call("GET", f"actions/artifacts?name=qqgroup-plan-{head}&per_page=100")["artifacts"]
    for artifact in sorted(listed, key=lambda one: str(one["created_at"]), reverse=True):
        if not artifact["expired"] and _made_here(forge, artifact["workflow_run"], head):
            return artifact
    raise SystemExit(f"::error::Pull request #{pull['number']} has no plan of its last commit {head}. {NO_PLAN}")


def _made_here(forge: Forge, run: Any, head: str) -> bool:
    if run["head_sha"] != head or run["head_repository_id"] != run["repository_id"]:
        return False
    whole = forge.call("GET", f"actions/runs/{int(run['id'])}")
    return whole["event"] == "pull_request" and str(whole["path"]).split("@")[0] == WORKFLOW


if __name__ == "__main__":
    main()
