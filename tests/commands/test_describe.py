"""The describe command: its JSON, its plain lines, and what it refuses."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from app.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["describe", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def pipe(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    class Stdin:
        buffer = io.BytesIO(data)

    monkeypatch.setattr(sys, "stdin", Stdin())


def test_json_has_the_format_of_the_design_page(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "No beard, maybe about 50, blue coat.", "--json")
    assert code == 0
    read: dict[str, Any] = json.loads(out)
    assert read == {
        "text": "No beard, maybe about 50, blue coat.",
        "attributes": [
            {"name": "beard", "value": "none", "negated": False, "certainty": "said",
             "span": [3, 8], "text": "beard"},
            {"name": "age", "value": [45, 55], "negated": False, "certainty": "doubtful",
             "span": [16, 24], "text": "about 50"},
        ],
        "unread": [[26, 35]],
    }  # fmt: skip


def test_plain_lines_say_what_was_read_and_what_was_not(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "not a round face, a scar on the left cheek, odd shoes")
    assert code == 0
    assert "not round" in out
    assert "left cheek" in out
    assert "not understood" in out
    assert "{" not in out


def test_words_come_from_stdin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    pipe(monkeypatch, "\ufeffblue eyes\n".encode())
    code, out, _ = run(capsys, "-", "--json")
    assert code == 0
    assert [a["name"] for a in json.loads(out)["attributes"]] == ["eye_color"]


def test_french_is_read_when_asked_for(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "sans lunettes", "--language", "fr", "--json")
    assert code == 0
    assert json.loads(out)["attributes"][0]["value"] == "none"


@pytest.mark.parametrize(
    ("data", "word"), [(b"", "no words"), (b" \n", "no words"), (b"\xff\xfe", "UTF-8")]
)
def test_what_is_no_text_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    data: bytes,
    word: str,
):
    pipe(monkeypatch, data)
    code, out, err = run(capsys, "-")
    assert (code, out) == (3, "")
    assert word in err
    assert err.count("\n") == 1


def test_a_text_without_end_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    pipe(monkeypatch, "é".encode() * 500_000)
    assert run(capsys, "-")[0] == 3


def test_an_unknown_language_is_bad_usage(capsys: pytest.CaptureFixture[str]):
    assert run(capsys, "x", "--language", "tlh")[0] == 2
