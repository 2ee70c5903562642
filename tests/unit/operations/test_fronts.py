"""Sites of nginx: tried before they are in place, proven after, and taken back otherwise."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from homeport.engine.kind import (
    Change,
    DesiredState,
    PreconditionError,
    ProbeOutput,
    SnapshotContext,
)
from homeport.files import managed_set as group
from homeport.operations.proxy import apply as nginx
from homeport.operations.proxy import certificates
from homeport.operations.proxy import kind as fronts
from homeport.operations.proxy import site as sites
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.site import ProxyState, Site
from tests.unit.engine.delivering import as_root, run_command
from tests.unit.engine.shell import SHELLS, checked, is_shell
from tests.unit.operations.machines import Programs

pytestmark = as_root

# nginx runs what was in conf.d when it was last told to; a file that says "broken" it doesn't read,
# and one that says "busy" it reads and can't run.
NGINX = """\
if grep -q broken "$(cat mounted)"/conf.d/*.conf; then
  echo 'nginx: [emerg] unknown directive "broken"' >&2; exit 1
fi
cat warns >&2
"""
SYSTEMCTL = """\
case "$1" in
  is-active) [ -e up ] ;;
  reload|start)
    if grep -q busy nginx/conf.d/*.conf 2>/dev/null; then
      echo '2026/01/01 [emerg] 1#1: bind() to 0.0.0.0:80 failed (98: Address already in use)' >>log
      exit 0
    fi
    touch up; rm -rf runs; cp -r nginx/conf.d runs ;;
  show)
    if [ -e up ]; then echo ActiveState=active; else echo ActiveState=failed; fi
    echo UnitFileState=enabled ;;
esac
"""
CURL = """\
for url in "$@"; do :; done
[ -e up ] || exit 7
said=$(cat runs/*.conf 2>/dev/null | sed -n "s|^# It says \\\\([^ ]*\\\\) at $url .*|\\\\1|p")
case "$*" in
  *answers*) number=${*#*answers\\\\t}; printf 'answers\\t%s\\t%s\\n' "${number%%\\\\*}" "$said"
    if [ -e shown ]; then cat shown; fi ;;
  *) printf %s "$said" ;;
esac
"""
Look = Callable[[DesiredState], ProxyState]


class World:
    """A host with nginx: what it has in place, and what it runs."""

    def __init__(self, root: Path, path: str) -> None:
        self.root, self.path = root, path
        self.folder = root / "nginx/conf.d"

    def site(self, name: str = "shop", says: str = "aaaa", more: str = "", **given: str) -> Site:
        url = given.pop("url", f"http://{name}.example:80/.homeport/front")
        text = (
            f"# Answers to {name}.example on port 80.\n# It says {says} at {url} as long.\n{more}"
        )
        path = f"{self.folder}/homeport-{name}.conf"
        return Site(path, text, says, url, (f"{name}.example",), **given)

    def look(self, description: DesiredState) -> ProxyState:
        script = f"export PATH={self.path}\ncd {self.root}\n{fronts.probe(description, 'key')}"
        return fronts.parse(ProbeOutput(checked(script), "key"))

    def plan(self, description: DesiredState) -> list[Change]:
        return fronts.diff(description, self.look(description))

    def deploy(
        self, description: DesiredState, shell: Sequence[str] = ("sh",)
    ) -> subprocess.CompletedProcess[str]:
        found = self.look(description)
        for command in fronts.apply(description, found, fronts.diff(description, found)):
            is_shell(command.get_raw_value(), shell)
            done = run_command(command, shell, self.path, {"WORLD": str(self.root)})
            if done.returncode:
                return done
        return done

    def runs(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in (self.root / "runs").glob("*.conf")}

    def there(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.folder.iterdir() if path.is_file()}


@pytest.fixture
def world(tmp_path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> World:
    root = tmp_path / "world"
    (root / "nginx/conf.d").mkdir(parents=True)
    (root / "mounted").touch()
    (root / "warns").touch()
    (root / "log").touch()
    (root / "up").touch()
    inside = f"cd {root}\n"
    path = programs(
        nginx=inside + NGINX,
        systemctl=inside + SYSTEMCTL,
        curl=inside + CURL,
        unshare='shift\nexec "$@"',
        mount=f'echo "$2" >{root}/mounted',
        sleep="exec /bin/sleep 0.01",
        certbot=inside + 'mkdir -p live\necho "$*" >live/asked',
        sync="",
    )
    functions = nginx.FUNCTIONS.replace("/etc/nginx", f"{root}/nginx")
    functions = functions.replace("/run/homeport-nginx", f"{root}/room")
    functions = functions.replace("/var/log/nginx/error.log", f"{root}/log")
    monkeypatch.setattr(nginx, "FUNCTIONS", functions)
    for module in (nginx, sites):
        monkeypatch.setattr(module, "FOLDER", f"{root}/nginx/conf.d")
    monkeypatch.setattr(certificates, "FOLDER", f"{root}/letsencrypt")
    monkeypatch.setattr(group, "ledger_path", lambda app, name: f"{tmp_path}/var/{app}/{name}")
    return World(root, path)


def described(*resources: object, app: str = "shop") -> DesiredState:
    return DesiredState(app, resources)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_site_is_tried_written_read_and_proven(
    world: World, shell: Sequence[str], log: Path
) -> None:
    site = world.site()
    plan = world.plan(described(site))
    assert [(change.action, Path(change.target).name) for change in plan] == [
        ("add", "homeport-shop.conf"),
        ("add", "fronts"),
        ("change", "nginx.service"),
    ]
    assert plan[-1].reason == "reads its configuration anew"
    log.write_text("")
    done = world.deploy(described(site), shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert world.runs() == world.there() == {"homeport-shop.conf": site.text}
    assert world.plan(described(site)) == []
    calls = [line for line in log.read_text().splitlines() if line.startswith(("nginx", "syst"))]
    assert calls.index("nginx -t") < calls.index("systemctl reload nginx.service")
    assert list((world.root / "room").iterdir()) == []


def test_what_nginx_does_not_understand_changes_no_file_and_is_told_in_its_words(
    world: World, log: Path
) -> None:
    world.deploy(described(world.site()))
    log.write_text("")
    done = world.deploy(described(world.site(says="bbbb", more="broken\n")))
    assert done.returncode != 0
    assert 'unknown directive "broken"' in done.stderr
    assert world.there() == world.runs() == {"homeport-shop.conf": world.site().text}
    assert "systemctl reload" not in log.read_text()
    assert not (world.folder / ".homeport-stage").exists()


@pytest.mark.parametrize("before", [True, False])
def test_what_nginx_can_not_run_is_taken_back_and_told_in_its_words(
    world: World, before: bool, tmp_path: Path
) -> None:
    if before:
        world.deploy(described(world.site()))
    done = world.deploy(described(world.site(says="bbbb", more="# busy\n")))
    assert done.returncode != 0
    assert "98: Address already in use" in done.stderr
    assert "nginx has its old configuration again" in done.stderr
    old = {"homeport-shop.conf": world.site().text} if before else {}
    assert world.there() == world.runs() == old
    assert (tmp_path / "var/shop/fronts").exists() is before
    assert list((world.root / "room").iterdir()) == []


def test_a_name_that_another_site_has_is_refused_and_not_ignored(world: World) -> None:
    (world.root / "warns").write_text(
        'nginx: [warn] conflicting server name "shop.example" on 0.0.0.0:80, ignored\n'
    )
    done = world.deploy(described(world.site()))
    assert done.returncode != 0
    assert 'conflicting server name "shop.example"' in done.stderr
    assert "another site of this nginx has the name" in done.stderr
    assert world.there() == {}


def test_names_that_others_dispute_are_not_ours(world: World) -> None:
    (world.root / "warns").write_text(
        'nginx: [warn] conflicting server name "other.example" on 0.0.0.0:80, ignored\n'
    )
    assert world.deploy(described(world.site())).returncode == 0


def test_what_another_application_answers_to_is_refused_by_the_look(world: World) -> None:
    world.deploy(described(world.site()))
    theirs = replace(world.site(), path=f"{world.folder}/homeport-other.conf")
    with pytest.raises(
        PreconditionError, match=r"homeport-shop.conf, of another application, answers to sh"
    ):
        world.plan(described(theirs, app="other"))
    assert world.plan(described(world.site("other"), app="other")) != []


def test_a_site_that_leaves_is_answered_no_more(world: World, log: Path) -> None:
    (world.folder / "theirs.conf").write_text("theirs")
    world.deploy(described(world.site(), world.site("more", says="cccc")))
    plan = world.plan(described(world.site()))
    assert [(c.action, Path(c.target).name) for c in plan] == [
        ("remove", "homeport-more.conf"),
        ("change", "fronts"),
        ("change", "nginx.service"),
    ]
    assert world.deploy(described(world.site())).returncode == 0
    assert set(world.runs()) == {"homeport-shop.conf", "theirs.conf"}

    plan = world.plan(described())
    assert [change.action for change in plan] == ["remove", "change", "change"]
    log.write_text("")
    assert world.deploy(described()).returncode == 0
    assert set(world.there()) == {"theirs.conf"}
    assert "systemctl reload nginx.service" in log.read_text()
    assert world.plan(described()) == []


def test_a_site_that_can_not_leave_stays_in_the_ledger(world: World, tmp_path: Path) -> None:
    world.deploy(described(world.site()))
    (world.folder / "theirs.conf").write_text("# busy")
    done = world.deploy(described())
    assert done.returncode != 0
    assert set(world.there()) == {"homeport-shop.conf", "theirs.conf"}
    assert (tmp_path / "var/shop/fronts").read_text() == f"{world.site().path}\n"


def test_nginx_that_is_stopped_is_started_and_not_if_nothing_is_described(
    world: World, log: Path
) -> None:
    world.deploy(described(world.site()))
    (world.root / "up").unlink()
    (change,) = world.plan(described(world.site()))
    assert (change.target, change.reason) == ("nginx.service", "started: it is failed")
    log.write_text("")
    assert world.deploy(described(world.site())).returncode == 0
    assert "systemctl start nginx.service" in log.read_text()
    assert world.plan(described(world.site())) == []

    (world.root / "up").unlink()
    assert world.deploy(described()).returncode == 0
    assert not (world.root / "up").exists()


def test_nginx_that_is_not_started_at_boot_is_enabled(world: World) -> None:
    world.deploy(described(world.site()))
    found = world.look(described(world.site()))
    found = replace(found, nginx={**found.nginx, "UnitFileState": "disabled"})
    (change,) = fronts.diff(described(world.site()), found)
    assert change.reason == "enabled, so that it starts at boot"
    (command,) = fronts.apply(described(world.site()), found, [change])
    assert "systemctl enable --quiet nginx.service" in command.get_raw_value()


def test_what_nginx_runs_is_observed_and_not_remembered(world: World) -> None:
    world.deploy(described(world.site()))
    (world.root / "runs/homeport-shop.conf").write_text("an older one")
    (change,) = world.plan(described(world.site()))
    assert change.reason == "reads its configuration anew: another one answers"
    assert world.deploy(described(world.site())).returncode == 0
    assert world.plan(described(world.site())) == []


def test_a_staging_directory_left_behind_goes_without_a_word_to_nginx(
    world: World, log: Path
) -> None:
    world.deploy(described(world.site()))
    (world.folder / ".homeport-stage").mkdir()
    log.write_text("")
    assert world.deploy(described(world.site())).returncode == 0
    assert not (world.folder / ".homeport-stage").exists()
    assert "reload" not in log.read_text()


def test_nothing_is_said_of_a_service_whose_package_is_yet_to_come(world: World) -> None:
    (world.root / "up").unlink()
    found = world.look(described(world.site()))
    found = replace(found, nginx={"ActiveState": "inactive", "UnitFileState": ""})
    *_, change = fronts.diff(described(world.site()), found, frozenset({"nginx"}))
    assert change.reason == "reads its configuration anew"


def test_nothing_is_concluded_from_an_answer_that_nobody_could_ask_for(world: World) -> None:
    world.deploy(described(world.site()))
    found = replace(world.look(described(world.site())), answers={})
    assert len(fronts.diff(described(world.site()), found)) == 1
    assert fronts.diff(described(world.site()), found, frozenset({"curl"})) == []


# Certificates


@pytest.fixture
def pair(tmp_path: Path) -> dict[str, str]:
    key, file = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make_certificate(file, key, "shop.example")
    return {"certificate": str(file), "key": str(key), "url": "https://shop.example:443/f"}


def make_certificate(file: Path, key: Path, name: str) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "9", "-subj", "/CN=x", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*command, "-keyout", key, "-out", file], check=True, capture_output=True)
    key.chmod(0o600)


def show(world: World, file: str) -> None:
    lines = Path(file).read_text().splitlines()
    (world.root / "shown").write_text("".join(f"{line}\n" for line in ["Cert:", *lines]))


def test_a_certificate_that_fits_is_shown_and_one_that_changed_is_read_anew(
    world: World, pair: dict[str, str]
) -> None:
    site = world.site(**pair)
    show(world, pair["certificate"])
    assert world.deploy(described(site)).returncode == 0
    assert world.plan(described(site)) == []
    make_certificate(Path(pair["certificate"]), Path(pair["key"]), "shop.example")
    (change,) = world.plan(described(site))
    assert change.reason.endswith(f"it shows another certificate than {pair['certificate']}")
    assert world.deploy(described(site)).returncode == 0


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("openssl genpkey -algorithm ed25519 -out {key}", "is not the key of"),
        ("echo x >{key}", "is no key that can be read without a password"),
        ("echo x >{certificate}", "is no certificate"),
        ("chmod 644 {key}", "is a key that everybody may read"),
    ],
)
def test_a_certificate_that_does_not_do_is_told_before_anything_changes(
    world: World, pair: dict[str, str], fault: str, told: str
) -> None:
    subprocess.run(["sh", "-c", fault.format(**pair)], check=True, capture_output=True)
    done = world.deploy(described(world.site(**pair)))
    assert done.returncode != 0
    assert told in done.stderr
    assert world.there() == {}


def test_a_certificate_for_other_names_or_of_yesterday_is_told(
    world: World, pair: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_certificate(Path(pair["certificate"]), Path(pair["key"]), "other.example")
    done = world.deploy(described(world.site(**pair)))
    assert f"{pair['certificate']} is not for shop.example" in done.stderr
    make_certificate(Path(pair["certificate"]), Path(pair["key"]), "shop.example")
    in_a_year = nginx.FUNCTIONS.replace("-checkend 0", f"-checkend {365 * 86400}")
    monkeypatch.setattr(nginx, "FUNCTIONS", in_a_year)
    assert "has expired" in world.deploy(described(world.site(**pair))).stderr


def test_a_certificate_that_is_not_there_is_refused_by_the_look(
    world: World, pair: dict[str, str]
) -> None:
    Path(pair["key"]).unlink()
    with pytest.raises(PreconditionError, match=rf"there is no {pair['key']} on the host"):
        world.plan(described(world.site(**pair)))


WANTED = Certificate("homeport-shop", ("shop.example", "b.example"), "me@shop.example", "/srv/acme")
SAID = """\
# renew_before_expiry = 30 days
version = 2.1.0
[renewalparams]
server = https://acme-v02.api.letsencrypt.org/directory
webroot_path = /srv/acme,
[[webroot_map]]
shop.example = /srv/acme
b.example = /srv/acme
"""


def by_authority(world: World) -> DesiredState:
    plain = world.site("plain", says="dddd")
    secure = world.site("shop", certificate=WANTED.certificate, key=WANTED.key)
    return described(WANTED, plain, secure)


def got(world: World, said: str = SAID) -> Path:
    path = Path(certificates.renewal("homeport-shop"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(said)
    return path


def test_a_certificate_is_got_by_what_leads_to_https_and_then_used(world: World) -> None:
    description = by_authority(world)
    plan = world.plan(description)
    assert WANTED.certificate in [change.target for change in plan]
    commands = list(fronts.apply(description, world.look(description), plan))
    assert len(commands) == 3
    first = run_command(commands[0], path=world.path)
    assert (first.returncode, first.stderr) == (0, "")
    assert set(world.runs()) == {"homeport-plain.conf"}
    assert run_command(commands[1], path=world.path).returncode == 0
    asked = (world.root / "live/asked").read_text()
    assert "--domain shop.example --domain b.example" in asked
    assert "--force-renewal" not in asked
    assert run_command(commands[2], path=world.path).returncode == 0
    assert set(world.runs()) == {"homeport-plain.conf", "homeport-shop.conf"}
    got(world)
    assert world.plan(description) == []


def test_a_certificate_that_is_not_got_leaves_what_leads_to_https(
    world: World, programs: Programs
) -> None:
    Path(world.path.partition(":")[0], "certbot").write_text("#!/bin/sh\necho no; exit 1\n")
    done = world.deploy(by_authority(world))
    assert done.returncode != 0
    assert "certbot got no certificate for shop.example b.example:\nno\n" in done.stderr
    assert set(world.runs()) == {"homeport-plain.conf"}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("b.example = /srv/acme\n", "", "it is for shop.example, not shop.example, b.example"),
        ("https://acme-v02", "https://other", "it is from https://other.api.letsencrypt.org/"),
        ("= /srv/acme\n", "= /elsewhere\n", "it is for none of ours, not shop.example, b.example"),
    ],
)
def test_a_certificate_for_something_else_is_got_anew(
    world: World, old: str, new: str, reason: str
) -> None:
    world.deploy(by_authority(world))
    got(world, SAID.replace(old, new))
    change, *_ = world.plan(by_authority(world))
    assert change.target == WANTED.certificate
    assert change.reason.startswith(reason)
    world.deploy(by_authority(world))
    assert "--force-renewal" in (world.root / "live/asked").read_text()


def test_a_certificate_that_left_is_renewed_no_more_and_kept(world: World) -> None:
    world.deploy(by_authority(world))
    path = got(world)
    plan = world.plan(described(world.site()))
    assert str(path) in [change.target for change in plan if change.action == "remove"]
    assert world.deploy(described(world.site())).returncode == 0
    assert not path.exists()
    assert Path(f"{path}.set-aside").read_text() == SAID
    assert world.plan(described(world.site())) == []

    world.deploy(by_authority(world))
    assert path.read_text() == SAID


def test_what_is_changed_is_kept_first_where_a_deploy_has_begun(world: World) -> None:
    begun = SnapshotContext(deploy="20260101-abcd")
    description = replace(by_authority(world), keeper=begun)
    commands = fronts.apply(description, world.look(description), world.plan(description))
    first, gets, last = (command.get_raw_value() for command in commands)
    ledger, renewal = group.ledger_path("shop", "fronts"), certificates.renewal("homeport-shop")
    for text, kept in (
        (first, [f"{world.folder}/homeport-plain.conf", ledger]),
        (gets, [renewal, f"{renewal}.set-aside"]),
        (last, [f"{world.folder}/homeport-shop.conf"]),
    ):
        (line,) = (line for line in text.splitlines() if "keep shop 20260101-abcd " in line)
        assert set(kept) <= set(line.split())

    got(world)
    leaving = replace(described(world.site()), keeper=begun)
    *_, last = fronts.apply(leaving, world.look(leaving), world.plan(leaving))
    assert f"keep shop 20260101-abcd {renewal} {renewal}.set-aside" in last.get_raw_value()


def test_a_host_whose_systemd_does_not_answer_fails_the_look(
    world: World, programs: Programs
) -> None:
    Path(world.path.partition(":")[0], "systemctl").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(AssertionError):
        world.look(described(world.site()))


def test_where_nothing_was_ever_described_nothing_is_asked(world: World, log: Path) -> None:
    assert world.plan(described()) == []
    assert log.read_text() == ""
