"""What a run asks of one host, and of the way there: counted in a run that isn't timed."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import fleet
from benchmarks.campaign import Campaign
from benchmarks.contenders import CONTENDERS, FLOORS, Contender
from benchmarks.disk_writes import file_states, written
from benchmarks.scenarios import NO_OP, Situation


@dataclass(frozen=True)
class Count:
    """What one run did to one host.

    + commands: SSH sessions, as the host's own server counts them
    + turns: how often the controller waited a round trip for the host
    + sent, received: bytes on the way, as the controller sees it
    + files, written: paths on the host's disk that are other than before, and bytes in them
    """

    situation: str
    contender: str
    commands: int
    turns: int
    sent: int
    received: int
    files: int
    written: int


def count(campaign: Campaign, situation: Situation, host: str) -> list[Count]:
    """Return what each contender's run in a situation asks of a host."""
    taking_part = (*CONTENDERS, *FLOORS) if situation is NO_OP else CONTENDERS
    edition = campaign.edition(situation)
    return [_count(campaign, situation, host, edition, one) for one in taking_part]


def _count(
    campaign: Campaign, situation: Situation, host: str, edition: int, contender: Contender
) -> Count:
    campaign.stage(situation, contender, [host], edition)
    sessions, before = fleet.sessions(host), file_states(fleet.disk(host))
    with fleet.reached([host], campaign.folder, 0) as (hosts, relay):
        campaign.run(contender, hosts)
        (traffic,) = relay.counted()
    left = written(before, file_states(fleet.disk(host)))
    return Count(
        situation.name,
        contender.name,
        fleet.sessions(host) - sessions,
        traffic.turns,
        traffic.sent,
        traffic.received,
        len(left),
        sum(left.values()),
    )
