"""What engine.sandbox promises."""

from __future__ import annotations

import re
import shlex

from hypothesis import given
from hypothesis import strategies as st

from homeport.engine.sandbox import escaped
from homeport.hostctl import protocol
from tests.support.sample_app import SANDBOX


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_sandbox__words_reach_a_command_as_they_are(words: list[str]) -> None:
    # systemd takes each `$$` for one `$`.
    assert [re.sub(r"\$\$", "$", word) for word in shlex.split(escaped(words))] == words


def test_sandbox__a_command_is_run_by_the_systems_python_with_nothing_of_the_release() -> None:
    line = SANDBOX.command('"$stage"', "judge it", "it can't", 60)
    words = shlex.split(line.removesuffix(" </etc/sec"))
    assert words[:5] == ["/usr/bin/python3", "-I", "-S", "-B", "/srv/c"]
    assert words[5:9] == [protocol.LIBRARY, "homeport-check-shop", "it can't", "60"]
    assert words[9:11] == ["--property=A=b c", "--setenv=HOMEPORT_RELEASE=$stage"]
    assert words[11:] == ["/srv/r", "judge", "it"]
    assert line.endswith(" </etc/sec")
    assert " -s " in SANDBOX.command('"$stage"', "judge", "", 60, shown=True)
