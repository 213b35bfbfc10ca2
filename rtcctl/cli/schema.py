"""`rtcctl schema`: the JSON Schemas that editors and pipelines check against, and what a cluster needs."""

from __future__ import annotations

import click

from rtcctl.cli import output

NAMES = ("manifest", "state", "plan", "result", "drift", "ledger", "jobs", "rehearsal", "preview", "doctor")
_MANIFEST = "manifest"


@click.command()
@click.argument("name", type=click.Choice(NAMES), default=_MANIFEST)
@click.option(
    "--crd",
    is_flag=True,
    help="Print Kubernetes CustomResourceDefinitions of the manifest's documents instead, as YAML.",
)
def schema(name: str, *, crd: bool) -> None:
    """Print a JSON Schema: of the manifest unless another is named."""
    if crd:
        if name != _MANIFEST:
            raise click.UsageError(f"--crd prints the manifest's documents and not {name}")
        output.result(_definitions(), newline=False)
        return
    from rtcctl.schema import path

    output.result(path(name).read_text(encoding="utf-8"), newline=False)


def _definitions() -> str:
    import yaml

    from rtcctl.schema.crd import definitions

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    text: str = yaml.dump_all(definitions(), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text
