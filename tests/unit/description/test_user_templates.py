"""A template says what it is told and no more, and what is wrong with it has a file and a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.description.host_data import HostData
from homeport.description.paths import HostPaths
from homeport.description.user_templates import Rendered, TemplateData, render_templates
from homeport.errors import UserError
from tests.support.described_app import Project

SECRETS = {"TOKEN": "hunter2", "KEY": "letmein"}
Render = Callable[..., Rendered]


@pytest.fixture
def render(project: Project, monkeypatch: pytest.MonkeyPatch) -> Render:
    """Render one template, as the file shop.conf, on a host with this data."""
    monkeypatch.chdir(project.root)
    project.text += "config_files: {shop.conf: {template: conf/shop.j2}}\n"
    (project.root / "conf").mkdir()

    def render(template: str | bytes, **data: object) -> Rendered:
        content = template.encode() if isinstance(template, str) else template
        (project.root / "conf/shop.j2").write_bytes(content)
        app = project.app()
        return render_templates(app, HostPaths(app.name), SECRETS, HostData.parse(data).public)[
            "shop.conf"
        ]

    return render


def test_template_knows_the_application_its_host_and_its_places(render: Render) -> None:
    values = {
        "app": "shop",
        "environment.MODE": "a b",
        "environment['WORKERS']": "2",
        "processes.web.listen": "8000",
        "processes.web.run": "/run/shop-web",
        "processes.api.listen": "/run/homeport-sockets/shop/api.sock",
        "processes.api.run is defined": "False",
        "processes.worker.listen": "None",
        "paths.config": "/etc/homeport/shop/config",
        "paths.state": "/var/lib/shop",
        "paths.cache": "/var/cache/shop",
        "paths.logs": "/var/log/shop",
        "paths.current": "/srv/shop/current",
        "host.debian": "12",
        "host.names | join('+')": "a+b",
        "host.limits.cpu": "2",
    }
    for name, value in values.items():
        made = render(f"{{{{ {name} }}}}\n", debian="12", names=("a", "b"), limits={"cpu": 2})
        assert (made.content.decode(), made.secret) == (f"{value}\n", False), name


def test_user_templates__a_file_that_a_secret_was_used_for_is_a_secret(render: Render) -> None:
    assert render("token={{ secrets.TOKEN }}") == Rendered(b"token=hunter2", True)
    assert render("{% for name in secrets %}{{ name }} {% endfor %}").secret
    assert render("{% if 'TOKEN' in secrets %}x{% endif %}").secret
    assert not render("{% if app == 'other' %}{{ secrets.TOKEN }}{% endif %}").secret
    assert render("{{ secrets }}").content == b"(secrets: name one of them)"
    assert "hunter2" not in repr(render("{{ secrets.TOKEN }}"))


def test_user_templates__an_included_template_comes_from_the_project(
    render: Render, project: Project
) -> None:
    (project.root / "conf/part.j2").write_text("{{ secrets.KEY }}")
    assert render("{% include 'conf/part.j2' %}") == Rendered(b"letmein", True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ssh_user", "pi"),
        ("_sudo_password", "x"),
        ("db_password", "x"),
        ("api_token", "x"),
        ("missing", None),
        ("thing", object()),
    ],
)
def test_user_templates__what_is_private_or_not_plain_is_not_told(
    render: Render, name: str, value: object
) -> None:
    with pytest.raises(UserError, match=f"there is no '{name}'"):
        render(f"{{{{ host.{name} }}}}", **{name: value})


@pytest.mark.parametrize(
    ("template", "place", "message", "fix"),
    [
        ("a\n{{ nam }}\n", "conf/shop.j2:2", "'nam' is undefined", "correct the name"),
        ("a\n\n{{ secrets.X }}", "conf/shop.j2:3", "there is no 'X'", "describe it in app.yml"),
        ("{{ processes.x.listen }}", "conf/shop.j2:1", "there is no 'x'", "templates know app"),
        ("{% if %}", "conf/shop.j2:1", "Expected an expression", "correct the template"),
        ("a\n{% for x in app %}", "conf/shop.j2:2", "Unexpected end of template", "correct"),
        ("\n{{ 1 / 0 }}", "conf/shop.j2:2", "ZeroDivisionError", "correct the template"),
        ("\n{% include 'no.j2' %}", "conf/shop.j2:2", "no no.j2 in the project", "correct"),
        ("\n{% include '../x' %}", "conf/shop.j2:2", "no ../x in the project", "correct"),
        ("\n{{ app | nosuch }}", "conf/shop.j2:2", "No filter named 'nosuch'", "correct"),
        (b"\xff", "conf/shop.j2", "UnicodeDecodeError", "correct the template"),
    ],
)
def test_template_that_can_not_be_rendered_is_an_error_with_file_and_line(
    render: Render, template: str, place: str, message: str, fix: str
) -> None:
    with pytest.raises(UserError) as caught:
        render(template)
    assert str(caught.value).startswith(f"{place}: config_files.shop.conf: ")
    assert message in caught.value.what
    assert fix in caught.value.fix
    assert len(str(caught.value).splitlines()) == 1


def test_user_templates__an_error_in_an_included_template_is_placed_there(
    render: Render, project: Project
) -> None:
    (project.root / "conf/part.j2").write_text("\n\n{{ nam }}")
    with pytest.raises(UserError, match=r"^conf/part.j2:3: "):
        render("{% include 'conf/part.j2' %}")
    (project.root / "conf/part.j2").write_text("\n{% if %}")
    with pytest.raises(UserError, match=r"^conf/part.j2:2: "):
        render("{% include 'conf/part.j2' %}")


@pytest.mark.parametrize("template", ["{{ {}[secrets.TOKEN] }}", "{{ (secrets.KEY).foo.bar }}"])
def test_user_templates__an_error_never_shows_a_secret(render: Render, template: str) -> None:
    with pytest.raises(UserError) as caught:
        render(template)
    assert "hunter2" not in str(caught.value)
    assert "letmein" not in str(caught.value)


def test_template_ends_as_it_was_written_and_its_blocks_leave_no_lines(render: Render) -> None:
    assert render("a\n{% if app %}\nb\n  {% endif %}\nc\n").content == b"a\nb\nc\n"
    assert render("a < & b").content == b"a < & b"


plain = st.recursive(
    st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
)


def as_json(value: object) -> object:
    """What is left of a value on its way through JSON, by which the specs get it."""
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return {k: as_json(v) for k, v in value.items()} if isinstance(value, Mapping) else value


@given(plain)
def test_user_templates__data_is_the_same_to_a_deploy_and_to_its_proof(value: object) -> None:
    assert TemplateData({"x": value})["x"] == TemplateData({"x": as_json(value)})["x"]


def test_user_templates__the_place_of_a_template_is_the_folder_of_its_application(
    render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert render("{{ app }}").content == b"shop"
