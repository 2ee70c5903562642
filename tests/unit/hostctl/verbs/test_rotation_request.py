"""A rotation is requested by words, and what is no such word is usage."""

from __future__ import annotations

import pytest

from homeport.hostctl.system.exit_codes import Usage
from homeport.hostctl.verbs.rotation_request import RotationRequest
from homeport.hostctl.verbs.transitions import DETACHED


def test_rotation_request__its_words_are_a_name_and_options() -> None:
    words = ["rotate", "shop", "TOKEN", "--user", "me@desk", "--basis", '{"last": "d1"}']
    assert RotationRequest.of(words) == RotationRequest(
        "shop", "TOKEN", user="me@desk", basis={"last": "d1"}
    )
    assert RotationRequest.of([*words[:3], "--dry", "--json"]) == RotationRequest(
        "shop", "TOKEN", dry=True, as_json=True
    )
    detached = [*words[:3], "--deploy-id", "d1", DETACHED]
    assert RotationRequest.of(detached) == RotationRequest("shop", "TOKEN", deploy_id="d1")


@pytest.mark.parametrize(
    "words", [[], ["show", "shop", "TOKEN"], ["rotate", "shop"], ["rotate", "shop", "TOKEN", "x"]]
)
def test_rotation_request_that_is_not_understood_is_usage(words: list[str]) -> None:
    with pytest.raises(Usage):
        RotationRequest.of(words)
