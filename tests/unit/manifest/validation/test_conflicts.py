"""What manifest.validation.conflicts promises."""

from __future__ import annotations

import pytest

from homeport.errors import UserError
from tests.support.app_slips import WORKER
from tests.support.valid_app import Read


@pytest.mark.parametrize("section", ["processes", "schedules", "run_once"])
def test_conflicts__a_folder_of_configuration_that_nobody_describes_is_refused(
    read: Read, section: str
) -> None:
    text = (
        "name: a\nsource: examples\npython: '3.11'\nprocesses: {w: {command: x}}\n"
        "schedules: {s: {command: x, at: daily}}\nrun_once: {i: {command: x}}\n"
    )
    with pytest.raises(UserError, match="no configuration files") as caught:
        read(text=f"{text}release_check: 'x {{config}}'\n")
    assert caught.value.key == "release_check"
    name = {"processes": "w", "schedules": "s", "run_once": "i"}[section]
    with pytest.raises(UserError, match="no configuration files") as caught:
        read(f"{{{name}: {{command: x", f"{{{name}: {{command: 'x {{config}}'", text=text)
    assert caught.value.key == f"{section}.{name}.command"


def test_conflicts__two_processes_on_one_port_are_refused(read: Read) -> None:
    with pytest.raises(UserError) as caught:
        read(WORKER, f"{WORKER}\n    listen: 8000")
    assert caught.value.key == "processes.worker.listen"
    assert "web listens on port 8000 as well" in caught.value.what


def test_conflicts__two_processes_may_each_have_a_socket(read: Read) -> None:
    worker = f"{WORKER} {{socket}}\n    listen: socket"
    assert read(WORKER, worker).processes["worker"].listen == "socket"


def test_conflicts__a_file_that_runs_nothing_is_refused(read: Read) -> None:
    with pytest.raises(UserError, match="no process and no schedule"):
        read(text='name: a\nsource: .\npython: "3.11"\n')


def test_conflicts__health_without_anything_that_listens_is_refused(read: Read) -> None:
    with pytest.raises(UserError, match="where nothing listens"):
        read(WORKER, f"{WORKER}\n    health: {{live: /}}")
