"""One core is left to the window, except where there are two and a face is much work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("torch")

import torch

from app.engine.runtime import MUCH_WORK, set_threads

pytestmark = pytest.mark.needs_torch


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("PORTRAIT_PARLE_THREADS", raising=False)
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("cores", "work", "threads"),
    [(1, 0.0, 1), (2, 0.0, 1), (2, MUCH_WORK, 2), (4, 0.0, 3), (4, MUCH_WORK, 3), (None, 0.0, 1)],
)
def test_threads_follow_the_cores_and_the_work(
    cores: int | None, work: float, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert set_threads(work) == threads


def test_what_is_asked_for_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setenv("PORTRAIT_PARLE_THREADS", "1")
    assert set_threads(MUCH_WORK) == 1
