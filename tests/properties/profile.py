"""How the properties run: `RTCCTL_EXAMPLES=500` tries more, a failure prints the seed that repeats it."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

EXAMPLES = int(os.environ.get("RTCCTL_EXAMPLES", "60"))

# An example is a whole account with two manifests: drawing one is slow and takes many bytes, and that is meant.
_MEANT = (HealthCheck.too_slow, HealthCheck.data_too_large)

# To explain which parts of a failing example do not matter takes minutes; the smallest example says enough.
_PHASES = tuple(phase for phase in Phase if phase != Phase.explain)

settings.register_profile(
    "properties",
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=False,
    print_blob=True,
    phases=_PHASES,
    suppress_health_check=_MEANT,
)

# A decorator, and not a profile that is loaded, so that other folders keep their own settings.
properties = settings.get_profile("properties")
