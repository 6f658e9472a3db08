"""`qqgroup owners`: what git says of a change, and who may make it. Each repository is real, and small."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.inside import run_inside
from tests.stage import Ran

ALICE, BOB, MALLORY = "alice@example.org", "7+Bob@users.noreply.github.com", "mallory@example.org"
BASE = {
    "workspace.yaml": """\
kind: Workspace
accounts:
  main: {endpoint: "http://127.0.0.1:1", protocol: onebot11}
owners:
  - {paths: [workspace.yaml, people.yaml, "assets/**", "/.ci/"], by: [alice]}
  - {keys: ["*/admin/*", "roles.*.members"], by: [alice]}
  - {keys: ["hub/announcement/**"], by: [alice, "@bob"]}
""",
    "people.yaml": """\
kind: People
people:
  alice: {qq: 100000001, emails: [Alice@Example.org]}
  bob: {qq: 100000002, name: Bob}
""",
    "templates/base.yaml": "kind: Template\nkey: base\nroles:\n  - {key: team, members: [alice], admin: true}\n",
    "hub.yaml": """\
kind: Group
key: hub
id: 731000001
extends: [base]
announcements:
  - {key: news, text: 旧}
""",
}


@dataclass(frozen=True)
class Repo:
    """A repository with a workspace in `groups/`."""

    top: Path

    @property
    def groups(self) -> Path:
        return self.top / "groups"

    def git(self, *words: str, author: str = ALICE) -> str:
        told = {"NAME": author.partition("@")[0], "EMAIL": author, "DATE": "2026-01-01T00:00:00Z"}
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in told.items()}
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *words], cwd=self.top, check=True, capture_output=True, env={**os.environ, **who, **alone}
        )
        return done.stdout.decode().strip()

    def commit(self, files: Mapping[str, str | None], author: str = ALICE) -> str:
        for name, text in files.items():
            path = self.groups / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text, encoding="utf-8", newline="\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x", author=author)
        return self.git("rev-parse", "HEAD")

    def edit(self, name: str, before: str, after: str, author: str) -> str:
        text = (self.groups / name).read_text(encoding="utf-8")
        assert before in text
        return self.commit({name: text.replace(before, after)}, author)

    def check(self, *words: str) -> tuple[int, list[str]]:
        """The exit code, and each fault as `<code> <file>:<line>:<column> <summary>`."""
        ran = run_in(self.groups, "owners", "check", "--base", "base", "--format", "json", *words)
        if not ran.out.startswith(("{", "[")):
            return ran.code, [ran.err or ran.out]
        found = json.loads(ran.out)["diagnostics"]
        return ran.code, [f"{one['code']} {_place(one)} {one['summary']}" for one in found]


def _place(one: Mapping[str, Any]) -> str:
    if "range" not in one:
        return str(one["address"])
    start = one["range"]["start"]
    name = one["range"]["filename"]
    return f"{name[name.rindex('groups/') :]}:{start['line']}:{start['column']}"


def run_in(folder: Path, *words: str) -> Ran:
    return run_inside("--dir", str(folder), *words, environment={"QQGROUP_LANG": "en"})


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.top.mkdir()
    made.git("init", "-q", "-b", "main")
    made.commit(BASE)
    made.git("branch", "base")
    return made


def test_what_nobody_owns_is_anybodys(repo: Repo) -> None:
    repo.edit("hub.yaml", "id: 731000001", "id: 731000001\nprofile: {name: 新}", MALLORY)

    assert (0, []) == repo.check()


def test_an_owned_key_is_named_with_its_place_unless_an_owner_changed_it(repo: Repo) -> None:
    repo.edit("hub.yaml", "旧", "新", MALLORY)
    code, found = repo.check()

    assert 1 == code
    assert ["QG376 groups/hub.yaml:6:23"] == [" ".join(one.split(" ")[:2]) for one in found]
    assert "hub/announcement/news" in found[0]
    assert MALLORY in found[0]


@pytest.mark.parametrize("author", [ALICE.upper(), BOB])
def test_an_owner_is_known_by_address_or_account(repo: Repo, author: str) -> None:
    repo.edit("hub.yaml", "旧", "新", author)

    assert (0, []) == repo.check()


def test_a_change_in_a_template_counts_for_the_groups_it_reaches(repo: Repo) -> None:
    repo.edit("templates/base.yaml", "[alice]", "[alice, bob]", MALLORY)
    code, found = repo.check()

    assert 1 == code
    assert any("hub/admin/bob" in one for one in found)
    assert any("hub:roles.team.members" in one and "groups/templates/base.yaml:4:26" in one for one in found)


def test_a_change_in_people_yaml_counts_for_the_groups_it_reaches(repo: Repo) -> None:
    repo.edit("people.yaml", "100000001", "100000009", MALLORY)
    code, found = repo.check()

    assert 1 == code
    assert any("hub/admin/alice" in one for one in found)
    assert any("groups/people.yaml" in one for one in found)


def test_a_pull_request_cannot_give_itself_rights(repo: Repo) -> None:
    text = BASE["workspace.yaml"].replace('[alice, "@bob"]', f"[{MALLORY}]").replace("[alice]", f"[{MALLORY}]")
    repo.commit({"workspace.yaml": text, "hub.yaml": BASE["hub.yaml"].replace("旧", "新")}, MALLORY)
    code, found = repo.check()

    assert (1, 2) == (code, len(found))


def test_an_owner_elsewhere_on_the_branch_covers_nobody_elses_change(repo: Repo) -> None:
    repo.edit("hub.yaml", "旧", "新", MALLORY)
    repo.edit("hub.yaml", "id: 731000001", "id: 731000001\nprofile: {name: 新}", ALICE)

    assert 1 == repo.check()[0]


def test_what_an_owner_wrote_last_is_the_owners(repo: Repo) -> None:
    repo.edit("hub.yaml", "旧", "新", MALLORY)
    repo.edit("hub.yaml", "新", "最新", ALICE)

    assert (0, []) == repo.check()


def test_merging_makes_nobody_the_author(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.edit("hub.yaml", "旧", "新", MALLORY)
    repo.git("switch", "-q", "main")
    repo.edit("hub.yaml", "id: 731000001", "id: 731000001\nprofile: {name: 新}", ALICE)
    repo.git("merge", "-q", "--no-edit", "side", author=ALICE)

    assert 1 == repo.check()[0]


def test_commits_that_cannot_be_composed_are_answered_for_together(repo: Repo) -> None:
    repo.commit({"hub.yaml": BASE["hub.yaml"].replace("旧", "新") + "nonsense: [\n"}, MALLORY)
    repo.edit("hub.yaml", "nonsense: [\n", "", ALICE)
    code, found = repo.check()

    assert 1 == code
    assert ALICE in found[0]
    assert MALLORY in found[0]


def test_attributes_of_the_proposed_commit_hide_nothing(repo: Repo) -> None:
    """`git archive` would leave such a file out, and the change with it."""
    repo.commit({".gitattributes": "hub.yaml export-ignore\n"}, MALLORY)
    repo.edit("hub.yaml", "旧", "新", MALLORY)

    assert any("hub/announcement/news" in one for one in repo.check()[1])


def test_a_file_with_a_strange_name_is_read_like_any_other(repo: Repo) -> None:
    text = BASE["hub.yaml"].replace("hub", "lab").replace("731000001", "731000002")
    repo.commit({"x:y\\.yaml": text}, MALLORY)

    assert any("lab/admin/alice" in one for one in repo.check()[1])


def test_a_link_in_the_place_of_a_file_is_refused(repo: Repo) -> None:
    (repo.groups / "lab.yaml").symlink_to("hub.yaml")
    repo.commit({}, MALLORY)
    code, said = repo.check()

    assert (1, True) == (code, "QG378" in said[0])


def test_a_file_outside_the_workspace_may_be_owned(repo: Repo) -> None:
    repo.commit({"../.ci/run": "echo\n"}, MALLORY)

    assert ["QG376 .ci/run"] == [" ".join(one.split(" ")[:2]) for one in repo.check()[1]]


def test_a_file_that_is_gone_was_changed(repo: Repo) -> None:
    repo.commit({"assets/a.txt": "a"}, ALICE)
    repo.git("branch", "-f", "base")
    repo.commit({"assets/a.txt": None}, MALLORY)

    assert (1, 1) == (repo.check()[0], len(repo.check()[1]))


def test_who_the_forge_says_it_was_counts_more_than_commits(repo: Repo) -> None:
    repo.edit("hub.yaml", "旧", "新", ALICE)

    assert 1 == repo.check("--author", "mallory")[0]
    assert 0 == repo.check("--author", "bob")[0]
    assert 0 == repo.check("--author", "@Bob")[0]


def test_later_commits_of_the_base_are_not_the_branchs(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "branch")
    repo.edit("hub.yaml", "id: 731000001", "id: 731000001\nprofile: {name: 新}", MALLORY)
    repo.git("switch", "-q", "main")
    repo.edit("hub.yaml", "旧", "新", ALICE)
    repo.git("branch", "-f", "base")

    assert (0, []) == repo.check("--head", "branch")


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "-h"])
def test_a_commit_that_is_not_there_is_said(repo: Repo, revision: str) -> None:
    code, said = repo.check(f"--head={revision}")

    assert 1 == code
    assert "QG377" in said[0]


def test_nothing_that_a_repository_names_is_started(repo: Repo) -> None:
    trap = repo.top / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {repo.top}/sprung\n")
    trap.chmod(0o755)
    for setting in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand", "filter.x.smudge"):
        repo.git("config", setting, str(trap))
    repo.commit({".gitattributes": "* filter=x diff=x\n"}, MALLORY)
    (repo.top / "sprung").unlink(missing_ok=True)  # the test's own `git add` has asked the monitor
    repo.check()

    assert not (repo.top / "sprung").exists()


def test_an_owner_nobody_can_be_known_as_is_a_fault(repo: Repo) -> None:
    for name in ("bob", "bbo"):
        text = BASE["workspace.yaml"].replace('[alice, "@bob"]', f"[{name}]")
        (repo.groups / "workspace.yaml").write_text(text)
        assert "QG387" in run_in(repo.groups, "validate").err


def test_codeowners_is_written_once_and_kept_apart_from_what_is_around_it(repo: Repo) -> None:
    file = repo.top / ".github" / "CODEOWNERS"
    assert 1 == run_in(repo.groups, "owners", "codeowners", "--check").code
    assert 0 == run_in(repo.groups, "owners", "codeowners").code
    written = file.read_text()
    assert [f"/groups/{name} alice@example.org" for name in ("workspace.yaml", "people.yaml", "assets/**")] + [
        "/.ci/ alice@example.org"
    ] == written.splitlines()[1:-1]
    file.write_text(f"* @everybody\n\n{written}docs/ @bob\n")

    assert 0 == run_in(repo.groups, "owners", "codeowners", "--check").code
    assert 0 == run_in(repo.groups, "owners", "codeowners").code
    assert f"* @everybody\n\n{written}docs/ @bob\n" == file.read_text()


def test_gitea_gets_expressions_and_accounts_only(repo: Repo) -> None:
    run_in(repo.groups, "owners", "codeowners", "--format", "gitea")
    lines = (repo.top / ".gitea" / "CODEOWNERS").read_text().splitlines()[1:-1]

    assert all(line.startswith("#") for line in lines)  # nobody there is known by an account
    people = BASE["people.yaml"].replace("[Alice@Example.org]", "[Alice@Example.org], forge: Alice-A")
    (repo.groups / "people.yaml").write_text(people)
    run_in(repo.groups, "owners", "codeowners", "--format", "gitea")
    lines = (repo.top / ".gitea" / "CODEOWNERS").read_text().splitlines()[1:-1]
    assert "groups/workspace\\\\.yaml(/.*)? @alice-a" == lines[0]
    assert "groups/assets/.* @alice-a" == lines[2]
