"""Every command that reads a file refuses what is no such file: exit code 3, one line, its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app import main as program

# {file} is the bad input, {out} a folder for results, {fd} where a passphrase can be read.
COMMAND_LINES = {
    "attributes": "attributes {file} --json",
    "case info": "case info {file} --passphrase-fd {fd}",
    "case verify": "case verify {file} --passphrase-fd {fd}",
    "edit": "edit {file} --set age=1 --out {out}",
    "encode": "encode {file} --steps 1 --out {out}",
    "faces": "faces {file} --out {out}",
    "lineup": "lineup {file} --fillers 3 --out {out}",
    "models import": "models import {file} --out {out}",
    "models info": "models info {file}",
    "models verify": "models verify {file}",
    "read-note": "read-note {file} --json",
    "render": "render {file} --model default --out {out}",
    "sketch": "sketch {file} --out {out}/sketch.png",
    "sketch --to-face": "sketch {file} --to-face --out {out}",
    "transcribe": "transcribe {file} --json",
    "verify": "verify {file} --json",
}
CONTENTS = {
    "empty": b"",
    "noise": bytes((i * 7919 + i // 3) % 256 for i in range(5000)),
    "text": b"He had a thin face and a grey beard.\n",
    "list": b"[]",
    "object": b'{"format": 99, "name": "x"}',
    "zip": b"PK\x03\x04" + bytes(60),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "wav": b"RIFF\xff\xff\xff\xffWAVEfmt " + bytes(16),
    "npy": b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
    "sqlite": b"SQLite format 3\x00" + bytes(100),
    "safetensors": (2**40).to_bytes(8, "little") + b"{}",
}
BUILT = [n for n in COMMAND_LINES if program.command_module(n.split()[0])]


@pytest.fixture
def bad_inputs(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "a folder"
    folder.mkdir()
    paths = [tmp_path / "missing", folder]
    for name, content in CONTENTS.items():
        for suffix in (".bin", f".{name}"):
            path = tmp_path / f"{name}{suffix}"
            path.write_bytes(content)
            paths.append(path)
    return paths


def a_passphrase() -> str:
    """A file descriptor with a passphrase waiting in it, which the caller must close."""
    reading, writing = os.pipe()
    os.write(writing, b"twelve grey horses stood there\n")
    os.close(writing)
    return str(reading)


@pytest.mark.needs_torch
@pytest.mark.parametrize("name", BUILT)
def test_bad_input_is_refused_in_one_line_that_names_it(
    name: str, bad_inputs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = []
    for path in bad_inputs:
        fd, out = a_passphrase(), str(tmp_path / "out")
        words = COMMAND_LINES[name].split()
        code = program.main([word.format(file=path, out=out, fd=fd) for word in words])
        os.close(int(fd))
        shown = capsys.readouterr()
        said = [line for line in shown.err.splitlines() if line.startswith("portrait-parle:")]
        if code != 3 or len(said) != 1 or path.name not in said[0] or "Traceback" in shown.err:
            wrong.append((path.name, code, shown.err[-400:]))
    assert wrong == []
