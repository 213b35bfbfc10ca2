"""A group that imports a command only when it is used: what is not needed costs no time at the start."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Commands by name, each as `module:attribute`."""

    def __init__(self, *arguments: Any, lazily: Mapping[str, str], **others: Any) -> None:
        """Set up; nothing is imported yet."""
        super().__init__(*arguments, **others)
        self._lazily = lazily

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, in alphabetical order."""
        return sorted([*self.commands, *self._lazily])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; of a misspelt one guess which."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from rtcctl.manifest.words import nearest

            guess = nearest(args[0], self.list_commands(ctx))
            if not guess:
                raise
            raise click.UsageError(f"{error.message} Did you mean '{guess}'?", ctx) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None where there is none of that name."""
        place = self._lazily.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise AssertionError(f"{place} is no command")
        return command
