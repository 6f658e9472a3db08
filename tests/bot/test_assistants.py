"""An assistant that is asked over HTTP: what it is told, and how little comes of an answer that is none."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from qqgroup_provision.behavior.decision import Ask
from qqgroup_provision.behavior.last_resort import Assistant
from qqgroup_provision.bot.assistants import LARGEST, NoAnswer, answer_of, tokens
from tests.bot.assistant import Answer, answering, assistant, chat
from tests.bot.running import BotProcess
from tests.bot.test_run import ALICE, said, websocket
from tests.stage import GROUP, SELF, staged

TOKEN = "sk-v3ry-s3cret-t0ken"
ENVIRONMENT = {"QQGROUP_ASSISTANT_TOKEN": TOKEN, "QQGROUP_BOT_TOKEN": "n0t-for-them"}


def asking(url: str, kind: str = "openai", token: str = "QQGROUP_ASSISTANT_TOKEN", timeout: float = 30.0) -> Ask:
    return Ask(Assistant(kind, url, "small", token, timeout), "简短", "什么是协程", "7", ALICE, 100)


def ask(action: Ask) -> str:
    return asyncio.run(answer_of(action, ENVIRONMENT))


def test_the_question_goes_as_the_kind_has_it_and_says_nothing_of_who_asked() -> None:
    with assistant(chat(" 好 ")) as there:
        assert ask(asking(f"{there.url}/v1")) == " 好 "
        there.answer = answering({"text": "行"})
        assert ask(asking(f"{there.url}/ask", "http", token="")) == "行"
    (path, body, headers), (second, plain, bare) = there.asked
    messages = [{"role": "system", "content": "简短"}, {"role": "user", "content": "什么是协程"}]
    assert (path, headers["Authorization"]) == ("/v1/chat/completions", f"Bearer {TOKEN}")
    assert body == {"model": "small", "messages": messages, "max_tokens": 200, "stream": False}
    assert (second, plain) == ("/ask", {"prompt": "简短", "question": "什么是协程", "longest": 100})
    assert "Authorization" not in bare
    assert str(ALICE) not in repr(there.asked)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b'{"text": "' + b"x" * 65536)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (answering({"error": "overloaded"}, 500), "status 500"),
        (answering(b"", 302, Location="http://127.0.0.1:1/"), "status 302"),
        (answering(b"<html>Sign in</html>", Content_Type="text/html"), "makes no sense"),
        (answering(b"\xff\xfe{"), "makes no sense"),
        (answering(b"[" * 100_000), "makes no sense"),
        (answering({"choices": []}), "makes no sense"),
        (answering([]), "makes no sense"),
        (chat(None), "no text"),
        (chat("  \n"), "no text"),
        (chat(["a"]), "no text"),
        (chat("x" * (LARGEST + 1)), "too large"),
        (endless, "too large"),
        (lambda handler: handler.connection.close(), "Error"),
    ],
)
def test_an_answer_that_is_none_is_told_of_without_token_and_question(answer: Answer, reason: str) -> None:
    with assistant(answer) as there, pytest.raises(NoAnswer) as told:
        ask(asking(there.url))
    assert reason in str(told.value)
    assert len(there.asked) == 1, "it is asked once"
    assert TOKEN not in repr(told.value)
    assert "协程" not in repr(told.value)


def test_who_is_slow_or_sends_little_by_little_is_not_waited_for() -> None:
    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not there.ended.wait(0.01):
            handler.wfile.write(b" ")

    for answer in (dripping, lambda _: there.ended.wait()):
        with assistant(answer) as there, pytest.raises(NoAnswer, match="too long"):  # type: ignore[arg-type]
            ask(asking(there.url, timeout=0.2))


def test_nobody_is_asked_in_the_clear_or_with_another_secret_or_without_the_one_that_is_named() -> None:
    with assistant(chat("好")) as there:
        for action in (
            asking("http://example.com"),
            asking(there.url, token="QQGROUP_BOT_TOKEN"),
            asking(there.url, token="QQGROUP_ASSISTANT_OTHER"),
        ):
            with pytest.raises(NoAnswer):
                ask(action)
    assert there.asked == []
    assert tokens(ENVIRONMENT) == (TOKEN,)


def test_nobody_there_is_no_answer() -> None:
    with assistant(chat("好")) as there:
        gone = there.url
    with pytest.raises(NoAnswer, match="ConnectError"):
        ask(asking(gone))


def test_a_group_goes_on_while_an_assistant_thinks_and_no_token_is_written(tmp_path: Path) -> None:
    replied = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        assert replied.wait(60)
        chat(f"[CQ:at,qq=all] {TOKEN} 答案")(handler)

    with assistant(slow) as there, staged(tmp_path) as stage:
        world = stage.simulator
        asked = {"kind": "openai", "url": there.url, "model": "small", "token": "${env:QQGROUP_ASSISTANT_TOKEN}"}
        with (stage.folder / "workspace.yaml").open("a", encoding="utf-8") as file:
            file.write(f"assistants: {json.dumps({'main': asked})}\n")
        stage.group(
            {
                "kind": "Group",
                "key": "hub",
                "id": GROUP,
                "replies": [{"key": "ping", "when": {"equals": "ping"}, "reply": "pong"}],
                "last_resort": {"assistant": "main"},
            }
        )
        options = ("--onebot", websocket(world), "--watch")
        tokens_ = {"TEST_TOKEN": "s3cret-token", "QQGROUP_ASSISTANT_TOKEN": TOKEN}
        with BotProcess(tmp_path / "data", *options, folder=stage.folder, **tokens_) as bot:
            bot.line("connected")
            world.say(GROUP, ALICE, f"[CQ:at,qq={SELF}] 什么是协程")
            world.say(GROUP, ALICE, "ping")
            bot.line("said", lambda line: line["item"] == "hub/reply/ping")
            assert said(world) == ["pong"]
            replied.set()
            bot.line("said", lambda line: line["item"] == "hub/last_resort")
        assert said(world)[1].endswith(f"[CQ:at,qq=all] {TOKEN} 答案"), "text, and no mention of anybody"
        assert TOKEN not in repr(bot.lines)
