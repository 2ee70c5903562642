"""What tests of several modules share: app overrides."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

WHERE = "group_data/pi.py"
KEYS = st.sampled_from("abc")
LEAVES = st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
BASES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3))
OVERS = st.recursive(st.none() | LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3))
BASE, OVER = st.dictionaries(KEYS, BASES, max_size=3), st.dictionaries(KEYS, OVERS, max_size=3)
Data = dict[str, Any]
