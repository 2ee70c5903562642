"""What a valid file turns into."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from pydantic import ValidationError

from homeport.manifest import (
    App,
    CommandSecret,
    DirectorySource,
    FileSecret,
    GitSource,
    PackageSource,
    render_command,
)
from tests.unit.manifest.pinboard import Read

SOURCE = "source: examples/pinboard"
COMMAND = "gunicorn --bind 0.0.0.0:{port} pinboard.web:app"
SOCKET = {"command": "serve --bind unix:{socket}", "listen": "socket"}


def test_a_valid_file_says_everything(read: Read, project: Path) -> None:
    app = read()
    web, tidy = app.processes["web"], app.schedules["tidy"]
    assert app.source == DirectorySource("examples/pinboard")
    assert app.root == project
    assert app.environment == {"PINBOARD_TITLE": "Pinboard", "WORKERS": "2"}
    assert app.data == ("uploads", "cache/thumbs")
    assert app.secrets["PINBOARD_TOKEN"] == FileSecret(file="secrets/pinboard-token")
    assert app.secrets["PINBOARD_KEY"] == CommandSecret(command=("pass", "show", "pinboard/key"))
    assert (web.listen, web.stop_timeout, web.health.ready.path) == (8000, 20, "/health/ready")
    assert web.relax == ("MemoryDenyWriteExecute",)
    assert (tidy.at, tidy.timeout, tidy.relax) == ("daily", 600, ())
    assert app.unit("web") == "pinboard-web"


def test_little_is_enough(read: Read) -> None:
    text = "name: a\nsource: .\npython: '3.13'\nprocesses: {web: {command: run}}\n"
    app = read(text=text)
    assert (app.requirements, app.index, app.packages) == (None, None, ())
    assert app.processes["web"].stop_timeout == 30


def test_a_source_may_be_a_git_repository(read: Read) -> None:
    app = read(SOURCE, "source: {ref: v1.2, git: 'git@host.example:me/app.git'}")
    assert app.source == GitSource(git="git@host.example:me/app.git", ref="v1.2")


def test_a_source_may_be_a_package(read: Read) -> None:
    app = read(SOURCE, 'source: {package: datasette, version: "0.65"}')
    assert app.source == PackageSource(package="datasette", version="0.65")


def test_a_secret_may_be_anywhere_on_the_machine_that_deploys(read: Read, project: Path) -> None:
    places = {"../token": project / "../token", "/etc/t": Path("/etc/t"), "~/t": Path.home() / "t"}
    for written, meant in places.items():
        secret = read("secrets/pinboard-token", written).secrets["PINBOARD_TOKEN"]
        assert isinstance(secret, FileSecret)
        assert read().resolve(secret.file) == meant


def test_a_health_check_may_want_a_body_and_has_sensible_numbers(read: Read) -> None:
    live = "{path: /health/live, body: 'status: ok'}"
    health = read("live: /health/live", f"live: {live}").processes["web"].health
    assert (health.live.path, health.live.body) == ("/health/live", "status: ok")
    assert (health.ready.path, health.ready.body) == ("/health/ready", None)
    numbers = (health.every, health.timeout, health.failures, health.restarts, health.start)
    assert numbers == (30, 5, 3, 3, 90)
    assert health.successes == 1


def test_a_process_on_a_socket_has_slots_unless_it_must_be_alone(read: Read) -> None:
    assert not read().processes["worker"].slotted
    beside = {**SOCKET, "exclusive": False}
    assert read(processes={"web": beside}).processes["web"].slotted
    alone = {**SOCKET, "exclusive": True}
    assert not read(processes={"web": alone}).processes["web"].slotted


def test_a_release_takes_over_as_described_or_in_a_sensible_way(read: Read) -> None:
    release = read().release
    assert (release.soak, release.drain, release.keep, release.data) == (3, 10, 7, 1)
    release = read("release: {soak: 3, keep: 7}", "").release
    assert (release.soak, release.drain, release.keep, release.data) == (5, 10, 5, 1)


def test_a_host_may_be_asked_more_often_than_another(read: Read) -> None:
    health = read(processes={"web": {"health": {"every": 5}}}).processes["web"].health
    assert (health.every, health.live.path) == (5, "/health/live")
    health = read(processes={"web": {"health": {"live": None}}}).processes["web"].health
    assert (health.live, health.ready.path) == (None, "/health/ready")


def test_a_watchdog_implies_notify(read: Read) -> None:
    assert read("    notify: true\n", "").processes["web"].notify


def test_an_application_cannot_be_changed(read: Read) -> None:
    with pytest.raises(ValidationError):
        read().name = "other"


def test_an_application_survives_a_copy(read: Read) -> None:
    app = read()
    copied = pickle.loads(pickle.dumps(app))  # noqa: S301 - made on the same line
    assert (copied, copied.root) == (app, app.root)


def test_an_application_can_be_written_down_and_read_again(read: Read, project: Path) -> None:
    app = read()
    dumped = app.model_dump(exclude_none=True)
    assert "root" not in dumped
    assert App.model_validate(dumped, context={"root": project}) == app


def test_a_port_is_filled_in(read: Read) -> None:
    words = ("gunicorn", "--bind", "0.0.0.0:8000", "pinboard.web:app")
    assert render_command(read().processes["web"]) == words


def test_a_socket_is_filled_in_as_one_word(read: Read) -> None:
    web = read(processes={"web": SOCKET}).processes["web"]
    assert render_command(web, Path("/run/a b.sock")) == ("serve", "--bind", "unix:/run/a b.sock")


def test_a_socket_is_never_forgotten(read: Read) -> None:
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
def test_a_command_is_split_as_by_a_shell_and_braces_are_escaped_by_doubling(
    read: Read, written: str, words: tuple[str, ...]
) -> None:
    app = read(processes={"web": {"command": written}})
    assert render_command(app.processes["web"]) == words


def test_a_folded_command_is_one_command(read: Read) -> None:
    folded = ">\n      gunicorn --bind 0.0.0.0:{port}\n      pinboard.web:app"
    web = read(COMMAND, folded).processes["web"]
    assert render_command(web)[-1] == "pinboard.web:app"


def test_places_of_the_host_are_filled_in(read: Read) -> None:
    places = {"config": "/etc/x", "data": "/var/x"}
    words = ("pinboard", "init", "/var/x", "/etc/x")
    assert render_command(read().init["database"], places=places) == words
    with pytest.raises(ValueError, match="config, data"):
        render_command(read().init["database"])


def test_an_init_may_be_its_command_alone_and_they_run_in_the_order_of_the_file(
    read: Read,
) -> None:
    app = read()
    assert list(app.init) == ["database", "first-user"]
    assert render_command(app.init["first-user"]) == ("pinboard", "add-user", "admin")
    assert app.init["first-user"].timeout == 3600


def test_a_schedule_is_rendered_as_well(read: Read) -> None:
    assert render_command(read().schedules["tidy"]) == ("python", "-m", "pinboard.tidy")
