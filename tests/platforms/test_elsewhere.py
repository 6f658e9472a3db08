"""Messages to places that are not QQ, as each service's web hook gets them, and what is believed of its answers."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
import socket
from collections.abc import Iterator

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark
from apprise.plugins.wecombot import NotifyWeComBot

from qqgroup_provision.platforms.elsewhere import Fate, Lost, Message, Refused, Sent, send
from qqgroup_provision.secrets import Secret
from tests.platforms.web_hooks import Hook, mail_server, web_hook

WECOM = "wecombot://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
DINGTALK = "dingtalk://SECabc@" + "a" * 32
FEISHU = "feishu://abcdefgh"
LARK = "lark://abcdefgh"
DISCORD = "discord://123456789/" + "t" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
TEXT = "明晚 <8 点> & 线上\n第二行"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A stand-in that each service's fixed address leads to."""
    with web_hook() as found:
        for service, path in (
            (NotifyWeComBot, "/wecom?key={key}"),
            (NotifyDingTalk, "/dingtalk?access_token={token}"),
            (NotifyFeishu, "/feishu/{token}/"),
            (NotifyLark, "/lark/"),
            (NotifyDiscord, "/discord"),
        ):
            monkeypatch.setattr(service, "notify_url", found.url + path)
            monkeypatch.setattr(service, "request_rate_per_sec", 0)
        yield found


def sent(url: str, picture: bytes | None = None, title: str = "") -> Fate:
    return send(Secret(url), Message(title, TEXT, picture))


def test_wecom_gets_the_text(hook: Hook) -> None:
    assert Sent() == sent(WECOM)
    assert ("/wecom", {"msgtype": "text", "text": {"content": TEXT}}) == (
        hook.requests[0].path,
        hook.requests[0].data,
    )


def test_dingtalk_gets_the_text_and_a_signature_that_fits(hook: Hook) -> None:
    """Apprise's own is escaped twice."""
    assert Sent() == sent(DINGTALK)
    request = hook.requests[0]
    stamp = request.query["timestamp"][0]
    expected = hmac.digest(b"SECabc", f"{stamp}\nSECabc".encode(), hashlib.sha256)

    assert TEXT == request.data["text"]["content"]
    assert base64.b64encode(expected).decode() == request.query["sign"][0]


def test_feishu_and_lark_get_the_text(hook: Hook) -> None:
    assert (Sent(), Sent()) == (sent(FEISHU), sent(LARK))
    assert TEXT == hook.requests[0].data["content"]["text"]
    assert TEXT in str(hook.requests[1].data).replace("\\n", "\n")


def test_discord_gets_text_and_picture(hook: Hook) -> None:
    assert Sent() == sent(DISCORD, PNG)
    assert b"".join(request.body for request in hook.requests).count(PNG) == 1
    assert TEXT == hook.requests[0].data["content"]


def test_any_service_may_be_reached_by_json(hook: Hook) -> None:
    assert Sent() == sent(f"json://127.0.0.1:{hook.port}/here", title="标题")
    assert ("标题", TEXT) == (hook.requests[0].data["title"], hook.requests[0].data["message"])


def test_a_mail_says_what_was_meant_and_holds_the_picture() -> None:
    with mail_server() as hook:
        fate = sent(f"mailto://127.0.0.1:{hook.port}?from=a@example.org&to=b@example.org", PNG, title="标题")
    mail = email.message_from_bytes(hook.requests[0].body, policy=email.policy.default)
    parts = {part.get_content_type(): bytes(part.get_payload(decode=True) or b"") for part in mail.walk()}
    assert Sent() == fate
    assert "标题" == mail["subject"]
    assert TEXT == parts["text/plain"].decode().replace("\r\n", "\n").strip()
    assert PNG == parts["image/png"]


@pytest.mark.parametrize(
    ("url", "answer"),
    [(WECOM, b'{"errcode": 93000}'), (DINGTALK, b'{"errcode": 310000}'), (FEISHU, b'{"code": 19021}')],
)
def test_a_refusal_with_http_200_is_a_refusal(hook: Hook, url: str, answer: bytes) -> None:
    """Apprise takes it for success."""
    hook.answer = answer

    assert isinstance(sent(url), Refused)


@pytest.mark.parametrize("answer", [b"", b"[]", b"<html>", b'{"errcode": 0}', b'{"errcode": null}'])
def test_any_other_answer_with_http_200_makes_no_refusal(hook: Hook, answer: bytes) -> None:
    hook.answer = answer

    assert not isinstance(sent(WECOM), Refused) or answer == b'{"errcode": null}'


@pytest.mark.parametrize(
    ("status", "fate"), [(400, Refused), (404, Refused), (302, Refused), (500, Lost), (502, Lost)]
)
def test_what_may_have_arrived_is_not_taken_for_refused(hook: Hook, status: int, fate: type) -> None:
    hook.status = status

    assert isinstance(sent(WECOM), fate)
    assert 1 == len(hook.requests)  # nothing follows a redirect, and nothing is tried twice


def test_a_service_that_hangs_up_leaves_it_open(hook: Hook) -> None:
    hook.silent = True

    assert isinstance(sent(WECOM), Lost)


def test_a_connection_that_was_never_made_carried_nothing() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        assert isinstance(sent(f"json://127.0.0.1:{unheard.getsockname()[1]}"), Refused)


@pytest.mark.parametrize("url", ["", "nonsense", "nobody://knows", "https://example.invalid\n"])
def test_what_is_no_url_is_refused_and_not_told(url: str) -> None:
    fate = sent(url)

    assert isinstance(fate, Refused)
    assert not url or url not in str(fate.reason)


def test_nothing_of_the_url_is_logged(
    hook: Hook, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    hook.status = 500
    sent(DISCORD)
    said = capfd.readouterr()

    assert "t" * 20 not in caplog.text + said.out + said.err
