"""What engine.secret_digest promises."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.engine.secret_digest import SHELL, fingerprint, sha256
from tests.support.real_shell import checked


@settings(max_examples=10)
@given(st.text("0123456789abcdef", min_size=1, max_size=32), st.binary(max_size=40))
def test_secret_digest__host_and_controller_give_a_secret_the_same_fingerprint(
    key: str, secret: bytes
) -> None:
    digest = sha256(secret)
    printed = checked(f"key={key}\n{SHELL}\nfingerprint {digest}\n").strip()
    assert fingerprint(key, digest) == printed


def test_secret_digest__a_fingerprint_says_nothing_without_its_key() -> None:
    digest = sha256(b"hunter2")
    assert len({fingerprint("1", digest), fingerprint("2", digest), digest}) == 3
