"""Responses of the CKCT call-tracking API, in any of its four formats, as the same dataclasses."""

from ckct_formats._codes import ApiError, ErrorCode
from ckct_formats._errors import (
    FormatsError,
    LimitExceededError,
    ParseError,
    SerializeError,
    UnknownFormatError,
    UnsafeInputError,
)
from ckct_formats._format import Format
from ckct_formats._limits import Limits
from ckct_formats._model import Call, Inbound, Info, RequestedParams, Response, Source
from ckct_formats._model_v3 import CallV3, Hook
from ckct_formats._parse import detect, parse, serialize
from ckct_formats._request import CallsRequest

__all__ = [
    "ApiError",
    "Call",
    "CallV3",
    "CallsRequest",
    "ErrorCode",
    "Format",
    "FormatsError",
    "Hook",
    "Inbound",
    "Info",
    "LimitExceededError",
    "Limits",
    "ParseError",
    "RequestedParams",
    "Response",
    "SerializeError",
    "Source",
    "UnknownFormatError",
    "UnsafeInputError",
    "detect",
    "parse",
    "serialize",
]
