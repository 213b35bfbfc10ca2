"""The plan that stops jobs and changes nothing else: they stay owned, known to have been stopped by a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from rtcctl.errors import Diagnostic
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Change, Plan
from rtcctl.model.remote import Live
from rtcctl.model.resource import Desired
from rtcctl.planner import jobs
from rtcctl.planner.blast import blast
from rtcctl.planner.budget import budget
from rtcctl.planner.consequences import NO_LONGER_DECLARED, consequences
from rtcctl.planner.context import Context
from rtcctl.planner.draft import Draft
from rtcctl.planner.index import Index
from rtcctl.planner.notes import warnings
from rtcctl.planner.options import Options
from rtcctl.planner.order import ordered
from rtcctl.planner.prune import with_predecessors
from rtcctl.planner.safety import refusals

STAYS_STOPPED = "it stays declared, and stopped until --replace starts it anew"


def stop(desired: Desired, ledger: Ledger, live: Live, addresses: Sequence[Address]) -> Plan:
    """Plan to stop owned jobs, with predecessors that still run; under the safety rules of every plan.

    Of `desired` only what protects the jobs and what is to be said about them is looked at; `live` holds the jobs that
    are not known to be over. A job that is over is recorded as such, without a call.
    """
    pending = tuple(each for each in ledger.pending if each.address in addresses)
    # As in destroy: nothing is pruned here, whatever the manifest declares.
    options = Options(destroy=True)
    context = Context(desired, replace(ledger, pending=pending), Index(live), options, {}, {})
    for address in addresses:
        draft = with_predecessors(context, _draft(context, address))
        context.add(replace(draft, change=replace(draft.change, consequences=tuple(consequences(draft)))))
    changes = ordered(context.drafts)
    return Plan(
        changes=changes,
        refusals=tuple(refusals(context)),
        warnings=(*warnings(context, live), *_restarting(context)),
        sources=ledger.sources,
        budget=budget(changes, ledger.throttle),
        blast=blast(context.drafts.values()),
    )


def _draft(context: Context, address: Address) -> Draft:
    kind, entry = KINDS[address.kind], context.ledger.entries[address]
    live = context.index.by_ids(kind, entry.ids)
    over = jobs.ended(entry, live)
    if over:
        records = entry.stopped != over
        change = Change(
            address, "no-op", f"the job ended ({over})", entry=replace(entry, stopped=over), records=records
        )
        return Draft(kind, change)
    reason = STAYS_STOPPED if address in context.desired.resources else NO_LONGER_DECLARED
    change = Change(address, "delete", reason, entry=replace(entry, stopped=jobs.TENANT_STOP), records=True)
    # The entry is updated and not deleted, so that the next plan knows who ended the job.
    return Draft(
        kind, change, teardown=kind.delete(entry.ids, live), teardown_effect="updated", stops_job=True, live=live
    )


def _restarting(context: Context) -> Iterator[Diagnostic]:
    """Warn of jobs that ended by themselves and that the next apply starts again."""
    for address, draft in context.drafts.items():
        resource, entry = context.desired.resources.get(address), draft.change.entry
        if resource is not None and entry is not None and jobs.restarts(resource.restart, entry.stopped):
            yield Diagnostic(
                f"{address} ended by itself ({entry.stopped}) and restart is {resource.restart}: the next apply starts "
                "it again",
                resource.place(("restart",)),
                mend="declare 'restart: Never' if it shall not run any more",
                severity="warning",
            )
