"""Fetching a model from a server on this machine: resumed, verified, unpacked, or refused."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.fetching import download as download_module
from app.engine.fetching import install
from app.engine.fetching.install import fetch, is_installed, place_of
from app.engine.fetching.unpack import unpack
from app.main import main
from app.models.errors import BadInput, Cancelled
from app.models.offers import Offer, find_offer, offers
from app.models.resources import ENVIRONMENT_NAME, resources_folder
from app.models.store_files import Lock
from tests.engine.fetching.serving import NAME, model_files, serving, zipped

Refused = Callable[..., BadInput]


def quietly(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def offered(data: bytes, **more: object) -> Offer:
    """The English offer as if ``data`` were what its publisher offers."""
    values = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **more}
    return replace(find_offer(NAME), **values)  # type: ignore[arg-type]


@pytest.fixture
def archive() -> bytes:
    return zipped(model_files())


@pytest.fixture
def no_patience(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Own folders, and no wait for a dead server."""
    monkeypatch.setattr(download_module, "WAIT_S", 5.0)


def refusal(offer: Offer, url: str, **more: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        fetch(offer, quietly, url=url, **more)
    assert not is_installed(offer)
    assert not [p for p in place_of(offer).parent.glob("*") if p.name.startswith(".")]
    return caught.value


def parts(offer: Offer) -> list[int]:
    folder = place_of(offer).parents[1] / "downloads"
    return [path.stat().st_size for path in folder.glob("*.part")]


# ------------------------------------------------------------------ the list


def test_the_list_names_size_hash_and_licence_of_the_official_small_models() -> None:
    by_language = {o.language: o for o in offers() if o.kind == "speech"}
    assert set(by_language) == {"en", "fr"}
    for offer in offers():
        assert offer.url.startswith("https://")
        assert offer.pinned_by
        assert len(offer.licence_text()) > 2000
        assert offer.unpacked_limit > offer.size


def test_an_entry_without_a_hash_is_listed_and_refused(
    tmp_path: Path, own_folders: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shutil.copytree(resources_folder() / "fetch", tmp_path / "fetch")
    path = tmp_path / "fetch" / "models.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if "sha256 =" not in line), encoding="utf-8")
    monkeypatch.setenv(ENVIRONMENT_NAME, str(tmp_path))
    assert main(["models", "fetch"]) == 0
    assert NAME in capsys.readouterr().out
    assert main(["models", "fetch", NAME, "--accept"]) == 3
    assert "could not be verified" in capsys.readouterr().err


@pytest.mark.parametrize("bad", ["[[model]]", "no toml", '[[model]]\nname = "../x"', "model = 3"])
def test_a_broken_list_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    (tmp_path / "fetch").mkdir()
    (tmp_path / "fetch" / "models.toml").write_text(bad)
    monkeypatch.setenv(ENVIRONMENT_NAME, str(tmp_path))
    with pytest.raises(BadInput, match="bad_list"):
        offers()


# ------------------------------------------------------------------ what goes well


@pytest.mark.usefixtures("no_patience")
def test_a_model_is_fetched_verified_and_found_by_dictation(archive: bytes) -> None:
    from app.engine.speech.vosk_models import find_vosk_model

    seen: list[tuple[int, int]] = []
    offer = offered(archive)
    with serving(archive) as server:
        folder = fetch(offer, lambda done, total: seen.append((done, total)), url=server.url)
        assert fetch(offer, quietly, url=server.url) == folder  # there already: nothing is asked
    assert server.asked == [""]
    assert seen[-1] == (len(archive), len(archive))
    found = find_vosk_model("en")
    assert found is not None
    assert found.folder == folder.resolve()
    assert list(folder.parents[1].joinpath("downloads").iterdir()) == []


@pytest.mark.usefixtures("no_patience")
def test_a_cut_line_is_taken_up_where_it_broke(archive: bytes) -> None:
    offer = offered(archive)
    with serving(archive, cuts=[1000, 2000]) as server:
        folder = fetch(offer, quietly, url=server.url)
    assert server.asked == ["", "bytes=1000-", "bytes=3000-"]
    assert is_installed(offer)
    assert (folder / "conf" / "model.conf").read_bytes() == model_files()[f"{NAME}/conf/model.conf"]


@pytest.mark.usefixtures("no_patience")
def test_what_a_stopped_run_brought_is_kept_for_the_next(archive: bytes) -> None:
    offer = offered(archive)

    def stop(done: int, total: int) -> None:
        raise Cancelled

    with serving(archive) as server:
        with pytest.raises(Cancelled):
            fetch(offer, stop, url=server.url)
        kept = parts(offer)
        assert kept
        assert not is_installed(offer)
        fetch(offer, quietly, url=server.url)
    assert server.asked[-1] in (f"bytes={kept[0]}-", "")
    assert is_installed(offer)


@pytest.mark.usefixtures("no_patience")
def test_a_server_without_ranges_gives_everything_again(archive: bytes) -> None:
    with serving(archive, cuts=[1000], ranges=False) as server:
        fetch(offered(archive), quietly, url=server.url)
    assert server.asked == ["", "bytes=1000-"]


@pytest.mark.usefixtures("no_patience")
def test_a_file_brought_by_hand_is_held_to_the_same_hash(archive: bytes, tmp_path: Path) -> None:
    given, offer = tmp_path / "from-a-stick.zip", offered(archive)
    given.write_bytes(archive[:-1] + b"x")
    assert refusal(offer, "", given=given).code == "fetch.wrong_hash"
    given.write_bytes(archive)
    fetch(offer, quietly, given=given)
    assert is_installed(offer)
    assert given.read_bytes() == archive


@pytest.mark.needs_torch
@pytest.mark.shared_data
@pytest.mark.usefixtures("no_patience")
def test_a_face_model_is_converted_on_its_way_in(shared_data: Path) -> None:
    from app.engine.weights import find_model, read_card

    data = (shared_data / "reference" / "stylegan2-ada-tiny.pkl").read_bytes()
    face = next(o for o in offers() if o.kind == "face")
    pinned = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    with serving(data) as server:
        folder = fetch(replace(face, **pinned), quietly, url=server.url)
    assert find_model(face.name) == folder
    card = read_card(folder)
    assert card.architecture.resolution == 64
    assert "research" in str(card.data["licence"])


# ------------------------------------------------------------------ what is refused


@pytest.mark.needs_torch
@pytest.mark.usefixtures("no_patience")
def test_a_pickle_that_is_no_face_model_is_not_put_in_place() -> None:
    data = b"\x80\x02cos\nsystem\nq\x00."
    face = next(o for o in offers() if o.kind == "face")
    pinned = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    with serving(data) as server:
        assert refusal(replace(face, **pinned), server.url).code == "fetch.not_a_model"


@pytest.mark.usefixtures("no_patience")
def test_another_file_of_the_same_size_is_thrown_away(archive: bytes) -> None:
    offer = offered(archive)
    with serving(b"x" * len(archive)) as server:
        error = refusal(offer, server.url)
    assert error.code == "fetch.wrong_hash"
    assert parts(offer) == []


@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize("told", [10, 10**9])
def test_a_wrong_size_is_refused_before_anything_is_read(archive: bytes, told: int) -> None:
    offer = offered(archive)
    with serving(archive, told_length=told) as server:
        assert refusal(offer, server.url).code == "fetch.wrong_size"
    assert parts(offer) == []


@pytest.mark.usefixtures("no_patience")
def test_a_stream_that_never_tells_its_length_is_stopped(archive: bytes) -> None:
    """More than the pinned size never lands on the disk for good."""
    offer = offered(archive[:5000])

    class Endless:
        headers: dict[str, str] = {}  # noqa: RUF012
        status = 200

        def read1(self, size: int) -> bytes:
            return b"z" * size

        def __enter__(self) -> Endless:
            return self

        def __exit__(self, *_: object) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download_module, "_answer", lambda url, have: Endless())
        assert refusal(offer, "https://example.invalid/x").code == "fetch.wrong_size"
    assert parts(offer) == []


@pytest.mark.usefixtures("no_patience")
def test_a_redirect_is_not_followed(archive: bytes) -> None:
    with serving(archive) as other, serving(archive, redirect=other.url) as server:
        error = refusal(offered(archive), server.url)
    assert error.code == "fetch.redirected"
    assert error.facts["to"] == other.url
    assert other.asked == []


@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize("status", [403, 404, 416, 500])
def test_a_server_that_says_no_is_quoted(archive: bytes, status: int) -> None:
    with serving(archive, status=status) as server:
        error = refusal(offered(archive), server.url)
    assert (error.code, error.facts["status"]) == ("fetch.server_refused", status)


@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize(
    "url", ["http://example.invalid/a", "file:///etc/passwd", "ftp://127.0.0.1/a", "https:///a", ""]
)
def test_only_https_addresses_are_used(archive: bytes, url: str) -> None:
    offer = offered(archive, url=url)
    assert refusal(offer, url).code == "fetch.bad_address"


@pytest.mark.usefixtures("no_patience")
def test_nobody_listening_is_unreachable(archive: bytes) -> None:
    with serving(archive) as server:
        pass
    assert refusal(offered(archive), server.url).code == "fetch.unreachable"


@pytest.mark.usefixtures("no_patience")
def test_a_line_that_keeps_breaking_is_left_to_the_officer(archive: bytes) -> None:
    offer = offered(archive)
    with serving(archive, cuts=[10] * 9) as server:
        error = refusal(offer, server.url)
    assert error.code == "fetch.cut_off"
    assert parts(offer) == [error.facts["done"]] == [40]


@pytest.mark.usefixtures("no_patience")
def test_too_little_room_is_said_before_the_download(
    archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(install.shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with serving(archive) as server:
        assert refusal(offered(archive), server.url).code == "fetch.no_space"
    assert server.asked == []


@pytest.mark.usefixtures("no_patience")
def test_a_disk_that_fills_up_keeps_what_fits(
    archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    offer = offered(archive)
    with serving(archive) as server:
        with monkeypatch.context() as patch:
            patch.setattr(download_module, "_copy", full)
            assert refusal(offer, server.url).code == "fetch.no_space"
        with monkeypatch.context() as patch:
            patch.setattr(install, "unpack", full)
            assert refusal(offer, server.url).code == "fetch.no_space"
        fetch(offer, quietly, url=server.url)


@pytest.mark.usefixtures("no_patience")
def test_two_at_once_do_not_meet(archive: bytes) -> None:
    offer = offered(archive)
    downloads = place_of(offer).parents[1] / "downloads"
    downloads.mkdir(parents=True)
    lock = Lock(downloads / offer.name)
    try:
        assert refusal(offer, "https://example.invalid/x").code == "fetch.running"
    finally:
        lock.release()


@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"other/am/final.mdl": b"x"}, "fetch.bad_archive"),
        ({f"{NAME}/README": b"x"}, "fetch.not_a_model"),
        ({f"{NAME}/README": b"x", "second/README": b"x"}, "fetch.bad_archive"),
    ],
)
def test_a_verified_archive_that_holds_no_model_is_not_put_in_place(
    files: dict[str, bytes], code: str
) -> None:
    data = zipped(files)
    with serving(data) as server:
        assert refusal(offered(data), server.url).code == code


