"""Failed requests: what the server says, and a stable code for it."""

from __future__ import annotations

from enum import StrEnum

from ckct_formats._errors import FormatsError, mask, printable


class ErrorCode(StrEnum):
    """A stable name for each failure on the provider's page of errors, and UNKNOWN."""

    NO_ROWS_FOUND = "no_rows_found"
    TYPE_NOT_AVAILABLE = "type_not_available"
    WRONG_VERSION = "wrong_version"
    USER_NOT_RECOGNIZED = "user_not_recognized"
    UNKNOWN_ENTITY = "unknown_entity"
    UNKNOWN_METHOD = "unknown_method"
    INCORRECT_PAGE = "incorrect_page"
    WRONG_START_DATE = "wrong_start_date"
    UNKNOWN = "unknown"


_CODE_OF_MESSAGE = {
    "No rows found": ErrorCode.NO_ROWS_FOUND,
    "Type to return is not available": ErrorCode.TYPE_NOT_AVAILABLE,
    "It is wrong API version": ErrorCode.WRONG_VERSION,
    "User is not recognized": ErrorCode.USER_NOT_RECOGNIZED,
    "Entity does not exist": ErrorCode.UNKNOWN_ENTITY,
    "Method does not exist": ErrorCode.UNKNOWN_METHOD,
    "Incorrect page is set": ErrorCode.INCORRECT_PAGE,
    "Start date has wrong type. Possible format is 'Y-m-d' or timestamp": (
        ErrorCode.WRONG_START_DATE
    ),
}


def code_of(message: str | None) -> ErrorCode | None:
    """The code of a failure, from the server's words."""
    return None if message is None else _CODE_OF_MESSAGE.get(message, ErrorCode.UNKNOWN)


class ApiError(FormatsError):
    """The server answered that the request failed (`inbound.error`).

    Attributes:
        message: The server's text, masked.
        code: A stable name for it; UNKNOWN for a text that the provider does not document.
    """

    def __init__(self, message: str) -> None:
        self.message = mask(message)
        self.code = _CODE_OF_MESSAGE.get(message, ErrorCode.UNKNOWN)
        super().__init__(printable(self.message))
