"""What speaks against applying a plan; the Plan carries it, so that every way to apply meets the same rules."""

from __future__ import annotations

from collections.abc import Iterator

from rtcctl.model.plan import ALLOW_DESTROY, Refusal
from rtcctl.planner.context import Context, parent_of
from rtcctl.planner.draft import Draft


def refusals(context: Context) -> Iterator[Refusal]:
    """Yield every rule that a plan breaks, those that nothing lifts first."""
    going = [draft for draft in context.drafts.values() if draft.teardown or draft.predecessors]
    for draft in going:
        if _is_protected(context, draft):
            message = f"{draft.address} is protected by lifecycle.prevent_destroy; set it to false and apply that first"
            yield Refusal("prevent_destroy", message, draft.address)
    if _is_empty_by_mistake(context):
        message = "the manifest declares no App while the state owns some; to remove everything use destroy"
        yield Refusal("empty-set", message)
    for draft in going:
        reason = _needs_consent(draft)
        if reason:
            yield Refusal("destroy", f"{draft.address}: {reason}", draft.address, ALLOW_DESTROY)
    limit = context.desired.project.max_deletes
    if len(going) > limit:
        message = f"{len(going)} objects would be deleted or replaced, max_deletes is {limit}"
        yield Refusal("max_deletes", message, None, ALLOW_DESTROY)
    before = context.ledger.sources
    pruned = any(draft.change.action == "delete" for draft in going)
    now = len(context.desired.sources)
    if pruned and not context.options.destroy and now < before:
        message = f"objects would be pruned by {now} source file{'s' if now != 1 else ''}; the last apply read {before}"
        yield Refusal("fewer-sources", message, None, ALLOW_DESTROY)


def _is_protected(context: Context, draft: Draft) -> bool:
    resource = context.desired.resources.get(draft.address)
    if resource is not None and resource.prevent_destroy:
        return True
    entry = context.ledger.entries.get(draft.address)
    parent = parent_of(draft.kind, draft.address)
    above = context.desired.resources.get(parent) if parent else None
    return (entry is not None and entry.prevent_destroy) or (above is not None and above.prevent_destroy)


def _is_empty_by_mistake(context: Context) -> bool:
    owns = any(address.kind == "App" for address in context.ledger.entries)
    declares = any(address.kind == "App" for address in context.desired.resources)
    return owns and not declares and not context.options.destroy


def _needs_consent(draft: Draft) -> str:
    if draft.change.not_ours:
        return "it is not ours and would go with its app"
    if draft.stops_job:
        return "a recording would be stopped"
    if draft.kind.name == "App":
        return "the app would be deleted" if draft.change.action == "delete" else "the app would be replaced"
    if draft.kind.name == "BucketAuthorization":
        return "the bucket's authorization would be withdrawn"
    return ""
