"""Every route of the control API, in one place: each module lists its own, `app` serves them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.simulator import control_behaviour, control_world, page

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = [
    *control_behaviour.ROUTES,
    *control_world.ROUTES,
    *page.ROUTES,
]
