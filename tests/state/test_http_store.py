"""State at a web address: answers that are lost, wrong or somebody else's, and what each server makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.errors import EndpointError, InvalidInput, LockHeld, QQGroupError
from qqgroup_provision.resources.profile import Rename
from qqgroup_provision.state.document import Document, dump_document, load_document
from qqgroup_provision.state.history import Run
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.state.web import Web
from tests.state.conftest import web_store
from tests.state.web_state_server import Answer, WebStates

ADDRESS = Address("hub", "profile")
FIRST = State().folded([(ADDRESS, Entry({}, {"name": "群"}))])


def fault(run: Callable[[], Any], address: str) -> str:
    with pytest.raises(QQGroupError) as caught:
        run()
    (found,) = caught.value.diagnostics
    assert address == found.subject
    assert "right-secret" not in repr(caught.value.diagnostics) + str(found.summary) + str(found.hint)
    return found.code


def take(states: WebStates) -> None:
    with web_store(states).lock("apply"):
        pass


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, b"", {}), "QG713"),  # nothing is not "no state"
        ((200, b"<html>maintenance</html>", {"Content-Type": "text/html"}), "QG713"),
        ((200, b'{"version": 4, "serial": 3, "lineage": "x", "resources": []}', {}), "QG712"),
        ((200, b"{}", {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}), "QG727"),
        ((200, b"{}", {"Content-Encoding": "gzip"}), "QG725"),
        ((302, b"", {"Location": "http://127.0.0.1:1/"}), "QG727"),
        ((401, b"", {}), "QG726"),
        ((403, b"", {}), "QG726"),
        ((404, b"<html>not found</html>", {"Content-Type": "text/html; charset=utf-8"}), "QG727"),
        ((404, b'{"message":"404 Project Not Found"}', {}), "QG727"),
        ((500, b"", {}), "QG727"),
        ((503, b"", {}), "QG727"),
    ],
)
def test_an_answer_that_cannot_be_read_is_never_no_state(web: WebStates, answer: Answer, code: str) -> None:
    web.trouble = lambda *_: answer

    assert code == fault(web_store(web).load, web.address)


def test_a_wrong_password_is_told_and_not_shown(web: WebStates) -> None:
    assert "QG726" == fault(web_store(web, "wrong").load, web.address)
    assert "QG726" == fault(lambda: web_store(web, "wrong").lock("apply").__enter__(), web.address)


def test_a_server_that_is_not_there_is_told_with_its_address(web: WebStates) -> None:
    web.url = "http://127.0.0.1:1"

    assert "QG725" == fault(web_store(web).load, web.address)
    assert "QG725" == fault(lambda: web_store(web).lock("apply").__enter__(), web.address)


def test_a_server_that_says_nothing_is_not_waited_for_without_end(web: WebStates) -> None:
    store = web_store(web, timeout=0.1)
    with web.busy:
        assert "QG725" == fault(store.load, web.address)


def test_an_answer_without_end_is_not_read_to_its_end(web: WebStates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qqgroup_provision.state.web.MAX_ANSWER_BYTES", 1000)
    web.trouble = lambda *_: (200, b"x" * 1001, {})

    assert "QG725" == fault(web_store(web).load, web.address)


def test_a_redirect_is_not_followed_with_the_password(web: WebStates) -> None:
    web.trouble = lambda *_: (307, b"", {"Location": web.url + "/elsewhere"})
    fault(web_store(web).load, web.address)

    assert {path for _, path in web.requests} == {web.address.removeprefix(web.url)}


@pytest.mark.parametrize("what", ["document", "lock", "unlock"])
def test_a_lost_answer_makes_nothing_twice_and_loses_nothing(web: WebStates, what: str) -> None:
    state = web.address.removeprefix(web.url)
    take_it = ("LOCK", state) if web.flavour == "plain" else ("POST", f"{state}/lock")
    free_it = ("UNLOCK", state) if web.flavour == "plain" else ("DELETE", f"{state}/lock")
    lost: list[str] = []

    def once(method: str, target: str) -> str | None:
        path = target.partition("?")[0]
        wanted = {"document": ("POST", state), "lock": take_it, "unlock": free_it}[what]
        if (method, path) == wanted and not lost:
            lost.append(target)
            return "lost"
        return None

    store = web_store(web)
    web.trouble = once
    with store.lock("apply"):
        saved = store.save(State(), FIRST)
    web.trouble = lambda *_: None

    assert 1 == len(lost)
    assert saved == web_store(web).load()
    assert (1, None) == (json.loads(web.content)["serial"], web.lock)


def test_a_server_whose_lock_is_none_is_refused_at_the_first_use(web: WebStates) -> None:
    web.locks = False

    assert "QG728" == fault(lambda: take(web), web.address)
    assert b"" == web.content


def test_a_server_without_a_lock_is_refused(web: WebStates) -> None:
    web.trouble = lambda method, path: (405, b"", {}) if method == "LOCK" or path.endswith("/lock") else None

    assert "QG728" == fault(lambda: take(web), web.address)


def test_a_lock_that_cannot_be_given_back_is_told_with_its_id(web: WebStates) -> None:
    free = "UNLOCK" if web.flavour == "plain" else "DELETE"
    web.trouble = lambda method, _: (503, b"", {}) if method == free else None
    with pytest.raises(EndpointError) as caught:
        take(web)
    web.trouble = lambda *_: None

    (found,) = caught.value.diagnostics
    holder = web_store(web).holder()
    assert holder is not None
    assert holder.id in str(found.hint)
    web_store(web).unlock(holder.id)
    take(web)


def test_who_holds_the_lock_is_told_and_of_gitlab_not_what_the_asker_said_itself(web: WebStates) -> None:
    with web_store(web).lock("import"):
        with pytest.raises(LockHeld):
            take(web)
        holder = web_store(web).holder()
        assert holder is not None
        assert ("?", "?") == (holder.operation, holder.pid) or web.flavour != "gitlab"
        assert "import" == holder.operation or web.flavour == "gitlab"


def test_every_save_has_a_serial_of_its_own_whatever_the_states_is(web: WebStates) -> None:
    store = web_store(web)
    with store.lock("apply"):
        state = store.save(State(), FIRST)
        with store.begin_journal(state, Run("p")) as journal:
            journal.outcome(journal.intent(ADDRESS, Rename(1, "甲")), "done")
        left = store.read_journal()
        assert left is not None
        store.end_journal(left.record())

    assert [1, 2, 3, 4, 5] == web.serials  # the state, begin, intent, outcome at the end, the journal put away
    assert 1 == store.load().serial


def test_an_intent_is_stored_before_anything_else_happens(web: WebStates) -> None:
    store = web_store(web)
    with store.lock("apply"), store.begin_journal(State(), Run("p")) as journal:
        journal.intent(ADDRESS, Rename(1, "甲"))
        left = web_store(web).read_journal()
        assert left is not None
        assert [1] == list(left.unsettled)


def test_a_document_that_somebody_else_wrote_stops_the_run(web: WebStates) -> None:
    store = web_store(web)
    with store.lock("apply"):
        state = store.save(State(), FIRST)
        with store.begin_journal(state, Run("p")) as journal:
            there = load_document(web.content, "x")
            web.content = dump_document(Document(there.lineage, there.serial + 7, "stamp", state))
            with pytest.raises(InvalidInput) as caught:
                journal.intent(ADDRESS, Rename(1, "甲"))

    assert "QG714" == caught.value.diagnostics[0].code


def test_certificates_are_checked() -> None:
    import ssl

    from qqgroup_provision.state.web import _vouched

    assert (ssl.CERT_REQUIRED, True) == (_vouched().verify_mode, _vouched().check_hostname)
    with Web("", None, 1.0) as web:
        assert (False, False) == (web._client.follow_redirects, web._client.trust_env)
