"""What every command prints: plain JSON on stdout, progress on stderr."""

from __future__ import annotations

import argparse
import enum
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.commands import output


class Kind(enum.Enum):
    male = "male"


@dataclass(frozen=True)
class Value:
    name: str
    where: Path
    kind: Kind
    amounts: tuple[float, ...]


def test_values_of_ours_become_plain_json(capsys: pytest.CaptureFixture[str]) -> None:
    value = Value("nez", Path("a/b"), Kind.male, (1.5, float("nan")))
    args = argparse.Namespace(json=True)
    assert output.emit(args, {"value": value, "array": np.arange(3, dtype=np.float32)}) == 0
    assert json.loads(capsys.readouterr().out) == {
        "value": {"name": "nez", "where": "a/b", "kind": "male", "amounts": [1.5, None]},
        "array": [0.0, 1.0, 2.0],
    }


def test_without_json_the_lines_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit(argparse.Namespace(json=False), {"a": 1}, ["one", "two"])
    assert capsys.readouterr().out == "one\ntwo\n"


def test_a_value_without_a_json_form_is_a_bug_and_says_so() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        output.plain(object())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)  # fmt: skip


@given(json_values)
def test_what_is_plain_already_stays_as_it_is(value: object) -> None:
    assert output.plain(value) == value


def test_progress_goes_to_stderr_and_is_not_a_flood(capsys: pytest.CaptureFixture[str]) -> None:
    for done in range(1, 101):
        output.progress("drawing", done, 100)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines()[0] == "drawing 1/100"
    assert shown.err.splitlines()[-1] == "drawing 100/100"
    assert len(shown.err.splitlines()) < 10
