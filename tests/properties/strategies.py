"""Random valid manifests, alone and as a first one with what somebody made of it later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.properties import members
from tests.properties.mending import JOBS, Spec, ignorable, judging_recording, mended

APPS = ("a", "b", "c")
APP_NAMES = ("one", "two")
PROJECT = "properties"


class _Quoting(yaml.SafeDumper):
    """Quotes every text, for YAML 1.1 and 1.2 read plain ones differently; writes no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


@dataclass(frozen=True)
class Manifest:
    """The specs of a manifest's documents by name."""

    apps: dict[str, Spec] = field(default_factory=dict)
    buckets: dict[str, Spec] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The manifest as YAML; the Project document makes it valid even when it declares nothing."""
        documents = [_document("Project", PROJECT, {})]
        documents += [_document("BucketAuthorization", name, spec) for name, spec in self.buckets.items()]
        documents += [_document("App", name, spec) for name, spec in self.apps.items()]
        return yaml.dump_all(documents, Dumper=_Quoting, sort_keys=False, allow_unicode=True)

    def app_name(self, app: str) -> str:
        """The name under which the service knows a declared app."""
        return str(self.apps[app].get("app_name", app))


def _document(kind: str, name: str, spec: Spec) -> dict[str, Any]:
    return {"apiVersion": "rtcctl.dev/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def _named(
    names: tuple[str, ...], bodies: st.SearchStrategy[Spec], least: int, most: int
) -> st.SearchStrategy[list[Spec]]:
    one = st.tuples(st.sampled_from(names), bodies).map(lambda pair: {"name": pair[0], **pair[1]})
    return st.lists(one, min_size=least, max_size=most, unique_by=lambda found: found["name"])


_members: dict[str, st.SearchStrategy[Any]] = {
    "app_name": st.sampled_from(APP_NAMES),
    "state": st.sampled_from(("ACTIVATION", "ACTIVATION", "DEACTIVATION")),
    # The service has one location for recordings, so an app has one rule at most.
    "record_rules": _named(("main", "spare"), members.rule_bodies(), 0, 1),
    "record_callback": members.callbacks,
    "auto_record_mode": members.auto_record_modes,
    "mix_stream_jobs": _named(("mix-1", "mix-2"), members.mix_jobs, 1, 2),
    "individual_stream_jobs": _named(("single-1", "single-2"), members.single_jobs, 1, 2),
}


_optional = {name: strategy for name, strategy in _members.items() if name != "record_rules"}
_rules = {"record_rules": _named(("main", "spare"), members.rule_bodies(), 1, 1)}
_with_a_rule = st.fixed_dictionaries(_rules, optional=_optional)
_without_rules = st.fixed_dictionaries({}, optional=_optional)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Return the spec of an app; a rule is there more often than not, for most members need one."""
    spec = mended(draw(_with_a_rule if draw(st.integers(0, 3)) else _without_rules))
    if draw(st.integers(0, 3)) == 3:
        paths = st.lists(st.sampled_from(ignorable(spec)), min_size=1, max_size=3, unique=True)
        spec["lifecycle"] = {"ignore_changes": draw(paths)}
    return spec


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    """Return a valid manifest of up to three apps."""
    names = draw(st.lists(st.sampled_from(APPS), min_size=min(1, draw(st.integers(0, 9))), max_size=3, unique=True))
    apps = {name: draw(specs()) for name in names}
    return Manifest(_with_own_names(apps), draw(_buckets()))


def _with_own_names(apps: dict[str, Spec]) -> dict[str, Spec]:
    """Drop an app_name that another app has already."""
    taken: set[str] = set()
    found = {}
    for name, spec in apps.items():
        app_name = str(spec.get("app_name"))
        found[name] = {k: v for k, v in spec.items() if k != "app_name" or v not in taken}
        taken.add(app_name)
    return found


@st.composite
def _buckets(draw: st.DrawFn) -> dict[str, Spec]:
    found: dict[str, Spec] = {}
    for name in draw(st.lists(st.sampled_from(("recordings", "archive")), max_size=2, unique=True)):
        spec = draw(members.authorizations)
        if all((spec["bucket"], spec["location"]) != (one["bucket"], one["location"]) for one in found.values()):
            found[name] = spec
    return found


@st.composite
def successions(draw: st.DrawFn) -> tuple[Manifest, Manifest]:
    """Return a manifest and a later one of the same project: apps kept, edited, renamed, added, dropped."""
    first = draw(manifests())
    kept: list[str] = []
    if first.apps:
        kept = draw(st.lists(st.sampled_from(sorted(first.apps)), min_size=1, unique=True))
    apps = {name: first.apps[name] for name in kept}
    for name in kept:
        if draw(st.integers(0, 3)):
            apps[name] = draw(_edited(apps[name]))
    for name in draw(st.lists(st.sampled_from(APPS), max_size=2, unique=True)):
        if name not in apps:
            apps[name] = draw(specs())
    apps = _renamed(draw, first, {name: judging_recording(spec) for name, spec in apps.items()})
    buckets = draw(st.just(first.buckets) | _buckets())
    return first, Manifest(_with_own_names(apps), buckets)


@st.composite
def _edited(draw: st.DrawFn, spec: Spec) -> Spec:
    """Take some members from another spec, rename what is named, or change a job a little."""
    other = draw(specs())
    touched = draw(st.lists(st.sampled_from([*_members, "lifecycle"]), min_size=1, max_size=3, unique=True))
    found = {**{k: v for k, v in spec.items() if k not in touched}, **{k: other[k] for k in touched if k in other}}
    for key, names in (("record_rules", ("main", "spare")), (JOBS[0], ("mix-1", "mix-2", "mix-3"))):
        if key in found and draw(st.integers(0, 3)) == 3:
            found[key] = _children_renamed(draw, found[key], names)
    for key in JOBS:
        if key in found and draw(st.booleans()):
            found[key] = [draw(_job_edited(key, job)) for job in found[key]]
    return mended(found)


def _children_renamed(draw: st.DrawFn, children: list[Spec], names: tuple[str, ...]) -> list[Spec]:
    """Rename one of an app's rules or jobs, saying so or not."""
    if not children:
        return []
    taken = [child["name"] for child in children]
    free = [name for name in names if name not in taken]
    first, *rest = children
    if not free:
        return children
    moved = {"moved_from": first["name"]} if draw(st.booleans()) else {}
    return [{**first, "name": draw(st.sampled_from(free)), **moved}, *rest]


@st.composite
def _job_edited(draw: st.DrawFn, key: str, job: Spec) -> Spec:
    """Change what may change in a running job."""
    if key != JOBS[0] or "layout_template" not in job["mix_param"]:
        return job
    param = {k: v for k, v in job["mix_param"].items() if k not in ("max_idle_time", "background_image")}
    param |= draw(st.fixed_dictionaries({}, optional={"max_idle_time": members.idle_times}))
    if "layout_panes" in param:
        param["layout_panes"] = draw(members.PANES[param["layout_template"]])
    return {**job, "mix_param": param}


def _renamed(draw: st.DrawFn, first: Manifest, apps: dict[str, Spec]) -> dict[str, Spec]:
    """Give a dropped app's place to a new one, with moved_from."""
    dropped, added = sorted(set(first.apps) - set(apps)), sorted(set(apps) - set(first.apps))
    moves = draw(st.booleans())
    if dropped and added and moves:
        apps = {**apps, added[0]: {**apps[added[0]], "moved_from": dropped[0]}}
    return apps
