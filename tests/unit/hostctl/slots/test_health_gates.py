"""What hostctl.slots.health_gates promises."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from homeport.hostctl.slots.health_gates import Gate, Gates, HostFailed
from homeport.hostctl.system.systemd import Systemd, UnitFailed, UnitState
from tests.support.proc_tables import bind, process
from tests.support.shop_host import Shop


def gates(shop: Shop) -> Gates:
    return Gates(shop.systemd, Systemd(shop.systemd), shop.clock)


QUESTION = ("/srv/shop/bin/check-health", "ready", "web")


def test_gate_wants_so_many_answers_in_a_row(shop: Shop) -> None:
    gate = Gate("shop-web@a.service", QUESTION, "a", deadline=5, successes=3)
    run = shop.systemd.runs["shop-web@a.service"]
    before = run.checks
    assert gates(shop).ready([gate]) == {"shop-web@a.service": run.invocation}
    assert run.checks - before == 3


def test_gate_says_what_was_answered_when_its_time_is_over(shop: Shop) -> None:
    shop.systemd.manners["v1"] = "deaf"
    gate = Gate("shop-web@a.service", QUESTION, "a", deadline=5)
    began = shop.clock.mono()
    with pytest.raises(
        UnitFailed, match=r"did not get ready in 5 s: .* answers 503, not 200"
    ) as failed:
        gates(shop).ready([gate])
    assert failed.value.log == ("shop-web@a.service has said this",)
    assert 5 <= shop.clock.mono() - began < 6


def test_health_gates__a_process_without_a_question_has_to_stay_up_for_a_second(shop: Shop) -> None:
    began = shop.clock.mono()
    gates(shop).ready([Gate("shop-worker.service")])
    assert shop.clock.mono() - began >= 1


@pytest.mark.parametrize("question", [(), QUESTION])
def test_health_gates__a_process_that_restarts_is_not_ready(
    shop: Shop, question: tuple[str, ...]
) -> None:
    shop.systemd.manners["v1"] = "deaf"
    slept = shop.clock.sleep

    def restarting(seconds: float) -> None:
        slept(seconds)
        for verb in ("stop", "start"):
            shop.systemd.run(["systemctl", verb, "--", "shop-web@a.service"])

    shop.clock.sleep = restarting  # type: ignore[method-assign]  # something happens meanwhile
    with pytest.raises(UnitFailed, match="did not stay up"):
        gates(shop).ready([Gate("shop-web@a.service", question, "a")])


def test_health_gates__nothing_is_asked_of_nothing(shop: Shop) -> None:
    before = len(shop.systemd.ran)
    systemd = Systemd(shop.systemd)
    for verb in (systemd.start, systemd.stop, systemd.forget, systemd.enable, systemd.disable):
        verb([])
    assert systemd.show([]) == {}
    assert len(shop.systemd.ran) == before
    assert not UnitState().active


def test_health_gates__what_waiting_does_not_change_is_believed_after_a_few_tries(
    shop: Shop,
) -> None:
    shop.systemd.manners["v1"] = "redirects"
    gate = Gate("shop-web@a.service", QUESTION, "a", deadline=90)
    began = shop.clock.mono()
    with pytest.raises(UnitFailed, match=r"does not get ready: .* answers 301"):
        gates(shop).ready([gate])
    assert shop.clock.mono() - began < 2


def test_health_gates__a_process_on_a_port_has_to_be_who_listens_there(
    shop: Shop, tmp_path: Path
) -> None:
    judge = replace(gates(shop), root=tmp_path)
    gate = Gate("shop-worker.service", deadline=5, port=8000)
    with pytest.raises(UnitFailed, match="did not get ready in 5 s: nothing listens on port 8000"):
        judge.ready([gate])
    bind(tmp_path, 8000, 11)
    process(tmp_path, 9, "/system.slice/squatter.service", 11)
    began = shop.clock.mono()
    with pytest.raises(HostFailed, match=r"port 8000 is taken: python3 \(pid 9, squatter"):
        judge.ready([gate])
    assert shop.clock.mono() - began < 2
    process(tmp_path, 7, "/system.slice/shop-worker.service", 11)
    assert judge.ready([gate])
    assert judge.wrong_for_people(gate) is None
    judge.soak([gate], judge.ready([gate]), 1)


def test_health_gates__a_process_that_could_not_have_its_port_says_so(
    shop: Shop, tmp_path: Path
) -> None:
    judge = replace(gates(shop), root=tmp_path)
    log = ["OSError: [Errno 98] Address already in use"]
    failed = judge.explained(UnitFailed("it did not start", log), [Gate("x", port=8000)])
    assert failed.reason == (
        "it did not start: port 8000 is taken. Fix: stop what listens there, or give the process"
        " another port (processes.NAME.listen)"
    )
    assert failed.log == tuple(log)


def test_health_gates__a_process_that_goes_on_without_its_port_is_not_waited_for_in_vain(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = replace(gates(shop), root=tmp_path)
    (tmp_path / "proc").mkdir()
    gate = Gate("shop-worker.service", deadline=90, port=81)
    monkeypatch.setattr(Systemd, "log_of", lambda self, unit: ("x: [Errno 13] Permission denied",))
    began = shop.clock.mono()
    with pytest.raises(UnitFailed, match=r"nothing listens on port 81: a service may not .* Fix: "):
        judge.ready([gate])
    assert 5 < shop.clock.mono() - began < 9
    # What it said before it had its port is no reason, nor what it says of other things.
    process(tmp_path, 7, "/system.slice/shop-worker.service", 11)
    bind(tmp_path, 81, 11)
    shop.systemd.manners["v1"] = "deaf"
    with pytest.raises(UnitFailed, match=r"did not get ready in 90 s: .* answers 503"):
        judge.ready([replace(gate, question=("/srv/shop/bin/check-health", "ready", "worker"))])
    with pytest.raises(UnitFailed, match="did not get ready in 90 s: nothing listens on port 8000"):
        judge.ready([replace(gate, port=8000)])
