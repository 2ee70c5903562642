"""Whose turn it is: canaries first, each host once, and nobody after a failure that counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.manifest import Rollout
from homeport.rollout.batches import Batch, Outcome, Stop, batch_size, batches, failures, following

DONE, FAILED, UNREACHABLE, CUT_OFF = Outcome

ORDERS = st.integers(0, 12).map(lambda count: [f"pi-{number}" for number in range(count)])
ROLLOUTS = st.builds(
    Rollout,
    canary=st.integers(0, 4),
    batch_size=st.integers(1, 5) | st.integers(1, 100).map(lambda share: f"{share}%"),
    max_failures=st.integers(0, 4),
    unreachable=st.sampled_from(["stop", "skip"]),
)
FATES = st.dictionaries(
    st.integers(0, 11).map(lambda number: f"pi-{number}"), st.sampled_from(Outcome)
)


def rolled_out(
    order: list[str], policy: Rollout, fates: dict[str, Outcome]
) -> tuple[list[Batch], dict[str, Outcome], Stop | None]:
    """Return all batches of a rollout in which hosts end as is their fate, done otherwise."""
    outcomes: dict[str, Outcome] = {}
    found: list[Batch] = []
    while isinstance(step := following(order, policy, outcomes), Batch):
        found.append(step)
        assert len(found) <= len(order)
        outcomes |= {name: fates.get(name, DONE) for name in step.hosts}
    return found, outcomes, step


@given(ORDERS, ROLLOUTS, FATES)
def test_batches__a_host_has_one_turn_at_most_in_the_order_of_the_inventory(
    order: list[str], policy: Rollout, fates: dict[str, Outcome]
) -> None:
    found, outcomes, stop = rolled_out(order, policy, fates)
    turns = [name for batch in found for name in batch.hosts]
    assert turns == order[: len(turns)]
    assert list(outcomes) == turns
    assert (stop is None) == (len(turns) == len(order))
    assert all(batch.hosts for batch in found)


@given(ORDERS, ROLLOUTS, FATES)
def test_batches__no_other_host_is_begun_before_all_canaries_are_done(
    order: list[str], policy: Rollout, fates: dict[str, Outcome]
) -> None:
    done = 0
    for batch in rolled_out(order, policy, fates)[0]:
        assert batch.canary == (done < policy.canary)
        if batch.canary:
            assert len(batch.hosts) <= policy.canary - done
        else:
            assert len(batch.hosts) <= batch_size(policy, len(order))
        done += sum(fates.get(name, DONE) == DONE for name in batch.hosts)


@given(ORDERS, ROLLOUTS, FATES)
def test_batches__nobody_is_begun_after_more_failures_than_may_be(
    order: list[str], policy: Rollout, fates: dict[str, Outcome]
) -> None:
    found, outcomes, stop = rolled_out(order, policy, fates)
    before = [name for batch in found[:-1] for name in batch.hosts]
    known = {name: outcomes[name] for name in before}
    assert len(failures(order, policy, known)) <= policy.max_failures
    if any(batch.canary for batch in found[-1:]):
        assert failures(order, policy, known) == ()
    if stop is not None:
        assert stop.failed == failures(order, policy, outcomes) != ()


@given(ORDERS, ROLLOUTS)
def test_batches__where_all_goes_well_every_host_has_its_turn_the_same_each_time(
    order: list[str], policy: Rollout
) -> None:
    found, _, stop = rolled_out(order, policy, {})
    assert stop is None
    assert found == batches(order, policy) == batches(order, policy)
    assert sum(len(batch.hosts) for batch in found) == len(order)


def hosts(count: int) -> list[str]:
    return [f"pi-{number}" for number in range(count)]


def test_batches__a_canary_that_fails_stops_the_rest_however_many_may_fail() -> None:
    policy = Rollout(canary=2, max_failures=9)
    step = following(hosts(5), policy, {"pi-0": DONE, "pi-1": FAILED})
    assert step == Stop(("pi-1",), canary=True)


def test_batches__a_host_that_was_cut_off_counts_as_one_that_failed() -> None:
    assert following(hosts(3), Rollout(), {"pi-0": CUT_OFF}) == Stop(("pi-0",), canary=True)
    assert following(hosts(3), Rollout(canary=0), {"pi-0": CUT_OFF}) == Stop(("pi-0",))


def test_batches__some_may_fail_if_that_is_said() -> None:
    policy, known = Rollout(batch_size=2, max_failures=1), {"pi-0": DONE, "pi-1": FAILED}
    assert following(hosts(5), policy, known) == Batch(("pi-2", "pi-3"))
    assert following(hosts(5), policy, {**known, "pi-2": FAILED}) == Stop(("pi-1", "pi-2"))


def test_a_canary_that_cannot_be_reached_stops_the_rest_or_the_next_one_takes_its_place() -> None:
    known = {"pi-0": UNREACHABLE}
    assert following(hosts(3), Rollout(), known) == Stop(("pi-0",), canary=True)
    skipping = Rollout(unreachable="skip", batch_size=5)
    assert following(hosts(3), skipping, known) == Batch(("pi-1",), canary=True)
    assert following(hosts(3), skipping, {**known, "pi-1": DONE}) == Batch(("pi-2",))


def test_batches__a_share_is_one_of_all_hosts_rounded_down_but_never_nobody() -> None:
    assert [batch_size(Rollout(batch_size="25%"), count) for count in (1, 4, 7, 8, 10)] == [
        1,
        1,
        1,
        2,
        2,
    ]
    assert batch_size(Rollout(batch_size="100%"), 10) == 10
    assert batch_size(Rollout(batch_size=3), 10) == 3
