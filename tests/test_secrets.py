"""A secret can be used and compared, and nothing that prints, stores or copies values gives it away."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.pretty import pretty_repr

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.connection import EndpointSettings
from qqgroup_provision.secrets import Secret

VALUE = "hunter2-t0ken"
SECRET = Secret(VALUE)
SETTINGS = EndpointSettings("main", "http://127.0.0.1:1", SECRET)


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        format,
        lambda secret: f"{secret}{secret!r}{secret!s:>30}{secret:>30}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031
        lambda secret: "{} {0!r}".replace("{}", "{0}").format(secret),
        lambda secret: str([secret, {"token": secret}, (secret,)]),
        lambda secret: str(say("The token is {token}.", token=secret)),
        lambda secret: pretty_repr({"token": secret}),
        lambda _: repr(SETTINGS),
        lambda secret: json.dumps({"token": secret}, default=str),
        lambda secret: str(dataclasses.replace(SETTINGS, token=secret)),
    ],
)
def test_nothing_that_prints_shows_it(show: Callable[[Secret], str]) -> None:
    shown = show(SECRET)

    assert VALUE not in shown
    assert "(sensitive)" in shown


@pytest.mark.parametrize(
    "copied",
    [
        *(lambda secret, p=p: pickle.dumps(secret, p) for p in range(pickle.HIGHEST_PROTOCOL + 1)),
        lambda _: pickle.dumps(SETTINGS),
        copy.copy,
        copy.deepcopy,
        lambda _: dataclasses.asdict(SETTINGS),
        json.dumps,
        yaml.safe_dump,
        vars,
    ],
)
def test_nothing_that_copies_or_stores_takes_it(copied: Callable[[Secret], Any]) -> None:
    with pytest.raises((TypeError, yaml.YAMLError)) as caught:
        copied(SECRET)

    assert VALUE not in str(caught.value)


def failing(secret: Secret) -> None:
    token = secret
    raise RuntimeError(f"cannot use {token} of {SETTINGS}")


def test_no_traceback_shows_it_not_even_one_with_local_variables() -> None:
    out = io.StringIO()
    try:
        failing(SECRET)
    except RuntimeError as error:
        plain = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        Console(file=out, width=200).print_exception(show_locals=True)

    for shown in (plain, out.getvalue()):
        assert VALUE not in shown.replace(f'VALUE = "{VALUE}"', "")
        assert "(sensitive)" in shown


def test_no_log_line_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("token %s of %r", SECRET, SETTINGS)

    assert VALUE not in caplog.text
    assert "(sensitive)" in caplog.text


@given(st.text(), st.text())
def test_two_are_equal_exactly_when_their_values_are(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) == (one == other)
    assert Secret(one) != one
    assert hash(Secret(one)) == hash(Secret(one))
    assert one == Secret(one).reveal()
