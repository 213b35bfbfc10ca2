"""Rehearsing a plan: what it looks at is read, copied into a simulator in memory, and the very plan is applied there.

The real account is only read; neither its state nor its lock is touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.errors import RtcctlError
from rtcctl.live.interest import interest, of_facts
from rtcctl.live.reader import read
from rtcctl.model.plan import Step
from rtcctl.model.rehearsal import Afterwards, Rehearsal
from rtcctl.model.remote import Live
from rtcctl.model.resource import Desired
from rtcctl.operations import saving
from rtcctl.operations.rehearsing_copy import corrected, together
from rtcctl.operations.rehearsing_live import ReadsOnly, looking
from rtcctl.operations.rehearsing_stage import Conditions, staged
from rtcctl.operations.settings import Settings
from rtcctl.operations.workflow import Planned, Session, open_session
from rtcctl.planfile.saved import SavedPlan
from rtcctl.planner.options import Options

if TYPE_CHECKING:
    from rtcctl.simulator import Options as SimulatorOptions

_Looking: TypeAlias = Callable[[Session], Coroutine[Any, Any, Afterwards]]


async def rehearse(settings: Settings, desired: Desired, options: Options, conditions: Conditions) -> Rehearsal:
    """Rehearse what a manifest asks for.

    Raises:
        RtcctlError: as planning does, or as apply does before its first call.
    """
    simulated = conditions.options()
    with looking(settings, lambda where: open_session(where, desired)) as (session, client):
        try:
            planned = await session.plan(options)
            wanted = of_facts(fact for fact in planned.plan.facts if fact.assumed)
            # What was taken for granted is read before the first call of an apply, and so it is here.
            live = corrected(planned.live, await read(client, wanted), wanted)
            session.knowing(planned.stored, live)
            buckets = "BucketAuthorization" in interest(desired, planned.stored, options.refresh).kinds | wanted.kinds
            piece = _Piece(planned, live, simulated, desired.project.app_quota, buckets)
            return await _play(session, client, piece, _planning(desired, replace(options, replace=frozenset())))
        finally:
            await session.close()


async def rehearse_saved(
    settings: Settings, saved: SavedPlan, desired: Desired | None, conditions: Conditions
) -> Rehearsal:
    """Rehearse a saved plan; with its manifest a second plan is made from that, otherwise drift is looked for.

    Raises:
        StalePlanError: the manifest, the state or the account moved since it was saved.
        RtcctlError: as `saving.open_only` and `saving.prepare`, or as apply does before its first call.
    """
    simulated = conditions.options()
    if desired is not None:
        saving.check_manifest(saved, desired)
    with looking(settings, lambda where: saving.open_only(where, saved)) as (session, client):
        try:
            planned = await saving.prepare(session, saved.parts[0])
            wanted = interest(desired or Desired(), planned.stored)
            live = together(planned.live, await read(client, wanted))
            kinds = wanted.kinds | of_facts(planned.plan.facts).kinds
            if desired is None:  # the quota, which only the manifest tells, was judged when the plan was made
                quota = len(live.objects) + sum(1 for _ in planned.plan.steps())
                look: _Looking = _looking_for_drift
            else:
                quota = desired.project.app_quota
                look = _planning(desired, Options(targets=frozenset(saved.parts[0].plan.targets)))
            piece = _Piece(planned, live, simulated, quota, "BucketAuthorization" in kinds)
            return await _play(session, client, piece, look)
        finally:
            await session.close()


class _Piece(Struct, frozen=True):
    """What is played: a plan on a copy of what was read, under conditions."""

    planned: Planned
    live: Live
    options: SimulatorOptions
    quota: int
    knows_buckets: bool


class _Unwatched:
    """Nobody watches: it is over in a moment."""

    def started(self, step: Step) -> None:
        """Take no notice."""

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Take no notice."""


async def _play(real: Session, client: ReadsOnly, piece: _Piece, look: _Looking) -> Rehearsal:
    planned = piece.planned
    copied = Counter(found.kind for found in piece.live.objects)
    told = Rehearsal(planned.plan, real.connection.target, client.reads, copied)
    if planned.plan.refused(allow_destroy=True):
        return told
    stage = staged(
        real, planned.stored, piece.live, piece.options, quota=piece.quota, knows_buckets=piece.knows_buckets
    )
    try:
        result = await stage.session.apply(planned, _Unwatched(), allow_destroy=True)
        made = stage.made()
        stage.calm()
        afterwards = await _looked(stage.session, look)
    finally:
        await stage.session.close()
    return replace(told, result=result, made=made, afterwards=afterwards)


async def _looked(session: Session, look: _Looking) -> Afterwards:
    try:
        return await look(session)
    except RtcctlError as error:  # how the plan went is worth telling all the same
        return Afterwards(error=error)


def _planning(desired: Desired, options: Options) -> _Looking:
    async def look(session: Session) -> Afterwards:
        planned = await replace(session, desired=desired).plan(options)
        return Afterwards(plan=planned.plan)

    return look


async def _looking_for_drift(session: Session) -> Afterwards:
    return Afterwards(drift=await session.drift())
