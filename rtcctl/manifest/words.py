"""Small words for diagnostics: texts shown safely, names guessed."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST_GUESS = 64
_LONGEST_SHOWN = 60


def harmless(text: str) -> str:
    """Show a text from the manifest shortened, and without what a terminal would obey."""
    shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return shown if shown.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown)


def quoted(text: str) -> str:
    """Show a text from the manifest in quotes, harmless."""
    return f"'{harmless(text)}'"


def nearest(word: str, options: Iterable[str]) -> str:
    """Return the option that was probably meant; empty where none is near."""
    if len(word) > _LONGEST_GUESS:
        return ""
    import difflib

    by_fold = {option.casefold(): option for option in options}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else ""


def suggestion(word: str, options: Iterable[str]) -> str:
    """Return the mend for a word that is not among the options."""
    known = tuple(options)
    guess = nearest(word, known)
    if guess:
        return f"did you mean {guess!r}?"
    return f"one of: {', '.join(harmless(option) for option in known)}" if known else ""
