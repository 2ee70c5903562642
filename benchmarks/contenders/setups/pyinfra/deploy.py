"""The job in pyinfra's own operations, as its documentation writes deploys."""

from pyinfra import host
from pyinfra.operations import apt, files, pip, server, systemd
from pyinfra.operations.util import any_changed

app = host.data.app
names = ("app", "web_port", "title", "code", "venv", "config", "state")
values = {name: host.data.get(name) for name in names}
blocks = {"trim_blocks": True, "lstrip_blocks": True}

apt.packages(
    name="Packages",
    packages=[
        "python3",
        "ca-certificates",
        "curl",
        "python3-yaml",
        "python3-venv",
        "jq",
        "rsync",
    ],
    update=True,
    cache_time=86400,
)

server.user(
    name="Account",
    user=app,
    system=True,
    home=host.data.state,
    ensure_home=False,
    shell="/usr/sbin/nologin",
)

files.directory(name="State", path=host.data.state, user=app, group=app, mode="700")
files.directory(name="Configuration", path=host.data.config, group=app, mode="750")
files.directory(name="Home", path=f"/srv/{app}", mode="755")

requirements = files.put(
    name="Requirements",
    src="requirements.txt",
    dest=f"/srv/{app}/requirements.txt",
    mode="644",
)
# It installs a venv that isn't there with the requirements, so one question decides about both.
installed = pip.packages(
    name="Installed requirements",
    requirements=f"/srv/{app}/requirements.txt",
    virtualenv=host.data.venv,
    virtualenv_kwargs={"venv": True, "python": "/usr/bin/python3"},
    extra_install_args="--require-hashes --disable-pip-version-check",
    # With a requirements file this always runs pip, and always says that it has changed something.
    _if=requirements.did_change,
)

code = files.sync(
    name="Code",
    src="source",
    dest=host.data.code,
    exclude="*.pyc",
    exclude_dir=["__pycache__", "*/__pycache__"],
    mode="644",
    dir_mode="755",
    delete=True,
)

parts = [
    files.template(
        name=f"Part {number}",
        src=f"templates/part-{number:02}.conf.j2",
        dest=f"{host.data.config}/part-{number:02}.conf",
        user="root",
        group=app,
        mode="640",
        create_remote_dir=False,
        jinja_env_kwargs=dict(blocks),
        app=app,
        host={"title": host.data.title},
    )
    for number in range(1, 31)
]

units = {
    name: files.template(
        name=f"Unit {name}",
        src=f"units/{name}.j2",
        dest=f"/etc/systemd/system/{app}-{name}",
        mode="644",
        create_remote_dir=False,
        **values,
    )
    for name in ("web.service", "worker.service", "tick.service", "tick.timer")
}

systemd.daemon_reload(name="Units are read anew", _if=any_changed(*units.values()))

for name in ("web.service", "worker.service"):
    systemd.service(
        name=f"{name} starts anew",
        service=f"{app}-{name}",
        restarted=True,
        _if=any_changed(installed, code, *parts, units[name]),
    )
systemd.service(
    name="tick.timer starts anew",
    service=f"{app}-tick.timer",
    restarted=True,
    _if=units["tick.timer"].did_change,
)
for name in ("web.service", "worker.service", "tick.timer"):
    systemd.service(
        name=f"{name} is enabled and runs",
        service=f"{app}-{name}",
        running=True,
        enabled=True,
    )
