"""The manifest's JSON Schema, put together from the kinds' declarations: one `$defs` entry per document kind."""

from __future__ import annotations

from typing import Any, get_args

from rtcctl.kinds import KINDS, Kind, children_of
from rtcctl.model.address import NAME_PATTERN
from rtcctl.model.resource import Restart
from rtcctl.schema.members import Builder, Schema

API_VERSION = "rtcctl.dev/v1"
_ID = "https://rtcctl.dev/schemas/manifest.schema.json"
_APP = "App"


def manifest_schema(*, for_editors: bool = False) -> dict[str, Any]:
    """Return the schema of one manifest document (JSON Schema 2020-12).

    With `for_editors`, limited texts may hold `${…}`, which is filled in only later.
    """
    build = Builder(for_editors=for_editors)
    definitions = {
        kind.name: _document(build, kind.name, kind.doc, _spec(build, kind), required=("spec",))
        for kind in document_kinds()
    }
    settings = "Settings of the whole set; at most one document."
    definitions["Project"] = _document(build, "Project", settings, _project(build), required=())
    choices = [
        {
            "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
            "then": {"$ref": f"#/$defs/{name}"},
        }
        for name in definitions
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": _ID,
        "title": "rtcctl manifest",
        "description": "One document of a manifest for SparkRTC. Members of spec bear the names of the API Reference.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {"apiVersion": {"const": API_VERSION}, "kind": {"enum": list(definitions)}},
        "allOf": choices,
        "$defs": definitions,
    }


def document_kinds() -> tuple[Kind, ...]:
    """Return the kinds that have documents of their own; the others stand in the spec of their parent."""
    return tuple(kind for kind in KINDS.values() if not kind.parent)


def _document(build: Builder, kind: str, doc: str, spec: Schema, *, required: tuple[str, ...]) -> Schema:
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    metadata = {
        "type": "object",
        "description": "Identity of the document.",
        "properties": {
            "name": build.name(f"Name of the {kind} in the manifest and in the state."),
            "labels": {**texts, "description": "For other tools; ignored."},
            "annotations": {**texts, "description": "For other tools; ignored."},
        },
        "required": ["name"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "description": doc,
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"const": kind},
            "metadata": metadata,
            "spec": spec,
        },
        "required": ["apiVersion", "kind", "metadata", *required],
        "additionalProperties": False,
    }


def _spec(build: Builder, kind: Kind) -> Schema:
    below: Schema = {"account": build.name("Account this belongs to, one of the Project's accounts.")}
    if kind.name != _APP:
        return build.objects(kind.members, kind.doc, below)
    below |= {
        "moved_from": _moved_from(build),
        "lifecycle": _lifecycle(),
    }
    for child in children_of(kind.name):
        below[child.manifest_key] = _child(build, child)
    return build.objects(kind.members, kind.doc, below)


def _child(build: Builder, kind: Kind) -> Schema:
    if not kind.many:
        return build.objects(kind.members, f"{kind.doc} {kind.source}.")
    own: Schema = {"name": build.name("Local name, for references and addresses."), "moved_from": _moved_from(build)}
    if kind.job:
        own["restart"] = build.text(
            "What to do when the live job is found STOPPED: Never leave it; OnFailure start it anew after "
            "INTERNAL_ERROR; Always also after EXCEED_MAX_IDLE_TIME. Neither after TENANT_STOP.",
            enum=list(get_args(Restart)),
            default="Never",
        )
    items = build.objects(kind.members, f"{kind.doc} {kind.source}.", own)
    items["required"] = ["name", *items.get("required", ())]
    return {"type": "array", "description": kind.doc, "items": items}


def _moved_from(build: Builder) -> Schema:
    return build.name("Former name; the live object is kept and renamed in the state, without a call.")


def _lifecycle() -> Schema:
    return {
        "type": "object",
        "description": "What rtcctl must not do to this app.",
        "properties": {
            "prevent_destroy": {
                "type": "boolean",
                "description": "Refuse every plan that deletes or replaces the app or anything under it.",
                "default": False,
            },
            "ignore_changes": {
                "type": "array",
                "description": "Members that are set once and never compared, as paths from spec: "
                "record_callback.url, record_rules.NAME.mp4_config.record_cycle.",
                "items": {"type": "string"},
                "uniqueItems": True,
            },
        },
        "additionalProperties": False,
    }


def _project(build: Builder) -> Schema:
    account = {
        "type": "object",
        "description": "One account: where its credentials come from, and what is different there.",
        "properties": {
            "credentials": build.text(
                "env:PREFIX reads PREFIX_HUAWEICLOUD_SDK_AK and so on.", pattern="^env:[A-Za-z_][A-Za-z0-9_]*$"
            ),
            "endpoint": build.text(
                "SparkRTC endpoint of this account, unless a flag or a variable names one.", minLength=1
            ),
            "quota": _quota(),
        },
        "required": ["credentials"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "description": "Settings of the whole set.",
        "properties": {
            "backend": build.text(
                "Where the state lives: a folder (by default .rtcctl/), s3://BUCKET/PREFIX or postgresql://…. No "
                "literal password.",
                minLength=1,
            ),
            "accounts": {
                "type": "object",
                "description": "Accounts by name; without any there is one, 'default', from the environment.",
                "propertyNames": {"pattern": NAME_PATTERN},
                "additionalProperties": account,
                "minProperties": 1,
            },
            "quota": _quota(),
            "safety": {
                "type": "object",
                "description": "Limits of what a plan may do without being asked twice.",
                "properties": {
                    "max_deletes": {
                        "type": "integer",
                        "description": "Deletes in one plan above which --allow-destroy is needed.",
                        "minimum": 0,
                        "default": 3,
                    }
                },
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    }


def _quota() -> Schema:
    return {
        "type": "object",
        "description": "What an account may hold, where the provider raised it.",
        "properties": {
            "apps": {
                "type": "integer",
                "description": "Apps in the account, those of others included. A plan for more is refused.",
                "minimum": 1,
                "default": 20,
            }
        },
        "additionalProperties": False,
    }
