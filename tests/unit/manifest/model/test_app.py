"""What a valid file turns into."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from pydantic import ValidationError

from homeport.manifest import App, CommandSecret, DirectorySource, FileSecret
from tests.support.valid_app import Read


def test_app__a_valid_file_says_everything(read: Read, project: Path) -> None:
    app = read()
    web, tidy = app.processes["web"], app.schedules["tidy"]
    assert app.source == DirectorySource("examples/pinboard")
    assert app.root == project
    assert app.environment == {"PINBOARD_TITLE": "Pinboard", "WORKERS": "2"}
    assert app.data == ("uploads", "cache/thumbs")
    assert app.secrets["PINBOARD_TOKEN"] == FileSecret(file="secrets/pinboard-token")
    assert app.secrets["PINBOARD_KEY"] == CommandSecret(command=("pass", "show", "pinboard/key"))
    assert (web.listen, web.stop_timeout, web.health.ready.path) == (8000, 20, "/health/ready")
    assert web.disable_hardening == ("MemoryDenyWriteExecute",)
    assert (tidy.at, tidy.timeout, tidy.disable_hardening) == ("daily", 600, ())
    assert app.unit("web") == "pinboard-web"


def test_app__little_is_enough(read: Read) -> None:
    text = "name: a\nsource: .\npython: '3.13'\nprocesses: {web: {command: run}}\n"
    app = read(text=text)
    assert (app.requirements, app.index_url, app.apt_packages) == (None, None, ())
    assert app.processes["web"].stop_timeout == 30


def test_app__a_host_may_be_asked_more_often_than_another(read: Read) -> None:
    health = read(processes={"web": {"health": {"interval": 5}}}).processes["web"].health
    assert (health.interval, health.live.path) == (5, "/health/live")
    health = read(processes={"web": {"health": {"live": None}}}).processes["web"].health
    assert (health.live, health.ready.path) == (None, "/health/ready")


def test_app__an_application_cannot_be_changed(read: Read) -> None:
    with pytest.raises(ValidationError):
        read().name = "other"


def test_app__an_application_survives_a_copy(read: Read) -> None:
    app = read()
    copied = pickle.loads(pickle.dumps(app))  # noqa: S301 - made on the same line
    assert (copied, copied.root) == (app, app.root)


def test_app__an_application_can_be_written_down_and_read_again(read: Read, project: Path) -> None:
    app = read()
    dumped = app.model_dump(exclude_none=True)
    assert "root" not in dumped
    assert App.model_validate(dumped, context={"root": project}) == app
