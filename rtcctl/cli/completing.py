"""What a shell may offer for an argument. Quick and silent: no call is made, and whatever goes wrong offers nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import click
from click.shell_completion import CompletionItem

Completer: TypeAlias = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def files(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell offer files and folders."""
    return [CompletionItem(incomplete, type="file")]


def members(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer kinds, and once a dot is typed their members."""

    def offered() -> Iterable[str]:
        from rtcctl.operations.explaining import ANY, paths

        depth = incomplete.count(".")
        return (path for path in paths() if path.count(".") == depth and ANY not in path.split("."))

    return _matching(offered, incomplete)


def declared(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the addresses of the manifest and of a local state."""
    return _matching(lambda: _addresses(ctx).everything, incomplete)


def jobs(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the addresses of jobs."""
    return _matching(lambda: _addresses(ctx).jobs, incomplete)


def mixed_jobs(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the addresses of declared jobs that mix a picture."""
    mixed = "MixStreamJob/"
    return _matching(lambda: (each for each in _addresses(ctx).declared if mixed in each), incomplete)


def accounts(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the accounts of the manifest."""
    return _matching(lambda: _addresses(ctx).accounts, incomplete)


def jobs_or_apps(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the addresses of jobs, and of the apps that stand for all of theirs."""
    return _matching(lambda: (*_addresses(ctx).jobs, *_addresses(ctx).apps), incomplete)


def owned(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the addresses of a local state."""
    return _matching(lambda: _addresses(ctx).owned, incomplete)


def _addresses(ctx: click.Context) -> Any:
    from rtcctl.operations import addressing

    given = ctx.params
    data = given.get("simulator_data") if given.get("simulator") else None
    return addressing.known(tuple(given.get("files") or ()), os.environ, Path.cwd(), Path(data) if data else None)


def _matching(offered: Callable[[], Iterable[str]], incomplete: str) -> list[CompletionItem]:
    try:
        return [CompletionItem(each) for each in offered() if each.startswith(incomplete)]
    except Exception:  # noqa: BLE001 - whoever is typing wants a word, and never a traceback
        return []


def answer(command: click.Command) -> int:
    """Answer a shell that asks what may come next; what goes wrong is an answer of nothing."""
    from rtcctl.cli import colons

    colons.understand()
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stderr(nowhere):
            command.main(args=[], prog_name="rtcctl")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except Exception:  # noqa: BLE001 - as above
        return 1