# ------------------------------------------------------------------ unpacking


@pytest.mark.parametrize(
    "name", ["../out", "/abs", "a/../../out", "a\\..\\out", "C:evil", "a/\x01", "a/b|c"]
)
def test_an_archive_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"fine": b"x", name: b"canary"}))
    (tmp_path / "in").mkdir()
    with pytest.raises(BadInput, match="bad_archive"):
        unpack(path, tmp_path / "in", 10**6)
    assert list((tmp_path / "in").iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "in"]


def test_links_encryption_bombs_and_rubbish_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    bomb = zipped({"zeros": bytes(5_000_000)})
    lying = bytearray(bomb)
    at = lying.rindex(b"PK\x01\x02") + 24  # the size that the directory claims
    lying[at : at + 4] = (1000).to_bytes(4, "little")
    locked = bytearray(zipped({"a": b"x"}))
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    many = zipped({f"f{i}": b"" for i in range(2001)})
    cases = {
        "link": path.read_bytes(), "bomb": bomb, "lying": bytes(lying), "locked": bytes(locked),
        "many": many, "rubbish": b"PK\x03\x04" + bytes(100), "cut": bomb[:-30], "empty": b"",
        "damaged": bomb[:40] + b"\xff\xff\xff" + bomb[43:],
    }  # fmt: skip
    for name, data in cases.items():
        path.write_bytes(data)
        folder = tmp_path / name
        folder.mkdir()
        with pytest.raises(BadInput, match="bad_archive"):
            unpack(path, folder, 10**6 if name != "damaged" else 10**7)
        assert sum(p.lstat().st_size for p in folder.rglob("*")) <= 10**7


