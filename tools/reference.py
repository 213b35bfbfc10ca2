"""Write docs/reference/ from declarations and `--help`: `make reference`, or `python -m tools.reference`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from rtcctl.cli.main import rtcctl
from rtcctl.errors import ExitCode
from rtcctl.kinds import KINDS, children_of
from rtcctl.kinds.base import Kind, Member
from rtcctl.schema.manifest import manifest_schema

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
NOTE = "<!-- Written by `make reference`; change the declarations instead. -->\n"
WIDTH = 100

CODES = {
    ExitCode.OK: "done, no changes",
    ExitCode.FAILED: "the service or the network failed",
    ExitCode.CHANGES_PENDING: "changes pending (`plan --detailed-exitcode`), drift, or a file out of form",
    ExitCode.INVALID: "invalid manifest or usage",
    ExitCode.NOT_ALLOWED: "not authenticated or not permitted",
    ExitCode.FOREIGN: "a state or a saved plan that belongs to something else, is damaged or stale",
    ExitCode.PARTIAL: "something done and something failed or unknown",
    ExitCode.REFUSED: "refused by a safety rule or quota",
    ExitCode.LOCKED: "the state is locked by another run",
    ExitCode.INTERRUPTED: "interrupted before anything was sent",
}

VARIABLES = {
    "Credentials, first found wins": {
        "RTCCTL_TOKEN": "a ready token; ends after 24 hours",
        "HUAWEICLOUD_SDK_AK": "access key, as the official SDK calls it",
        "HUAWEICLOUD_SDK_SK": "secret key",
        "HUAWEICLOUD_SDK_PROJECT_ID": "project id that goes with the keys",
        "HUAWEICLOUD_SDK_SECURITY_TOKEN": "goes with temporary keys",
        "HUAWEICLOUD_SDK_CREDENTIALS_FILE": "the official SDK's file with the keys, instead of the variables",
        "RTCCTL_USERNAME": "IAM user, with password and domain",
        "RTCCTL_PASSWORD": "the user's password",
        "RTCCTL_DOMAIN": "the account's name",
    },
    "Where the service is": {
        "RTCCTL_ENDPOINT": "SparkRTC endpoint, as `--endpoint`; the commands of `simulator` act on it",
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": "IAM endpoint, as `--iam-endpoint`",
    },
    "Where the state is": {
        "RTCCTL_STATE": "a folder, `s3://BUCKET/PREFIX` or `postgresql://…`; before `spec.backend`",
        "RTCCTL_S3_ENDPOINT": "object store other than Amazon's",
        "AWS_ACCESS_KEY_ID": "key of the object store",
        "AWS_SECRET_ACCESS_KEY": "its secret",
        "AWS_SESSION_TOKEN": "goes with temporary keys",
        "AWS_REGION": "region of the bucket",
        "AWS_DEFAULT_REGION": "the same, where the other is not set",
        "AWS_ENDPOINT_URL": "object store, where RTCCTL_S3_ENDPOINT is not set",
        "AWS_ENDPOINT_URL_S3": "the same, and before AWS_ENDPOINT_URL",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "`true` puts the bucket into the host's name",
    },
    "Terminals and builds": {
        "NO_COLOR": "no colour, whatever its value",
        "CI": "a state in a local folder is warned about",
        "GITHUB_ACTIONS": "findings are annotated, paths begin at the repository's top",
        "GITHUB_STEP_SUMMARY": "gets the report in Markdown",
        "GITHUB_WORKSPACE": "the repository's top",
        "GITLAB_CI": "paths begin at the repository's top",
        "CI_PROJECT_DIR": "the repository's top",
    },
}
"""Every variable that rtcctl reads; a test compares them with the sources."""


def commands() -> str:
    """Return every command with its help, as `--help` shows it."""
    text = f"{NOTE}\n# Commands\n\nAs `rtcctl COMMAND --help` shows them. `diff` is `plan` by another name.\n"
    for name, command in _commands(rtcctl, ("rtcctl",), _context(rtcctl, "rtcctl", None)):
        text += f"\n## {name}\n\n```text\n{command}\n```\n"
    return text


def _commands(command: click.Command, path: tuple[str, ...], context: click.Context) -> Iterator[tuple[str, str]]:
    context.max_content_width, context.terminal_width = WIDTH, WIDTH
    yield " ".join(path), command.get_help(context).rstrip()
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if found is not None and not found.hidden and name != "diff":
            yield from _commands(found, (*path, name), _context(found, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(command, info_name=name, parent=parent, **command.context_settings)


def manifest() -> str:
    """Return every member of a manifest, from the kinds' declarations."""
    schema = manifest_schema()["$defs"]
    text = (
        f"{NOTE}\n# Manifest\n\nA set of YAML documents, each `apiVersion: rtcctl.dev/v1` with a `kind`, "
        "`metadata.name` and `spec`. Members bear the API's own names and values. "
        "Editors check it with `schemas/manifest.schema.json`.\n\n"
        "`${env:NAME}`, `${env:NAME:-default}` and `${file:PATH}` are filled in; `$${` stands for `${`.\n"
    )
    for kind in KINDS.values():
        text += _kind(kind, schema["App"]["properties"]["spec"]["properties"])
    project = schema["Project"]["properties"]["spec"]
    text += f"\n## Project\n\n{schema['Project']['description']}\n\n{_HEAD}"
    return text + "".join(_schema_rows(project, ""))


