"""What tests of several modules share: fake nginx."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from homeport.engine.kind import Change, DesiredState, ProbeOutput
from homeport.files import managed_set
from homeport.operations.proxy import apply, certificates, kind, nginx, resources
from homeport.operations.proxy import probe as probing
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.probe import ProxyState
from homeport.operations.proxy.resources import Site
from tests.support.fake_programs import Programs
from tests.support.real_delivery import run_command
from tests.support.real_shell import checked, is_shell

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


class World:
    """A host with nginx: what it has in place, and what it runs."""

    def __init__(self, root: Path, path: str) -> None:
        self.root, self.path = root, path
        self.folder = root / "nginx/conf.d"

    def site(self, name: str = "shop", says: str = "aaaa", more: str = "", **options: str) -> Site:
        url = options.pop("url", f"http://{name}.example:80/.homeport/proxy")
        text = (
            f"# Answers to {name}.example on port 80.\n# It says {says} at {url} as long.\n{more}"
        )
        path = f"{self.folder}/homeport-{name}.conf"
        return Site(path, text, says, url, (f"{name}.example",), **options)

    def probe(self, description: DesiredState) -> ProxyState:
        text = kind.probe(description, "key").replace("/proc/", f"{self.root}/proc/")
        text = text.replace(probing.DEFAULT_SITE, f"{self.root}/default")
        text = text.replace("/usr/sbin/nginx", f"{self.root}/nginx")
        script = f"export PATH={self.path}\ncd {self.root}\n{text}"
        return kind.parse(ProbeOutput(checked(script), "key"))

    def plan(self, description: DesiredState) -> list[Change]:
        return kind.diff(description, self.probe(description))

    def deploy(
        self, description: DesiredState, shell: Sequence[str] = ("sh",)
    ) -> subprocess.CompletedProcess[str]:
        found = self.probe(description)
        for command in apply.apply(description, found, kind.diff(description, found)):
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
    for module in (nginx, probing, resources):
        monkeypatch.setattr(module, "FOLDER", f"{root}/nginx/conf.d")
    monkeypatch.setattr(certificates, "FOLDER", f"{root}/letsencrypt")
    monkeypatch.setattr(
        managed_set, "ledger_path", lambda app, name: f"{tmp_path}/var/{app}/{name}"
    )
    return World(root, path)


def described(*resources: object, app: str = "shop") -> DesiredState:
    return DesiredState(app, resources)


WANTED = Certificate("homeport-shop", ("shop.example", "b.example"), "me@shop.example", "/srv/acme")
RENEWAL = """\
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


def got(world: World, text: str = RENEWAL) -> Path:
    path = Path(certificates.renewal("homeport-shop"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
