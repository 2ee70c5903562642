"""What tests of several modules share: planned names."""

from __future__ import annotations

from hypothesis import strategies as st

names = st.sets(st.from_regex(r"[a-z][a-z0-9.+-]{0,7}[a-z0-9.+]", fullmatch=True), max_size=6)
