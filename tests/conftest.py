"""What every tier has: the tiers themselves, the rule against skipping, and Hypothesis profiles.

HYPOTHESIS_PROFILE chooses: `ci` (the default: the same examples each time, so that a red run is red for its author
too), `quick` (fewer of them, for `make check`) or `long` (new ones each time).
"""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.plugins.tiers", "tests.plugins.noskip", "tests.plugins.servers", "pytester"]

settings.register_profile("quick", max_examples=10, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "long", max_examples=5_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
