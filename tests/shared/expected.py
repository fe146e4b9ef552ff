"""Responses as the files in `fixtures/expected/` hold them."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ckct_formats import Call, CallV3, Response


def record_type_of(path: Path) -> type[Any]:
    return CallV3 if path.stem == "calls_v3" else Call


def _plain(value: Any) -> Any:
    """A value as the expected files hold it."""
    return value.isoformat() if isinstance(value, datetime) else list(value)


def as_expected(response: Response[Any]) -> Any:
    content = asdict(replace(response, errors=(), source=None))
    del content["errors"], content["source"]
    return json.loads(json.dumps(content, default=_plain))