# ------------------------------------------------------------------ the command and the process


def test_the_licence_comes_first_and_must_be_accepted(
    own_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "fetch", NAME, "--from", "https://example.invalid/x"]) == 3
    said = capsys.readouterr().err
    assert "Apache License" in said
    assert "was not accepted" in said


@pytest.mark.usefixtures("no_patience")
def test_the_command_fetches_and_says_where(
    archive: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(archive) as server, monkeypatch.context() as patch:
        patch.setattr("app.models.offers.find_offer", lambda name: offered(archive))
        arguments = ["models", "fetch", NAME, "--accept", "--json", "--from", server.url]
        assert main(arguments) == 0
        answer = json.loads(capsys.readouterr().out)
        assert Path(answer["folder"]).is_dir()
        assert main(arguments[:-2]) == 0  # the second time needs no server
        assert json.loads(capsys.readouterr().out)["was_there"]
    assert main(["models", "fetch", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["models"]
    assert [row["installed"] for row in rows if row["name"] == NAME] == [True]
    assert main(["models", "fetch", "unheard-of"]) == 3
    assert NAME in capsys.readouterr().err


def test_the_windows_process_tells_progress_and_refusals(
    archive: bytes, own_folders: Path, tmp_path: Path
) -> None:
    shutil.copytree(resources_folder() / "fetch", tmp_path / "fetch")
    listed = tmp_path / "fetch" / "models.toml"
    offer = find_offer(NAME)
    text = listed.read_text(encoding="utf-8").replace(offer.sha256, offered(archive).sha256)
    listed.write_text(text.replace(str(offer.size), str(len(archive))), encoding="utf-8")
    program = [sys.executable, "-m", "app.engine.fetching.process", NAME]
    environment = {**os.environ, ENVIRONMENT_NAME: str(tmp_path)}

    def run(url: str) -> list[dict[str, object]]:
        done = subprocess.run(
            [*program, "--url", url], capture_output=True, text=True, env=environment,
            cwd=resources_folder().parent, check=False,
        )  # fmt: skip
        return [json.loads(line) for line in done.stdout.splitlines()]

    with serving(archive) as server:
        said = run(server.url)
    assert said[-1] == {"event": "done", "folder": str(place_of(offer))}
    assert said[-2] == {"event": "progress", "done": len(archive), "total": len(archive)}
    shutil.rmtree(place_of(offer))
    assert run("http://example.invalid/")[-1]["code"] == "fetch.bad_address"
