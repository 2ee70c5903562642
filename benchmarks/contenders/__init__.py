"""The contenders: each deploys the same job, under a name of its own, beside the others."""

from benchmarks.contenders.contender import Contender
from benchmarks.contenders.floor import Floor, OpenSSHFloor
from benchmarks.contenders.reach import Reach
from benchmarks.contenders.with_ansible import Ansible, Mitogen
from benchmarks.contenders.with_pyinfra import Homeport, Pyinfra

__all__ = ["CONTENDERS", "FLOOR", "FLOORS", "Contender", "Reach"]


def _peer(app: str) -> dict[str, str]:
    home = f"/srv/{app}"
    return {
        "app": app,
        "config": f"/etc/{app}",
        "python": f"{home}/venv/bin/python",
        "code": f"{home}/code",
    }


CONTENDERS: tuple[Contender, ...] = (
    Homeport(
        name="homeport",
        title="homeport",
        app="job-homeport",
        port=8101,
        config="/etc/homeport/job-homeport/config",
        python="/srv/job-homeport/current/venv/bin/python",
        code="/srv/job-homeport/current",
    ),
    Pyinfra(name="pyinfra", title="pyinfra's operations", port=8102, **_peer("job-pyinfra")),
    Ansible(name="ansible", title="Ansible", port=8103, **_peer("job-ansible")),
    Mitogen(name="mitogen", title="Ansible with Mitogen", port=8104, **_peer("job-mitogen")),
)
FLOOR: Contender = Floor(
    name="floor", title="`exec -- true` over @ssh", port=0, **_peer("job-floor")
)
FLOORS: tuple[Contender, ...] = (
    FLOOR,
    OpenSSHFloor(
        name="openssh", title="`exec -- true` over @openssh", port=0, **_peer("job-openssh")
    ),
)
"""They do nothing of the job. A no-op is measured in the first, which has nothing of homeport."""
