"""Figures are medians, and ratios are of runs of the same round."""

from __future__ import annotations

from benchmarks.connection.figures import cells, growths, table
from benchmarks.summary import Ratio
from tests.support.connection_runs import rounds, run


def test_figures__a_ratio_is_of_the_same_round_and_of_ssh() -> None:
    walls = {"ssh": (1, 2, 4), "openssh": (2, 2, 2)}
    (cell,) = cells(
        run(way, wall, 3 * wall, number)
        for way, each in walls.items()
        for number, wall in enumerate(each)
    )
    ssh, openssh = cell.rows
    assert (ssh.walls, ssh.cpus) == (None, None)
    assert (openssh.wall, openssh.cpu, openssh.rounds) == (2, 6, 3)
    assert openssh.walls == openssh.cpus == Ratio(1, 0.5, 2)


def test_figures__round_trips_and_bytes_are_those_of_one_host() -> None:
    (cell,) = cells([run("ssh", 1, 1, hosts=10, turns=80, sent=2000, received=30, rtt=0.05)])
    (row,) = cell.rows
    assert (row.turns, row.sent, row.received) == (8, 200, 3)


def test_figures__each_job_and_distance_and_number_of_hosts_is_a_cell() -> None:
    runs = [run("ssh", 1, 1, hosts=n, rtt=rtt) for n in (1, 10) for rtt in (0, 0.05)]
    assert len(list(cells([*runs, run("ssh", 1, 1, job="send")]))) == 5


def test_figures__growth_is_from_the_fewest_hosts_to_the_most() -> None:
    found = list(cells([*rounds(10, 2, 2, 2), *rounds(1, 0.2, 0.5, 0.5), *rounds(11, 2.2, 2, 1)]))
    (growth,) = growths(found)
    assert (growth.few, growth.many) == (1, 11)
    assert {way: round(cpu, 3) for way, cpu in growth.cpu.items()} == {
        "ssh": 0.2,
        "openssh": 0.15,
        "openssh-next": 0.05,
    }
    assert round(growth.by_ssh("openssh-next") or 0, 3) == 0.25
    assert growth.by_ssh("telnet") is None


def test_figures__one_number_of_hosts_tells_nothing_of_growth() -> None:
    assert list(growths(list(cells(rounds(1, 1, 1, 1))))) == []


def test_figures__the_table_has_a_line_for_each_way_and_says_how_it_grows() -> None:
    head, *lines, growth = table(list(cells([*rounds(1, 0.4, 0.5, 0.5), *rounds(11, 1, 1, 0.6)])))
    assert len(lines) == 6
    assert {len(line) for line in lines} == {len(head)}
    assert "0.60 (0.60 to 0.60)" in lines[-1]
    assert growth == (
        "exec, from 1 to 11 hosts, CPU of each one more: @ssh 60.0 ms, @openssh, first run 50.0 "
        "ms, @openssh, next run within a minute 10.0 ms"
    )