_HEAD = "| member | type | |\n|---|---|---|\n"


def _kind(kind: Kind, app: dict[str, Any]) -> str:
    where = f"`spec.{kind.manifest_key}` of an App{', a list' if kind.many else ''}" if kind.parent else "a document"
    text = f"\n## {kind.name}\n\n{kind.doc} *{where}; {kind.source}.*\n\n{_HEAD}"
    if kind.many:
        own = app[kind.manifest_key]["items"]["properties"]
        for name in ("name", "moved_from", "restart"):
            text += _schema_row(name, own[name], required=name == "name") if name in own else ""
    text += "".join(_rows(kind.members, ""))
    if not kind.parent and children_of(kind.name):
        for name in ("account", "moved_from", "lifecycle"):
            text += _schema_row(name, app[name])
            text += "".join(_schema_rows(app[name], f"{name}."))
        for child in children_of(kind.name):
            link = f"[{child.name}](#{child.name.lower()})"
            text += f"| `{child.manifest_key}` | {'list' if child.many else 'object'} | {link} |\n"
    return text


def _rows(members: tuple[Member, ...], prefix: str) -> Iterator[str]:
    for member in members:
        yield f"| `{prefix}{member.name}` | {_type(member)} | {_cell(' '.join(_told(member)))} |\n"
        yield from _rows(member.members, f"{prefix}{member.name}{'[]' if member.type == 'array' else ''}.")
        if member.refer_as:
            words = f"local name of a {member.refers} of this app, instead of `{member.name}`"
            yield f"| `{prefix}{member.refer_as}` | string | {words} |\n"


def _type(member: Member) -> str:
    return f"list of {member.items.type}" if member.items else "list" if member.type == "array" else member.type


def _told(member: Member) -> Iterator[str]:
    yield member.doc
    if member.required:
        yield "**Required.**"
    for values in (member.enum, member.items.enum if member.items else ()):
        if values:
            yield f"One of {', '.join(f'`{each}`' for each in values)}."
    if member.minimum is not None or member.maximum is not None:
        low, high = (f"{each:g}" if each is not None else "…" for each in (member.minimum, member.maximum))
        also = f", or {member.also}" if member.also is not None else ""
        yield f"{low} to {high}{f' {member.unit}' if member.unit else ''}{also}."
    elif member.unit:
        yield f"In {member.unit}."
    if member.default is not None:
        yield f"The service fills in `{member.default}`."
    if member.immutable and "A change" not in member.doc:
        yield "A change replaces the object."
    if member.sensitive:
        yield "Never shown."


def _schema_rows(schema: dict[str, object], prefix: str) -> Iterator[str]:
    properties = schema.get("properties")
    for name, each in (properties if isinstance(properties, dict) else {}).items():
        yield _schema_row(prefix + name, each)
        yield from _schema_rows(each, f"{prefix}{name}.")


def _schema_row(name: str, schema: dict[str, object], *, required: bool = False) -> str:
    values = schema.get("enum")
    words = [str(schema.get("description", "")), "**Required.**" if required else ""]
    words += [f"One of {', '.join(f'`{each}`' for each in values)}."] if isinstance(values, list) else []
    words += [f"Default `{schema['default']}`."] if "default" in schema else []
    return f"| `{name}` | {schema.get('type', 'string')} | {_cell(' '.join(filter(None, words)))} |\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def codes() -> str:
    """Return the exit codes."""
    rows = "".join(f"| {int(code)} | {CODES[code]} |\n" for code in ExitCode)
    return f"{NOTE}\n# Exit codes\n\n| code | meaning |\n|---|---|\n{rows}"


def variables() -> str:
    """Return the environment variables."""
    text = f"{NOTE}\n# Environment variables\n\nBeside those that a manifest names itself as `${{env:NAME}}`.\n"
    for heading, found in VARIABLES.items():
        rows = "".join(f"| `{name}` | {words} |\n" for name, words in found.items())
        text += f"\n## {heading}\n\n| variable | is |\n|---|---|\n{rows}"
    return text


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": commands,
    "manifest.md": manifest,
    "exit-codes.md": codes,
    "environment.md": variables,
}


def main() -> None:
    """Write all pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
