"""rtcctl: declarative provisioning and reconcile for Huawei Cloud SparkRTC.

Data flows one way: manifest → desired → plan ← live; plan → apply → service.
See ARCHITECTURE.md for the hops and the layers.

The names below are the Python API (`rtcctl.operations.api` tells how to use it), and are loaded when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtcctl.errors import (
        ApiError,
        CredentialsError,
        Diagnostic,
        ExitCode,
        ForeignStateError,
        ManifestError,
        RefusedError,
        RtcctlError,
        StalePlanError,
        StateLockedError,
        UsageError,
    )
    from rtcctl.model.address import Address
    from rtcctl.model.drift import Drift, Drifted
    from rtcctl.model.happening import Watcher
    from rtcctl.model.plan import Change, MemberChange, Plan, Refusal, Step
    from rtcctl.model.resource import Desired, Resource
    from rtcctl.model.result import ApplyResult, ChangeResult
    from rtcctl.operations.api import apply, drift, load, open_session, plan, read_plan, write_plan
    from rtcctl.operations.pace import Pace
    from rtcctl.operations.settings import Settings
    from rtcctl.planfile.saved import SavedPlan
    from rtcctl.planner.options import Options

__version__ = "0.1.0"
__all__ = [
    "Address",
    "ApiError",
    "ApplyResult",
    "Change",
    "ChangeResult",
    "CredentialsError",
    "Desired",
    "Diagnostic",
    "Drift",
    "Drifted",
    "ExitCode",
    "ForeignStateError",
    "ManifestError",
    "MemberChange",
    "Options",
    "Pace",
    "Plan",
    "Refusal",
    "RefusedError",
    "Resource",
    "RtcctlError",
    "SavedPlan",
    "Settings",
    "StalePlanError",
    "StateLockedError",
    "Step",
    "UsageError",
    "Watcher",
    "apply",
    "drift",
    "load",
    "open_session",
    "plan",
    "read_plan",
    "write_plan",
]

_PLACES = {
    "errors": "ApiError CredentialsError Diagnostic ExitCode ForeignStateError ManifestError RefusedError RtcctlError "
    "StalePlanError StateLockedError UsageError",
    "model.address": "Address",
    "model.drift": "Drift Drifted",
    "model.happening": "Watcher",
    "model.plan": "Change MemberChange Plan Refusal Step",
    "model.resource": "Desired Resource",
    "model.result": "ApplyResult ChangeResult",
    "operations.api": "apply drift load open_session plan read_plan write_plan",
    "operations.pace": "Pace",
    "operations.settings": "Settings",
    "planfile.saved": "SavedPlan",
    "planner.options": "Options",
}
"""Names by module, each as it is imported above for type checkers; a test compares the two."""


def __getattr__(name: str) -> Any:
    from importlib import import_module

    for module, names in _PLACES.items():
        if name in names.split():
            return getattr(import_module(f"rtcctl.{module}"), name)
    raise AttributeError(f"module 'rtcctl' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
