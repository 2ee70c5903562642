"""The one command: all processes in the foreground, or any command with their environment."""

from __future__ import annotations

import os
import signal

import pytest

from tests.e2e.lab.project import TOKEN
from tests.e2e.laptop.laptop import Laptop, until


def test_processes_answer_with_their_secret_and_none_of_it_is_in_an_argument(
    deployed: Laptop,
) -> None:
    with deployed.processes():
        status, body = deployed.ask("/notes", TOKEN, b'{"body": "from the laptop"}')
        assert (status, "from the laptop" in body) == (201, True)
        assert deployed.ask("/notes", "another", b'{"body": "x"}')[0] == 401
        until(lambda: '"words":3' in deployed.ask("/notes")[1])  # the worker counts them
        assert "Pinboard (laptop)" in deployed.ask("/")[1]
        commands = list(deployed.alive().values())
        assert len(commands) >= 4  # a master, two workers, the worker process
        assert not [command for command in commands if TOKEN in command]
    assert TOKEN not in deployed.output()
    assert (deployed.local / "data/pinboard.sqlite3").exists()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "kill"]
)
def test_ctrl_c_ends_all(number: signal.Signals, code: int, deployed: Laptop) -> None:
    with deployed.processes() as process:
        process.send_signal(number)
        assert process.wait(timeout=30) == code
        assert deployed.alive() == {}
    assert "Traceback" not in deployed.output()


def test_a_terminal_that_closes_ends_all(deployed: Laptop) -> None:
    with deployed.processes() as process:
        os.killpg(process.pid, signal.SIGHUP)
        process.wait(timeout=30)
        until(lambda: deployed.alive() == {})


def test_a_process_that_crashes_ends_the_others_and_is_told_by_the_exit_code(
    deployed: Laptop,
) -> None:
    with deployed.processes() as process:
        (worker,) = [line for line in deployed.output().splitlines() if "worker.1 started" in line]
        os.kill(int(worker.rpartition("pid=")[2].rstrip(")")), signal.SIGKILL)
        assert process.wait(timeout=30) not in (0, 130, 143)
        assert deployed.alive() == {}


def test_a_schedule_is_run_by_hand(deployed: Laptop) -> None:
    done = deployed.local_run("python", "-m", "pinboard.tidy")
    assert done.returncode == 0, done.stderr
    assert "older than 30 days" in done.stdout


def test_code_that_is_edited_is_what_runs_without_a_deploy(deployed: Laptop) -> None:
    show = (
        str(deployed.local / "run"),
        "python",
        "-c",
        "import pinboard as p; print(p.__version__)",
    )
    assert deployed.local_run(*show).stdout == "1.0.0\n"
    deployed.edit("examples/pinboard/pinboard/__init__.py", "1.0.0", "edited")
    assert deployed.local_run(*show).stdout == "edited\n"
    assert deployed.plan_of(deployed.dry()) == []


def test_a_variable_that_changes_arrives_with_the_next_deploy(deployed: Laptop) -> None:
    awkward = 'it\'s 50% "off" \\ $HOME # né'
    deployed.edit("app.yml", '"30"', f"'{awkward.replace(chr(39), chr(39) * 2)}'")
    assert [path for _, _, path in deployed.plan_of(deployed.converge())] == ["local/environment"]
    show = "import os; print(os.environ['PINBOARD_KEEP_DAYS'])"
    done = deployed.local_run("python", "-c", show)
    assert done.stdout == f"{awkward}\n"


def test_a_package_on_a_socket_runs_from_its_venv_and_is_proven(laptop: Laptop) -> None:
    # It is another application than the one that these data override.
    (laptop.folder / "group_data/laptop.py").write_text("")
    lock = laptop.folder / "packaged.txt"
    pins = (laptop.folder / "examples/pinboard/requirements.txt").read_text()
    lock.write_text(pins)
    version = pins.partition("gunicorn==")[2].split()[0]
    python = (laptop.folder / "app.yml").read_text().partition("python: ")[2].splitlines()[0]
    (laptop.folder / "app.yml").write_text(
        f"""\
name: packaged
source: {{package: gunicorn, version: "{version}"}}
python: {python}
requirements: packaged.txt
processes:
  web:
    command: gunicorn --no-control-socket --bind unix:{{socket}} wsgiref.simple_server:demo_app
    listen: socket
"""
    )
    laptop.converge()
    assert laptop.converge().changed == {}
    proof = laptop.prove()
    assert proof.returncode == 0, proof.stdout
    socket = laptop.local / "runtime/web/web.sock"
    curl = ("curl", "-s", "--unix-socket", str(socket), "http://localhost/")
    with laptop.processes(ready=lambda: "Hello world!" in laptop.run(*curl).stdout):
        assert "http://" not in laptop.output()
