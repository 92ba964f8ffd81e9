"""kill -9 of the real window in the middle of a sitting; release length is in tests/release."""

from __future__ import annotations

import pytest

from tests.release import kill


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_every_acknowledged_event_survives_the_windows_death() -> None:
    figures = kill.kills(10, driver=kill.WINDOW)
    assert figures.clean, figures
    assert figures.acknowledged > 3 * figures.kills
