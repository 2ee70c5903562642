"""What benchmarks.load.campaign promises."""

from __future__ import annotations

from benchmarks.load.campaign import by_place, stages


def test_campaign__stages_are_medians() -> None:
    records = [{"stages": {"ready": seconds}} for seconds in (1.0, 5.0, 2.0)]
    assert stages(records) == {"ready": 2.0}


def test_campaign__bytes_are_told_by_what_they_are() -> None:
    left = {
        "/srv/ticker/releases/1/source/x/web.py": 5,
        "/srv/ticker/releases/1/source/x/__pycache__/web.pyc": 7,
        "/srv/ticker/slots/a/etc/health.yml": 3,
        "/etc/systemd/system/x.service": 2,
        "/var/lib/homeport/ticker/history": 4,
        "/var/lib/pinboard/notes.db": 1000,
        "/root/y": 1,
    }
    sizes = {"code": 5, "compiled": 7, "slot": 3, "described": 2, "kept": 4, "else": 1}
    assert by_place("ticker", left) == sizes
