"""`rtcctl completion`: the scripts that let shells complete commands, flags, files and addresses."""

from __future__ import annotations

import click

from rtcctl.cli import COMPLETES, output

_INSTALL = """\b
bash: rtcctl completion bash > ~/.local/share/bash-completion/completions/rtcctl
zsh:  rtcctl completion zsh > ~/.zfunc/_rtcctl   (with fpath+=~/.zfunc before compinit)
fish: rtcctl completion fish > ~/.config/fish/completions/rtcctl.fish
"""


@click.command(short_help="Print what lets a shell complete commands, flags and addresses.", epilog=_INSTALL)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script for a shell.

    Addresses come from the manifest that -f names and from a local state; nothing is called for them.
    """
    from click.shell_completion import ShellComplete, get_completion_class

    script = get_completion_class(shell)
    if script is None:
        raise AssertionError(f"click knows no {shell}")
    # Not the class's own `source`: that of bash starts a bash only to learn its version.
    output.result(ShellComplete.source(script(click.Group(), {}, "rtcctl", COMPLETES)), exactly=True)
