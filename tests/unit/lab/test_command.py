"""What lab.command promises."""

import pytest

from homeport.errors import UserError
from lab.command import attempt, output


def test_command__a_missing_program_is_code_127() -> None:
    assert attempt(["no-such-program-here"]).returncode == 127


def test_command__a_failed_program_is_an_error_with_its_last_words() -> None:
    with pytest.raises(UserError, match="code 3: last words"):
        output(["sh", "-c", "echo first; echo last words; exit 3"])
