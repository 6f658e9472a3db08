"""Quick operations: what a bot answers to an event to have something done at once (qq_protocol §1.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.simulator.dialects.base import Action, Implementation, Params

HALF_AN_HOUR = 1800  # seconds of a ban that says nothing else


def action(service: Implementation) -> Action:
    """The action `.handle_quick_operation` of an implementation."""

    def run(params: Params) -> None:
        context, operation = params.get("context"), params.get("operation")
        if isinstance(context, dict) and isinstance(operation, dict):
            operate(service, context, operation)

    return Action(run, writes=True)


def operate(service: Implementation, event: Mapping[str, Any], operation: Mapping[str, Any]) -> None:
    """Do what the implementation knows of it. What fails is not told, as nobody waits for it."""
    known = {key: value for key, value in operation.items() if key in service.quick_operations}
    kind = event.get("post_type")
    whom = {"group_id": event.get("group_id"), "user_id": event.get("user_id")}
    if kind == "message":
        if known.get("reply"):
            service.call("send_msg", {**whom, "message_type": event.get("message_type"), **_reply(event, operation)})
        if known.get("delete"):
            service.call("delete_msg", {"message_id": event.get("message_id")})
        if known.get("kick"):
            service.call("set_group_kick", whom)
        if known.get("ban"):
            service.call("set_group_ban", {**whom, "duration": operation.get("ban_duration", HALF_AN_HOUR)})
    if kind == "request" and isinstance(known.get("approve"), bool):
        params = {"flag": event.get("flag"), "sub_type": event.get("sub_type"), "approve": known["approve"]}
        service.call("set_group_add_request", {**params, "reason": operation.get("reason", "")})


def _reply(event: Mapping[str, Any], operation: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent: the reply, after a mention of who is replied to if that is wished."""
    reply, plain = operation["reply"], operation.get("auto_escape") is True
    if operation.get("at_sender") is not True or event.get("message_type") != "group":
        return {"message": reply, "auto_escape": plain}
    mention = {"type": "at", "data": {"qq": str(event.get("user_id"))}}
    if isinstance(reply, list):
        return {"message": [mention, *reply]}
    if plain:
        return {"message": [mention, {"type": "text", "data": {"text": f" {reply}"}}]}
    return {"message": f"[CQ:at,qq={event.get('user_id')}] {reply}"}
