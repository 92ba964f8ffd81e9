"""What is refused as a new case's passphrase, and what is not."""

from __future__ import annotations

import pytest

from app.models.passphrase import passphrase_fault


@pytest.mark.parametrize(
    ("passphrase", "fault"),
    [
        ("", "short"),
        ("hunter2", "short"),
        ("fourteen chars", "short"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeated"),
        ("secretsecretsecret", "repeated"),
        ("12121212121212121212", "repeated"),
        ("abcdefghijklmnopqrst", "row"),
        ("qwertyuiopasdfghjkl", "row"),
        ("09876543210987654321", "row"),
        ("2026/0417-Robbery", "known"),
        ("robbery robbery 1", "known"),
        ("correct horse battery staple", ""),
        ("la pluie tombe sur Nantes", ""),
        ("lXk39 dkq0W zz81 fr", ""),
        ("été à la mer du Nord", ""),
    ],
)
def test_length_comes_first_then_what_is_no_secret(passphrase: str, fault: str) -> None:
    assert passphrase_fault(passphrase, ["2026/0417-Robbery", "Robbery", ""]) == fault


def test_suggested_words_are_always_good() -> None:
    from app.models.words import word_list

    words = word_list()
    assert not any(passphrase_fault(" ".join(words[i : i + 6])) for i in range(0, 2000, 7))
