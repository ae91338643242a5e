"""Hypothesis profiles: a small one that gives the same result in every run, and a deep one for long nights.

`HYPOTHESIS_PROFILE=deep pytest tests/machine` draws other examples in each run, and far more of them.
"""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
"""An example of a state machine is a whole index; that they take a while is no sign of a bad strategy."""

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True, suppress_health_check=_SLOW)
settings.register_profile(
    "deep", deadline=None, max_examples=2000, print_blob=True, suppress_health_check=_SLOW
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# Where the tests are started in the background the keyboard is ignored, and every process inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
