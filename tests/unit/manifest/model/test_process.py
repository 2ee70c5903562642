"""What manifest.model.process promises."""

from __future__ import annotations

from homeport.manifest import render_command
from tests.support.app_values import SOCKET
from tests.support.valid_app import Read


def test_process_on_a_socket_has_slots_unless_it_must_be_alone(read: Read) -> None:
    assert not read().processes["worker"].slotted
    beside = {**SOCKET, "strategy": "blue_green"}
    assert read(processes={"web": beside}).processes["web"].slotted
    alone = {**SOCKET, "strategy": "recreate"}
    assert not read(processes={"web": alone}).processes["web"].slotted


def test_process__a_watchdog_implies_notify(read: Read) -> None:
    assert read("    notify: true\n", "").processes["web"].notify


def test_process__an_init_may_be_its_command_alone_and_they_run_in_the_order_of_the_file(
    read: Read,
) -> None:
    app = read()
    assert list(app.run_once) == ["database", "first-user"]
    assert render_command(app.run_once["first-user"]) == ("pinboard", "add-user", "admin")
    assert app.run_once["first-user"].timeout == 3600
