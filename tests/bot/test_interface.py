"""The bot's HTTP interface: nothing without the token, nothing half, nothing over what somebody else has changed."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.bot import interface
from qqgroup_provision.bot.allowance import Allowance
from qqgroup_provision.bot.assets import Assets
from qqgroup_provision.bot.behaviors import StoredBehaviors
from qqgroup_provision.bot.database import DOCUMENTS, Database
from qqgroup_provision.bot.host import Host
from qqgroup_provision.bot.interface import LARGEST_DOCUMENT, Interface
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.pace import Pace
from qqgroup_provision.bot.records import Records
from qqgroup_provision.workspace.behavior_document import canonical, digest

TOKEN, GROUP = "interface-t0ken", 731000001
PATH = f"/v1/groups/{GROUP}/behavior"
PICTURE = b"\x89PNG\r\n\x1a\n"
SHA256 = hashlib.sha256(PICTURE).hexdigest()

Play = Callable[[httpx.AsyncClient, StoredBehaviors], Awaitable[None]]


def document(word: str = "pong", **more: Any) -> dict[str, Any]:
    return {
        "format": 1, "group": "hub", "id": GROUP, "name": "群", "timezone": "Asia/Shanghai", "roles": {},
        "other_bots": [], "items": {"reply/ping": {"when": {"equals": "ping"}, "reply": word}},
        "order": {"replies": ["ping"]}, "assets": {}, **more,
    }  # fmt: skip


def pictured() -> dict[str, Any]:
    items = {"reply/ping": {"when": {"equals": "ping"}, "reply": [{"image": "a.png"}]}}
    return document(items=items, assets={"a.png": SHA256})


def serve(folder: Path, play: Play, *, open_metrics: bool = True, name: str = "127.0.0.1") -> list[dict[str, Any]]:
    """Use the interface of a bot; gives what the bot has written down."""
    log = StringIO()

    async def run() -> None:
        database = Database(folder / "bot.sqlite")
        behaviors = StoredBehaviors(database, Assets(folder / "assets"))
        assert await behaviors.load() == []
        records = Records(log)
        host = Host(behaviors, BotMemory(database), behaviors.assets.content, Pace(0, 0), records)
        app = Interface(host, behaviors, records, TOKEN, open_metrics=open_metrics).app()
        headers = {"Authorization": f"Bearer {TOKEN}"}
        transport = httpx.ASGITransport(app)
        try:
            async with httpx.AsyncClient(
                transport=transport, base_url=f"http://{name}:8095", headers=headers
            ) as client:
                await play(client, behaviors)
        finally:
            await host.stop()
            database.close()

    asyncio.run(run())
    return [json.loads(line) for line in log.getvalue().splitlines()]


FIRST = {"If-None-Match": "*"}


def test_a_document_is_stored_read_and_replaced_only_by_who_knows_what_it_replaces(tmp_path: Path) -> None:
    async def play(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        nothing = await client.get(PATH)
        assert (nothing.status_code, nothing.json()["code"]) == (404, "no_behavior")
        wanted = await client.put(PATH, json=document())
        assert (wanted.status_code, wanted.json()["code"]) == (428, "precondition_required")
        early = await client.put(PATH, json=document(), headers={"If-Match": f'"{SHA256}"'})
        assert (early.status_code, early.json()) == (412, {**early.json(), "code": "changed", "etag": None})

        stored = await client.put(PATH, json=document(), headers=FIRST)
        assert stored.status_code == 200
        etag = stored.headers["etag"]
        assert etag == f'"{digest(document())}"'
        read = await client.get(PATH)
        assert (read.json(), read.headers["etag"], read.content) == (document(), etag, canonical(document()))
        assert (await client.head(PATH)).headers["etag"] == etag
        assert GROUP in behaviors.current

        again = await client.put(PATH, json=document("no"), headers=FIRST)
        assert (again.status_code, again.json()["code"], again.json()["etag"]) == (412, "changed", etag)
        second = await client.put(PATH, json=document("new"), headers={"If-Match": etag})
        assert second.status_code == 200
        for stale in (etag, "W/" + second.headers["etag"], "*", "junk"):
            assert (await client.put(PATH, json=document(), headers={"If-Match": stale})).status_code == 412
        status = (await client.get("/v1/status")).json()
        assert status["groups"] == {str(GROUP): {"etag": second.headers["etag"]}}
        assert (status["accounts"], status["waiting"], status["dropped"]) == ([], 0, 0)

    lines = serve(tmp_path, play)
    assert [line["event"] for line in lines] == ["behavior_replaced"] * 2

    async def restarted(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        assert (await client.get(PATH)).json() == document("new")
        assert GROUP in behaviors.current

    serve(tmp_path, restarted)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(document(format=99), "behavior_invalid", id="another format"),
        pytest.param(document(id=GROUP + 1), "behavior_invalid", id="another group"),
        pytest.param(document(items={"reply/ping": {"reply": "x"}}), "behavior_invalid", id="a reply to nothing"),
        pytest.param(
            document(items={"reply/ping": {"when": {"regex": "("}, "reply": "x"}}), "behavior_invalid", id="no regex"
        ),
        pytest.param({**document(), "name": "\ud800"}, "behavior_invalid", id="no text"),
        pytest.param(pictured(), "assets_missing", id="a picture that was not brought"),
        pytest.param([], "not_json", id="no object"),
        pytest.param("{", "not_json", id="no JSON"),
        pytest.param("[" * 100_000, "not_json", id="deep"),
    ],
)
def test_what_cannot_be_carried_out_changes_nothing(tmp_path: Path, body: Any, code: str) -> None:
    async def play(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        etag = (await client.put(PATH, json=document(), headers=FIRST)).headers["etag"]
        before = behaviors.current[GROUP]
        content = body if isinstance(body, str) else json.dumps(body)
        answer = await client.put(PATH, content=content, headers={"If-Match": etag})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        if code == "behavior_invalid":
            assert all(reason["code"] and reason["message"] for reason in answer.json()["reasons"])
        if code == "assets_missing":
            assert answer.json()["assets"] == [SHA256]
        assert behaviors.current[GROUP] is before
        assert (await client.get(PATH)).headers["etag"] == etag

    serve(tmp_path, play)


def test_pictures_are_kept_under_their_digest_and_nothing_else(tmp_path: Path) -> None:
    async def play(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        path = f"/v1/assets/{SHA256}"
        assert (await client.head(path)).status_code == 404
        wrong = await client.put(path, content=PICTURE + b"!")
        assert (wrong.status_code, wrong.json()["code"]) == (422, "digest_mismatch")
        assert (await client.head(path)).status_code == 404
        for _ in range(2):
            assert (await client.put(path, content=PICTURE)).status_code == 204
        assert (await client.head(path)).status_code == 200
        assert (await client.put(PATH, json=pictured(), headers=FIRST)).status_code == 200
        assert behaviors.assets.content("a.png", SHA256) == PICTURE
        for name in ("..%2Fbot.sqlite", SHA256.upper(), "a" * 63, "%2Fetc%2Fpasswd"):
            assert (await client.put(f"/v1/assets/{name}", content=PICTURE)).status_code == 404
            assert (await client.head(f"/v1/assets/{name}")).status_code == 404
        with pytest.raises(OSError, match="etc"):
            behaviors.assets.content("a.png", "../../etc/passwd")

    serve(tmp_path, play)
    assert sorted(path.name for path in (tmp_path / "assets").iterdir()) == [SHA256]


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer 令"]
)
def test_without_the_token_nothing_is_told_or_done(tmp_path: Path, authorization: str) -> None:
    async def play(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        client.headers = httpx.Headers({"Authorization": authorization}, encoding="utf-8")
        for method, path in (
            ("GET", PATH), ("PUT", PATH), ("GET", "/v1/status"), ("PUT", f"/v1/assets/{SHA256}"),
            ("HEAD", f"/v1/assets/{SHA256}"), ("DELETE", PATH), ("GET", "/v1/else"), ("GET", "/"),
            ("GET", "//v1/status"),
        ):  # fmt: skip
            answer = await client.request(method, path, headers=FIRST, content=canonical(document()))
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert method == "HEAD" or answer.json()["code"] == "unauthorized"
        assert behaviors.current == {}
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        assert (await client.get("/metrics")).status_code == 200

    serve(tmp_path, play)


@pytest.mark.parametrize(
    ("open_metrics", "name", "status"),
    [(True, "localhost", 200), (True, "[::1]", 200), (True, "bot.example", 401), (False, "127.0.0.1", 401)],
)
def test_numbers_are_for_this_machine_or_for_who_has_the_token(
    tmp_path: Path, open_metrics: bool, name: str, status: int
) -> None:
    async def play(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        told = (await client.get("/metrics")).text
        for number in ("events_total", "said_total", "dropped_total", "queue_length"):
            assert f"\nqqgroup_bot_{number} 0\n" in told
        del client.headers["Authorization"]
        assert (await client.get("/metrics")).status_code == status

    serve(tmp_path, play, open_metrics=open_metrics, name=name)


def test_what_is_too_large_or_not_asked_for_here_is_refused_with_a_code(tmp_path: Path) -> None:
    async def endless() -> Any:
        for _ in range(6):
            yield b" " * (1 << 20)

    async def play(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        for content in (b" " * (LARGEST_DOCUMENT + 1), endless()):
            answer = await client.put(PATH, content=content, headers=FIRST)
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        for method, path in (
            ("DELETE", PATH),
            ("POST", PATH),
            ("GET", f"/v1/assets/{SHA256}"),
            ("POST", "/v1/status"),
        ):
            answer = await client.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        for path in ("/v1/else", "/v1/groups/0/behavior", f"/v1/groups/{1 << 64}/behavior", "/v1/groups/x/behavior"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    serve(tmp_path, play)


def test_of_many_who_replace_the_same_at_once_one_does(tmp_path: Path) -> None:
    async def play(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        puts = (client.put(PATH, json=document(f"{n}"), headers=FIRST) for n in range(8))
        answers = await asyncio.gather(*puts)
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
        [won] = [answer for answer in answers if answer.status_code == 200]
        assert (await client.get(PATH)).headers["etag"] == won.headers["etag"]
        assert f'"{behaviors.current[GROUP].sha256}"' == won.headers["etag"]

    serve(tmp_path, play)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(sorted(document())),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
)
def test_no_document_makes_the_bot_fail(tmp_path_factory: pytest.TempPathFactory, key: str, junk: Any) -> None:
    async def play(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        answer = await client.put(PATH, json=document(**{key: junk}), headers=FIRST)
        assert answer.status_code in (200, 422)

    serve(tmp_path_factory.mktemp("bot"), play)


def test_a_stored_document_that_is_no_good_any_more_leaves_the_others_in_force(tmp_path: Path) -> None:
    database = Database(tmp_path / "bot.sqlite")
    try:
        with database.transaction() as connection:
            for group, found in ((GROUP, document()), (GROUP + 1, {"format": 99})):
                body = canonical(found).decode()
                connection.execute(DOCUMENTS.insert().values(group_id=group, sha256=digest(found), body=body))
        behaviors = StoredBehaviors(database, Assets(tmp_path / "assets"))
        [(group, error)] = asyncio.run(behaviors.load())
        assert (group, list(behaviors.current)) == (GROUP + 1, [GROUP])
        assert error.reasons
    finally:
        database.close()


def test_guesses_at_the_token_are_soon_answered_no_more_and_the_owner_is(tmp_path: Path) -> None:
    async def play(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        guesses = [await client.get(PATH, headers={"Authorization": f"Bearer {n}"}) for n in range(120)]
        assert {401, 429} == {guess.status_code for guess in guesses}
        assert (guesses[-1].json()["code"], int(guesses[-1].headers["retry-after"])) == ("too_many_requests", 1)
        assert 404 == (await client.get(PATH)).status_code

    serve(tmp_path, play)


def test_whoever_knows_the_token_cannot_ask_without_end_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interface, "Allowance", lambda **_: Allowance(0.001, 3))

    async def play(client: httpx.AsyncClient, behaviors: StoredBehaviors) -> None:
        assert [404, 404, 404, 429] == [(await client.head(f"/v1/assets/{SHA256}")).status_code for _ in range(4)]

    serve(tmp_path, play)
