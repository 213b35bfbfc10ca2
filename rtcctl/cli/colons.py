"""Completion in bash, which takes `edu:App/a` for three words: click is told of one, and bash of what is left of it."""

from __future__ import annotations

import os
from typing import Any

from click.shell_completion import BashComplete, CompletionItem, add_completion_class, split_arg_string


class ColonComplete(BashComplete):
    """As click's own; words that a colon joins are one."""

    before = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is typed, and that one."""
        words, at = split_arg_string(os.environ["COMP_WORDS"]), int(os.environ["COMP_CWORD"])
        args, current = joined(words[:at]), words[at] if at < len(words) else ""
        if len(args) > 1 and (args[-1].endswith(":") or current == ":"):
            *args, begun = args
            whole = begun + current
            self.before = whole[: whole.rindex(":") + 1]
            current = whole
        return args[1:], current

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Write a word without what stands before its last colon: bash puts it after that."""
        return f"{item.type},{item.value.removeprefix(self.before)}"


def joined(words: list[str]) -> list[str]:
    """Return the words with those in one that a colon joins."""
    found: list[str] = []
    for word in words:
        if found and (word == ":" or found[-1].endswith(":")):
            found[-1] += word
        else:
            found.append(word)
    return found


def understand() -> None:
    """Let click take lines of bash so."""
    add_completion_class(ColonComplete)
