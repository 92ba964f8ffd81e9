"""Bundles mutated in every way; the verifier must refuse each and accept the good ones."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.commands.verifier.report import verify
from app.models.export import PROFILES, Painter, export_bundle, portrait_record
from tests.release import sitting
from tests.release.tamper import HANG_S, _desk, mutated

DEEP = "nested deep"  # becomes a list in a list in a list ... in the text
VOCABULARY = ("sex", "age", "beard", "nose_size")


@dataclass
class Figures:
    """What a run came to."""

    good_accepted: int = 0
    good_refused: int = 0
    mutated: int = 0
    refused: int = 0
    crashed: int = 0
    hung: int = 0
    written_outside: int = 0
    slowest_s: float = 0.0
    accepted: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Good ones accepted, mutated ones refused, calmly."""
        wrong = self.good_refused + self.crashed + self.hung + self.written_outside
        return self.mutated == self.refused and self.mutated > 0 and wrong == 0


def good_ones(figures: Figures, folder: Path, count: int, painter: Painter) -> list[Path]:
    """``count`` good bundles of all profiles, folders and zip files."""
    made: list[Path] = []
    for number in range(count):
        case = sitting.made(folder / f"{number}.ppcase", sitting.whole(1 + number % 2, 2))
        profile = list(PROFILES)[number % len(PROFILES)]
        sketch = sitting.png(5, 20) if number % 2 else None
        record = portrait_record(case, VOCABULARY, [("name", "tiny")], sketch)
        ending = ".zip" if number % 4 >= 2 else ""
        destination = folder / f"good-{number}{ending}"
        export_bundle(case, destination, profile, record, painter)
        case.close()
        good = verify(destination).good
        figures.good_accepted += good
        figures.good_refused += not good
        made.append(destination)
    return made


def run(
    count: int,
    good: int = 20,
    painter: Painter | None = None,
    seed: int = 1,
    only: str = "",
) -> Figures:
    """``count`` mutations spread over ``good`` bundles; ``only`` those whose name has the word."""
    figures = Figures()
    with _desk() as folder:
        made = good_ones(figures, folder, good, painter or sitting.PlainPainter())
        before = sorted(p.name for p in folder.iterdir())
        sources = [path for path in made if path.is_dir()] if only else made
        for number in itertools.count():
            if figures.mutated >= count:
                break
            rng = random.Random(f"{seed}-{number}")
            source = sources[number % len(sources)]
            target = folder / ("mutant.zip" if source.suffix else "mutant")
            what = _mutant(source, target, rng, only)
            if what:
                _look(figures, target, f"{source.name} {number}: {what}")
            _remove(target)
        after = sorted(p.name for p in folder.iterdir())
        figures.written_outside += before != after
    return figures


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _look(figures: Figures, target: Path, what: str) -> None:
    figures.mutated += 1
    started = time.perf_counter()
    try:
        if verify(target).good:
            figures.accepted.append(what)
        else:
            figures.refused += 1
    except Exception as error:
        figures.crashed += 1
        figures.accepted.append(f"{what}: {error!r}")
    took = time.perf_counter() - started
    figures.slowest_s = max(figures.slowest_s, took)
    figures.hung += took > HANG_S


def _mutant(source: Path, target: Path, rng: random.Random, only: str) -> str:
    """Make a changed copy; what was done, empty when it came out the same."""
    if source.is_file():
        data = source.read_bytes()
        changed = mutated(data, rng)
        target.write_bytes(changed)
        return "zip bytes" if changed != data else ""
    shutil.copytree(source, target)
    possible = [(name, how) for name, how in _mutations().items() if only in name]
    name, mutation = rng.choice(possible)
    return name if mutation(target, rng) else ""


Mutation = Callable[[Path, random.Random], bool]


def _mutations() -> dict[str, Mutation]:
    return {
        "bytes of a file": _bytes_of_a_file, "file gone": _file_gone, "file added": _file_added,
        "files swapped": _files_swapped, "manifest field": _manifest_field,
        "manifest field, hash anew": _manifest_field_rehashed,
        "file changed, hashes anew": _file_rehashed, "event line": _event_line,
        "event line, hashes anew": _event_line_rehashed, "link": _link,
    }  # fmt: skip


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def _bytes_of_a_file(folder: Path, rng: random.Random) -> bool:
    path = rng.choice(_files(folder))
    data = path.read_bytes()
    changed = mutated(data, rng)
    path.write_bytes(changed)
    return changed != data


