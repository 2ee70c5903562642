"""From group_data to a description: what doesn't fit is said before anything connects."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.artifacts import PythonPlatform
from homeport.description import host
from homeport.description.host import application_of, describe_host, target_of
from homeport.description.host_data import HostData
from homeport.errors import UserError
from homeport.files.entries import File
from homeport.operations.config_files import ConfigFile
from homeport.operations.platform.resources import HostPlatform
from homeport.operations.releases import Release
from homeport.operations.venvs.resources import Venv
from tests.support.described_app import Project
from tests.support.described_hosts import PI, here

__all__ = ["here"]


def test_host_is_described_by_its_data(here: Project) -> None:
    description = describe_host(PI)
    assert description.of(HostPlatform) == (HostPlatform("arm64", "12"),)


def test_host__what_differs_on_a_host_is_said_in_its_data(here: Project) -> None:
    app = {"environment": {"MODE": "pi"}}
    files = {file.path: file for file in describe_host({**PI, "app": app}).of(File)}
    assert b'MODE="pi"' in files["/etc/homeport/shop/environment"].content
    assert b'WORKERS="2"' in files["/etc/homeport/shop/environment"].content


@pytest.mark.parametrize("debian", ["12", 12])
def test_host__a_release_may_be_written_as_a_number(here: Project, debian: object) -> None:
    data = {"architecture": "amd64", "debian": debian}
    assert target_of(here.app(), HostData.parse(data)) == PythonPlatform("amd64", "3.11", "12")


def test_host__each_debian_has_the_python_that_it_keeps_secure(here: Project) -> None:
    here.replace('"3.11"', '"3.13"')
    data = {"architecture": "amd64", "debian": "13"}
    assert target_of(here.app(), HostData.parse(data)) == PythonPlatform("amd64", "3.13", "13")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"debian": "11"}, r"group_data: debian: 11 is not supported.*set debian = .12. or"),
        ({"debian": "bookworm"}, r"group_data: debian: bookworm is not supported"),
        ({"debian": None}, r"group_data: debian: None is not supported"),
        ({"debian": "13"}, r"app.yml:3: python: Debian 13 has Python 3.13, not 3.11.*3.13"),
        ({"architecture": "armhf"}, r"armhf: 32-bit systems aren't supported"),
        ({"architecture": "riscv64"}, r"only amd64 and arm64 are supported"),
        ({"app": ["environment"]}, r"group_data: app: app is not a mapping"),
        ({"app": {"environmnt": {}}}, r"environmnt"),
    ],
)
def test_host__data_that_does_not_fit_is_refused_with_its_fix(
    data: dict[str, object], message: str, here: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here.root)
    with pytest.raises(UserError, match=message) as caught:
        describe_host({**PI, **data})
    assert "Fix: " in str(caught.value)


def test_host_without_any_data_is_told_what_is_missing(here: Project) -> None:
    with pytest.raises(UserError, match="is not supported"):
        describe_host({})


def test_host__without_an_override_the_application_is_as_written(here: Project) -> None:
    assert application_of(HostData.parse({})) == here.app()


def test_host__the_application_file_is_the_projects_own() -> None:
    assert host.document_of("app.yml").path == Path(host.__file__).parents[2] / "app.yml"


def test_host__another_application_file_is_deployed_from_its_own_folder(here: Project) -> None:
    folder = here.root / "blog"
    (folder / "code").mkdir(parents=True)
    (folder / "code/blog.py").touch()
    text = "name: blog\nsource: code\npython: '3.11'\nprocesses: {web: {command: blog}}\n"
    (folder / "app.yml").write_text(text)
    for name in ("blog/app.yml", str(folder / "app.yml")):
        description = describe_host({**PI, "app_file": name})
        assert description.app == "blog"
        assert description.of(Release)[0].artifact.modules == ("blog",)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("blog/app.yml", r"blog/app.yml: there is no such file\. Fix: create it"),
        ("blog", r"blog: this is not a file\. Fix: name the application file"),
        ("", r"group_data: app_file: this is not the path"),
        (12, r"group_data: app_file: this is not the path .* app_file = "),
    ],
)
def test_host__an_application_file_that_is_not_there_is_an_error(
    name: object, message: str, here: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here.root)
    if name == "blog":
        (here.root / "blog").mkdir()
    with pytest.raises(UserError, match=message):
        describe_host({**PI, "app_file": name})


def test_host__an_override_is_for_the_application_that_it_names_or_for_any(here: Project) -> None:
    mode = {"environment": {"MODE": "pi"}}
    others = {"name": "blog", "processes": {"nosuch": {"memory": "1M"}}}
    (here.root / "examples/blog").mkdir(parents=True)
    (here.root / "examples/blog/app.yml").write_text("name: blog\n")
    for app in (mode, {"name": "shop", **mode}, [others, {"name": "shop", **mode}], (others, mode)):
        assert application_of(HostData.parse({"app": app})).environment["MODE"] == "pi"
    for app in (others, [others], []):
        assert application_of(HostData.parse({"app": app})) == here.app()
    with pytest.raises(UserError, match=r"group_data: app: 2 overrides are for this application"):
        application_of(HostData.parse({"app": [mode, {"name": "shop", **mode}]}))
    with pytest.raises(UserError, match=r"group_data: app: app is not a mapping"):
        application_of(HostData.parse({"app": [mode, "x"]}))


@pytest.mark.parametrize(
    ("named", "fix"),
    [
        ("shpo", r'write name = "shop"'),
        ("radicle", r'write name = "radicale"'),
        ("quux", r"write one of: radicale, shop; or lay its file in the project"),
        (12, r"write one of: radicale, shop"),
    ],
)
def test_host__an_override_for_an_application_that_is_nowhere_is_an_error(
    here: Project, named: object, fix: str
) -> None:
    (here.root / "examples/radicale").mkdir(parents=True)
    (here.root / "examples/radicale/app.yml").write_text('# mine\nname: "radicale"  # as pip\n')
    (here.root / "examples/odd.yml").mkdir()
    others = {"name": "radicale", "processes": {}}
    message = (
        rf"group_data: app: no application file of the project has the name '{named}'. Fix: {fix}"
    )
    for app in ({"name": named}, [others, {"name": named}]):
        with pytest.raises(UserError, match=message):
            application_of(HostData.parse({"app": app}))


def test_host__a_template_is_rendered_with_the_data_of_its_host(here: Project) -> None:
    here.text += "config_files: {shop.conf: {template: shop.j2}}\n"
    (here.root / "shop.j2").write_text("{{ host.color }}")
    here.app()
    red, blue = ({**PI, "color": color} for color in ("red", "blue"))
    contents = [describe_host(data).of(ConfigFile)[-1].entry.content for data in (red, blue)]
    assert contents == [b"red", b"blue"]
    with pytest.raises(UserError, match=r"shop.j2:1: config_files.shop.conf: .* no 'color'"):
        describe_host(PI)


@pytest.mark.parametrize("value", ["yes", "Yes", True])
def test_host__every_file_is_compared_where_that_is_asked_for(here: Project, value: object) -> None:
    (venv,) = describe_host(PI).of(Venv)
    assert venv.contents is None
    (venv,) = describe_host({**PI, "verify_files": value}).of(Venv)
    assert venv.contents is not None
    (venv,) = describe_host({**PI, "verify_files": "no"}).of(Venv)
    assert venv.contents is None


@pytest.mark.parametrize("value", ["perhaps", 2, None])
def test_host__how_deep_is_yes_or_no(here: Project, value: object) -> None:
    with pytest.raises(
        UserError, match=r"verify_files: .* is neither yes nor no.*write verify_files = True"
    ):
        describe_host({**PI, "verify_files": value})


def test_host__what_you_add_is_part_of_the_description_of_the_hosts_that_you_say(
    here: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = File("/etc/yours", b"")
    monkeypatch.setattr(
        host, "custom_resources", lambda data: (extra,) if data.get("extra") else ()
    )
    assert extra in describe_host({**PI, "extra": True}).resources
    assert describe_host({**PI, "extra": True}).resources[:-1] == describe_host(PI).resources


def test_host__a_resource_of_yours_that_can_not_be_is_told_with_its_file(
    here: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "custom_resources", lambda data: (File("etc/motd", b""),))
    with pytest.raises(UserError, match=r"kinds/__init__.py: 'etc/motd' is not an absolute path"):
        describe_host(PI)
