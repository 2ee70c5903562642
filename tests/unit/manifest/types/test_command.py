"""What manifest.types.command promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.manifest import render_command
from tests.support.app_values import SOCKET
from tests.support.valid_app import Read

COMMAND = "gunicorn --bind 0.0.0.0:{port} pinboard.web:app"


def test_command__a_port_is_filled_in(read: Read) -> None:
    words = ("gunicorn", "--bind", "0.0.0.0:8000", "pinboard.web:app")
    assert render_command(read().processes["web"]) == words


def test_command__a_socket_is_filled_in_as_one_word(read: Read) -> None:
    web = read(processes={"web": SOCKET}).processes["web"]
    assert render_command(web, Path("/run/a b.sock")) == ("serve", "--bind", "unix:/run/a b.sock")


def test_command__a_socket_is_never_forgotten(read: Read) -> None:
    with pytest.raises(ValueError, match="socket"):
        render_command(read(processes={"web": SOCKET}).processes["web"])


@pytest.mark.parametrize(
    "written, words",
    [
        ("run '{{\"a\": {{}}}}'", ("run", '{"a": {}}')),
        ("run {{port}} {port}", ("run", "{port}", "8000")),
        ("run {{{port}}}", ("run", "{8000}")),
        ("run '' 'a b' c\\ d $HOME %h", ("run", "", "a b", "c d", "$HOME", "%h")),
    ],
)
def test_command_is_split_as_by_a_shell_and_braces_are_escaped_by_doubling(
    read: Read, written: str, words: tuple[str, ...]
) -> None:
    app = read(processes={"web": {"command": written}})
    assert render_command(app.processes["web"]) == words


def test_command__a_folded_command_is_one_command(read: Read) -> None:
    folded = ">\n      gunicorn --bind 0.0.0.0:{port}\n      pinboard.web:app"
    web = read(COMMAND, folded).processes["web"]
    assert render_command(web)[-1] == "pinboard.web:app"


def test_command__places_of_the_host_are_filled_in(read: Read) -> None:
    places = {"config": "/etc/x", "data": "/var/x"}
    words = ("pinboard", "init", "/var/x", "/etc/x")
    assert render_command(read().run_once["database"], places=places) == words
    with pytest.raises(ValueError, match="config, data"):
        render_command(read().run_once["database"])


def test_command__a_schedule_is_rendered_as_well(read: Read) -> None:
    assert render_command(read().schedules["tidy"]) == ("python", "-m", "pinboard.tidy")
