"""What operations.bootstrap.timezone promises."""

from __future__ import annotations

from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.operations.bootstrap import timezone
from homeport.operations.bootstrap.timezone import TimeZone
from tests.support.bare_host import UNDESCRIBED


def test_timezone__a_time_zone_is_set_where_it_is_another() -> None:
    zone = DesiredState("_host", (TimeZone("Europe/Berlin"),))
    assert timezone.diff(zone, "Europe/Berlin") == []
    assert timezone.diff(UNDESCRIBED, "Etc/UTC") == []
    changes = timezone.diff(zone, "Etc/UTC")
    (command,) = timezone.apply(zone, "Etc/UTC", changes)
    assert command.get_raw_value() == "timedatectl set-timezone Europe/Berlin"
    assert timezone.KIND.parse(ProbeOutput("Etc/UTC", "")) == "Etc/UTC"
