"""Passwords that everybody tries first: patterns of words, keyboard rows and years, in the lengths that a long minimum leaves."""

from __future__ import annotations

__all__ = ["is_common"]

_WORDS = (
    "password", "passw0rd", "passwort", "qwerty", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx", "1q2w3e4r", "qazwsxedc", "iloveyou",
    "woaini", "woaini1314", "woaiwojia", "mima", "admin", "administrator", "root", "welcome", "letmein", "changeme", "monkey", "dragon",
    "master", "superman", "sunshine", "princess", "football", "hello", "helloworld", "secret", "default", "test", "user", "guest",
    "clinic", "hospital", "doctor", "nurse", "dental", "carework", "zhongguo", "beijing", "shanghai", "yiyuan", "huanzhe", "aini",
)
_ENDINGS = (
    "", "1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "0", "00", "000", "111", "1111",
    "666", "888", "8888", "520", "1314", "5201314",
    "1314520", "007", "2020", "2021", "2022", "2023", "2024", "2025", "2026", "abc", "abcd",
)
_ROWS = (
    "1234567890", "0987654321", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_LEET = str.maketrans({"@": "a", "$": "s", "!": "1", "3": "e", "0": "o", "5": "s"})
_COMMON = frozenset(word + ending for word in _WORDS for ending in _ENDINGS)
_COMMON_LEET = frozenset(text.translate(_LEET) for text in _COMMON)


def is_common(password: str) -> bool:
    """Whether a guesser would try it early: a listed word with a listed ending, a keyboard row, or one part repeated."""
    text = password.casefold().strip(" .!?*#_-")
    if not text or text in _COMMON or text.translate(_LEET) in _COMMON_LEET:
        return True
    return _repeated(text) or any(text in row * 3 or text in (row * 3)[::-1] for row in _ROWS)


def _repeated(text: str) -> bool:
    """Made of one part of at most a third of its length, or a common word twice."""
    for size in range(1, len(text) // 2 + 1):
        part, rest = text[:size], len(text) % size
        if part * (len(text) // size) + part[:rest] == text:
            return size <= len(text) // 3 or is_common(part)
    return False