def _file_gone(folder: Path, rng: random.Random) -> bool:
    rng.choice(_files(folder)).unlink()
    return True


def _file_added(folder: Path, rng: random.Random) -> bool:
    names = ("x.png", "rounds2.png", "Portrait.PNG", ".hidden", "a b", "notes.txt", "..\\x")
    (folder / rng.choice(names)).write_bytes(rng.randbytes(rng.randint(0, 99)))
    return True


def _link(folder: Path, rng: random.Random) -> bool:
    path = rng.choice(_files(folder))
    path.unlink()
    path.symlink_to("/etc/hostname")
    return True


def _files_swapped(folder: Path, rng: random.Random) -> bool:
    one, two = rng.sample(_files(folder), 2)
    data_one, data_two = one.read_bytes(), two.read_bytes()
    one.write_bytes(data_two)
    two.write_bytes(data_one)
    return data_one != data_two


def _manifest_field(folder: Path, rng: random.Random) -> bool:
    return _change_manifest(folder, rng, rehash=False)


def _manifest_field_rehashed(folder: Path, rng: random.Random) -> bool:
    return _change_manifest(folder, rng, rehash=True)


def _change_manifest(folder: Path, rng: random.Random, rehash: bool) -> bool:
    path = folder / "manifest.json"
    before = path.read_bytes()
    manifest = json.loads(before)
    _change_value(manifest, rng)
    write_manifest(folder, manifest, rehash)
    return path.read_bytes() != before


def write_manifest(folder: Path, manifest: Any, rehash: bool) -> None:
    """The manifest in canonical form; with ``rehash`` its SHA-256 beside it fits again."""
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    text = text.replace(f'"{DEEP}"', "[" * 3000 + "]" * 3000)
    data = (text + "\n").encode("utf-8", "surrogatepass")
    (folder / "manifest.json").write_bytes(data)
    if rehash:
        digest = hashlib.sha256(data).hexdigest()
        (folder / "manifest.sha256").write_bytes(f"{digest}  manifest.json\n".encode())


def _change_value(value: Any, rng: random.Random) -> None:
    """Replace, drop or add one value somewhere inside."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys:
        return
    key = rng.choice(keys)
    if isinstance(value[key], dict | list) and value[key] and rng.random() < 0.7:
        _change_value(value[key], rng)
        return
    kind = rng.randrange(4)
    if kind == 0:
        del value[key]
    elif kind == 1 and isinstance(value, dict):
        value[f"{key}2"] = value[key]
    elif isinstance(value[key], str) and value[key] and kind == 2:
        at = rng.randrange(len(value[key]))
        value[key] = value[key][:at] + rng.choice("0af-é\x00") + value[key][at + 1 :]
    else:
        value[key] = rng.choice((None, True, -1, 10**30, "", "../../x", [], {}, 1.5, DEEP))


def _file_rehashed(folder: Path, rng: random.Random) -> bool:
    """Change a file and write every hash in the manifest anew, as a clever forger would."""
    files = [p for p in _files(folder) if not p.name.startswith("manifest")]
    path = rng.choice(files)
    data = path.read_bytes()
    changed = mutated(data, rng)
    path.write_bytes(changed)
    rehash_all(folder)
    return changed != data


def rehash_all(folder: Path) -> None:
    """Sizes, hashes, root and manifest.sha256 for the files as they are now."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for entry in manifest["files"]:
        data = (folder / entry["path"]).read_bytes()
        entry.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    lines = "".join(f"{e['sha256']}  {e['path']}\n" for e in manifest["files"])
    manifest["root_sha256"] = hashlib.sha256(lines.encode()).hexdigest()
    write_manifest(folder, manifest, rehash=True)


def _event_line(folder: Path, rng: random.Random) -> bool:
    return _change_line(folder, rng)


def _event_line_rehashed(folder: Path, rng: random.Random) -> bool:
    changed = _change_line(folder, rng)
    rehash_all(folder)
    return changed


def _change_line(folder: Path, rng: random.Random) -> bool:
    path = folder / "events.jsonl"
    before = path.read_bytes()
    lines = before.decode().splitlines()
    at = rng.randrange(len(lines))
    kind = rng.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[at])
    elif kind == 2:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        event = json.loads(lines[at])
        _change_value(event, rng)
        lines[at] = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    lines = [line.replace(f'"{DEEP}"', "[" * 900 + "]" * 900) for line in lines]
    after = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
    path.write_bytes(after)
    return after != before
