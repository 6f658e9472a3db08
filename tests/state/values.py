"""States, entries and addresses as Hypothesis makes them."""

from __future__ import annotations

from hypothesis import strategies as st

from qqgroup_provision.addresses import Address
from qqgroup_provision.ports import Value
from qqgroup_provision.state.model import Entry, State

words = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=8)
texts = st.text(max_size=8)
addresses = st.builds(Address, words, words, st.just("") | words)
values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
entries = st.builds(
    Entry,
    ids=st.dictionaries(texts, texts, max_size=2),
    applied=st.dictionaries(texts, values, max_size=3),
    unverified=st.lists(texts, max_size=2).map(tuple),
    applied_at=st.just("2026-11-23T12:00:00+00:00"),
    protected=st.booleans(),
)
states = st.builds(
    State,
    lineage=texts,
    serial=st.integers(0, 1 << 40),
    entries=st.dictionaries(addresses, entries, max_size=4),
)
completed = st.lists(st.tuples(addresses, st.none() | entries), max_size=5)
