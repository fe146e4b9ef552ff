"""What tests share.

How much hypothesis tries: little and always the same by default, much more on request.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import corpora
import pytest
from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=60, suppress_health_check=_SLOW
)
settings.register_profile("nightly", deadline=None, max_examples=5_000, suppress_health_check=_SLOW)
settings.register_profile(
    "long", deadline=None, database=None, max_examples=200_000, suppress_health_check=_SLOW
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many files of the public corpora gave what their ledgers say, where there are any."""
    for line in corpora.table():
        terminalreporter.write_line(line)
