"""A plan as a file: JSON with Terraform's names, so that policy tools written for it can read ours.

What Terraform has no word for stands under `qqgroup`. The file is byte-stable, and reading one back gives the
very plan that was written. A later minor format only adds keys; a later major one is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.own_json import own_json
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.planning.plan import Extra, GroupFacts, Opening, Past, Plan
from qqgroup_provision.ports import Value
from qqgroup_provision.resources.change import Action, Change, FieldChange
from qqgroup_provision.resources.operation import Operation
from qqgroup_provision.resources.registry import operations, rebuild

FORMAT = "1.2"  # Terraform's plan format that the shared names follow
OUR_FORMAT = 1
_MAX_BYTES = 64 << 20

# What Terraform calls our actions. A replacement creates before it deletes; what a person has to do and what
# is only taken into state change nothing.
_WORDS: Mapping[Action, list[str]] = {
    Action.CREATE: ["create"],
    Action.UPDATE: ["update"],
    Action.REPLACE: ["create", "delete"],
    Action.DELETE: ["delete"],
    Action.FORGET: ["forget"],
    Action.ADOPT: ["no-op"],
    Action.MOVE: ["no-op"],
    Action.MANUAL: ["no-op"],
}
_ACTIONS = {action.word: action for action in Action}


def write_plan(plan: Plan) -> bytes:
    """A plan as its file's bytes. Equal plans give equal bytes."""
    return (json.dumps(plan_document(plan), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def plan_document(plan: Plan) -> dict[str, Any]:
    """A plan as plain data."""
    return {
        "format_version": FORMAT,
        "errored": plan.errored,
        "resource_changes": [_change(change) for change in plan.changes],
        "resource_drift": [],
        "qqgroup": {
            "format": OUR_FORMAT,
            "version": plan.version,
            "commit": plan.commit,
            "past": None if plan.past is None else asdict(plan.past),
            "config_digest": plan.config_digest,
            "lineage": plan.lineage,
            "serial": plan.serial,
            "unchanged": plan.unchanged,
            "reads": plan.reads,
            "writes": plan.writes,
            "seconds": plan.seconds,
            "targets": list(plan.targets),
            "groups": {key: asdict(facts) for key, facts in plan.groups.items()},
            "extras": [{"address": str(extra.address), "summary": extra.summary} for extra in plan.extras],
            "diagnostics": [_diagnostic(item) for item in plan.diagnostics],
            "next_opening": _opening(plan.next_opening),
            "allowed": [str(allowance) for allowance in plan.allowed],
        },
    }


def read_plan(content: bytes, name: str) -> Plan:
    """The plan in a file. `name` is the file's, for messages.

    Raises `InvalidInput`: QG701 for a newer format, QG702 for another file, QG703 for a damaged one.
    """
    document = _document(content, name)
    ours = document.get("qqgroup")
    if "resource_changes" not in document or not isinstance(ours, dict):
        raise _fault("QG702", say("This is not a plan file."), name)
    if not isinstance(ours.get("format"), int) or ours["format"] > OUR_FORMAT:
        raise _fault("QG701", say("The plan was written by version {version} of the tool, in a newer format.",
                                  version=str(ours.get("version"))), name)  # fmt: skip
    try:
        return _read(document, ours)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _fault("QG703", say("The plan file is damaged: {problem}.", problem=str(error)[:120]), name) from None


def _read(document: Mapping[str, Any], ours: Mapping[str, Any]) -> Plan:
    return Plan(
        config_digest=_is(str, ours["config_digest"]),
        lineage=_is(str, ours["lineage"]),
        serial=_is(int, ours["serial"]),
        changes=tuple(_read_change(item) for item in document["resource_changes"]),
        unchanged=_is(int, ours["unchanged"]),
        extras=tuple(Extra(Address.parse(item["address"]), _is(str, item["summary"])) for item in ours["extras"]),
        diagnostics=tuple(_read_diagnostic(item) for item in ours["diagnostics"]),
        groups={
            key: GroupFacts(
                _is(str, item["name"]),
                _is(int, item["group_id"]),
                _is(str, item["account"]),
                _is(int, item["members"]),
            )
            for key, item in ours["groups"].items()
        },
        targets=tuple(_is(str, target) for target in ours["targets"]),
        reads=_is(int, ours["reads"]),
        seconds=_is((int, float), ours["seconds"]),
        next_opening=_read_opening(ours.get("next_opening")),  # older plans have no such key
        allowed=tuple(Allowance.parse(item) for item in ours.get("allowed", ())),  # nor this one
        version=_is(str, ours["version"]),
        commit=_is(str, ours.get("commit", "")),  # nor this one
        past=_read_past(ours.get("past")),  # nor this one
    )


def _opening(opening: Opening | None) -> dict[str, str] | None:
    return None if opening is None else {"address": str(opening.address), "at": opening.at}


def _read_past(written: Any) -> Past | None:
    return None if written is None else Past(_is(str, written["taken"]), _is(int, written["age"]))


def _read_opening(written: Any) -> Opening | None:
    return None if written is None else Opening(Address.parse(written["address"]), _is(str, written["at"]))


def _change(change: Change) -> dict[str, Any]:
    before = {item.name: item.before for item in change.fields} or None
    after = {item.name: item.after for item in change.fields} or None
    sensitive = {item.name: True for item in change.fields if item.sensitive}
    written: dict[str, Any] = {
        "address": str(change.address),
        "mode": "managed",
        "type": change.address.kind,
        "name": change.address.key or change.address.group,
        "provider_name": "qqgroup",
        "change": {
            "actions": _WORDS[change.action],
            "before": None if change.action is Action.CREATE else before,
            "after": None if change.action in (Action.DELETE, Action.FORGET) else after,
            "after_unknown": {},
            "before_sensitive": sensitive,
            "after_sensitive": sensitive,
        },
        "qqgroup": {
            "action": change.action.word,
            "group_id": change.group_id,
            "fields": [asdict(item) for item in change.fields],
            "operations": [{"name": op.name, "fields": asdict(op)} for op in change.operations],
            "reason": _text(change.reason),
            "ids": dict(change.ids),
            "applied": dict(change.applied),
            "unverified": list(change.unverified),
            "fingerprint": change.fingerprint,
            "label": change.label,
            "place": change.place._asdict() if change.place else None,
            "protected": change.protected,
            "audience": change.audience.value,
            "reversible": change.reversible,
        },
    }
    if change.moved_from is not None:
        written["previous_address"] = str(change.moved_from)
    if change.action is Action.ADOPT:
        written["change"]["importing"] = {"id": ",".join(change.ids.values())}
    return written


def _read_change(written: Mapping[str, Any]) -> Change:
    ours = written["qqgroup"]
    return Change(
        address=Address.parse(written["address"]),
        action=_ACTIONS[ours["action"]],
        group_id=_is(int, ours["group_id"]),
        fields=tuple(
            FieldChange(
                _is(str, item["name"]),
                _value(item["before"]),
                _value(item["after"]),
                _is(bool, item["sensitive"]),
            )
            for item in ours["fields"]
        ),
        operations=tuple(_operation(item) for item in ours["operations"]),
        reason=_read_text(ours["reason"]),
        ids={_is(str, key): _is(str, value) for key, value in ours["ids"].items()},
        applied={_is(str, key): _value(value) for key, value in ours["applied"].items()},
        unverified=tuple(_is(str, item) for item in ours["unverified"]),
        fingerprint=_is(str, ours["fingerprint"]),
        label=_is(str, ours["label"]),
        place=_place(ours["place"]),
        moved_from=Address.parse(written["previous_address"]) if "previous_address" in written else None,
        protected=_is(bool, ours.get("protected", False)),  # older plans have no such key
    )


def _operation(written: Mapping[str, Any]) -> Operation:
    return rebuild(operations()[written["name"]], written["fields"])


def _diagnostic(item: Diagnostic) -> dict[str, Any]:
    return {
        "code": item.code,
        "severity": item.severity.value,
        "summary": _text(item.summary),
        "detail": _text(item.detail),
        "hint": _text(item.hint),
        "subject": item.subject,
        "place": item.place._asdict() if item.place else None,
    }


def _read_diagnostic(written: Mapping[str, Any]) -> Diagnostic:
    return Diagnostic(
        code=_is(str, written["code"]),
        summary=_read_text(written["summary"]) or say("?"),
        detail=_read_text(written["detail"]),
        place=_place(written["place"]),
        subject=_is(str, written["subject"]),
        hint=_read_text(written["hint"]),
        severity=Severity(written["severity"]),
    )


def _place(written: Any) -> Place | None:
    if written is None:
        return None
    numbers = [_is(int, written[key]) for key in ("line", "column", "end_line", "end_column")]
    return Place(_is(str, written["file"]), *numbers)


def _text(text: Text | None) -> Any:
    """A sentence with its values apart, so that it can be shown in another language later."""
    if text is None:
        return None
    values = {
        key: _text(value) if isinstance(value, Text) else value if isinstance(value, int) else str(value)
        for key, value in text.values.items()
    }
    return {"text": text.template, "values": values}


def _read_text(written: Any) -> Text | None:
    if written is None:
        return None
    values = {
        key: _read_text(value) if isinstance(value, dict) else _value(value)
        for key, value in written["values"].items()
    }
    if any(value is None or isinstance(value, tuple) for value in values.values()):
        raise TypeError("a sentence with something else in it than texts and numbers")
    text = Text(_is(str, written["text"]), values)
    str(text)  # a template whose values are missing raises here, not when it is shown
    return text


def _value(written: Any) -> Value:
    if isinstance(written, list):
        return tuple(_value(item) for item in written)
    if isinstance(written, dict):
        return {key: _value(item) for key, item in written.items()}
    if written is None or isinstance(written, (str, int)):
        return written
    raise TypeError(f"a value of type {type(written).__name__}")


def _is(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r:.40} where another type belongs")
    return value


def _document(content: bytes, name: str) -> dict[str, Any]:
    if len(content) > _MAX_BYTES:
        raise _fault("QG703", say("The plan file is larger than {most} bytes.", most=_MAX_BYTES), name)
    try:
        document = own_json(content)
    except (ValueError, RecursionError):
        raise _fault("QG703", say("The plan file is damaged: it is not JSON."), name) from None
    if not isinstance(document, dict):
        raise _fault("QG702", say("This is not a plan file."), name)
    return document


def _fault(code: str, summary: Text, name: str) -> InvalidInput:
    hints = {
        "QG701": say("Use the version of the tool that wrote it, or make the plan again."),
        "QG702": say("Name a file that `qqgroup plan --out` wrote."),
        "QG703": say("Make the plan again."),
    }
    return InvalidInput(Diagnostic(code, summary, subject=name, hint=hints[code]))
