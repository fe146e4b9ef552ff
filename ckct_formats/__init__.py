"""Responses of the CKCT call-tracking API, in any of its four formats, as the same dataclasses."""

from ckct_formats.dispatch import detect, parse, serialize
from ckct_formats.errors import (
    ApiError,
    ErrorCode,
    FormatsError,
    LimitExceededError,
    ParseError,
    SerializeError,
    UnknownFormatError,
    UnsafeInputError,
)
from ckct_formats.formats import Format
from ckct_formats.limits import Limits
from ckct_formats.model import Call, Inbound, Info, RequestedParams, Response, Source
from ckct_formats.model_v3 import CallV3, Hook
from ckct_formats.request import CallsRequest

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
