"""Text for a terminal or a log: 80 columns up, nothing told by colour alone."""

from __future__ import annotations

from rtcctl.model.finished import Applied, Compared, Failed, Finished, Planned, Validated
from rtcctl.reports.as_text import diagnostic_text, error_text, plan_text, result_text
from rtcctl.reports.style import Style
from rtcctl.reports.sums import valid
from rtcctl.reports.wording import inert


def render(finished: Finished, style: Style) -> str:
    """Write how a command ended as text."""
    return inert("\n".join(_parts(finished, style)))


def _parts(finished: Finished, style: Style) -> list[str]:
    width, paint = style.width, style.paint
    if isinstance(finished, Validated):
        return [*(diagnostic_text(each, paint=paint) for each in finished.warnings), valid(len(finished.resources))]
    if isinstance(finished, Planned):
        return [plan_text(finished.plan, width=width, paint=paint)]
    if isinstance(finished, Compared):
        from rtcctl.reports.drift import drift_text

        return [drift_text(finished.drift, width=width, paint=paint)]
    if isinstance(finished, Applied):
        planned = plan_text(finished.plan, width=width, paint=paint)
        return [planned, "", result_text(finished.result, width=width, paint=paint)]
    return _failed(finished, style)


def _failed(finished: Failed, style: Style) -> list[str]:
    found = [plan_text(finished.plan, width=style.width, paint=style.paint), ""] if finished.plan is not None else []
    diagnostics = getattr(finished.error, "diagnostics", ())
    found += [diagnostic_text(each, paint=style.paint) for each in diagnostics]
    # A line each, however long: whoever searches a log for a message finds it whole.
    return [*found, error_text(finished.error, paint=style.paint)]
