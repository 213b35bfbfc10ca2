"""Refusals of the service, of the API gateway in front of it, and of IAM, as values."""

from __future__ import annotations

from msgspec import Struct


class ApiError(Struct, frozen=True):
    """One row of the published error table: HTTP status, error_code and the name that begins error_msg."""

    status: int
    code: str
    name: str

    @property
    def from_gateway(self) -> bool:
        """Whether the API gateway says it, before the service sees the request."""
        return self.code.startswith("APIGW.")


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a failure of the simulator
    """Ends a call with an error; `text` goes behind the name and never holds a value that was sent."""

    def __init__(self, error: ApiError, text: str = "") -> None:
        super().__init__(error.code, text)
        self.error = error
        self.text = text

    @property
    def message(self) -> str:
        """`Name` or `Name: text`, the two published forms."""
        return f"{self.error.name}: {self.text}" if self.text else self.error.name


MALFORMED_BODY = ApiError(400, "RTC.00001002", "MalformedRequestBody")
INVALID_VALUE = ApiError(400, "RTC.00001003", "InvalidParameterValue")
INVALID_COMBINATION = ApiError(400, "RTC.00001004", "InvalidParameterCombination")
MISSING_PARAMETER = ApiError(400, "RTC.00001005", "MissingParameter")
JOB_RUNNING = ApiError(400, "RTC.00001006", "JobRunning")
JOB_DONE = ApiError(400, "RTC.00001009", "JobDone")
LAYOUT_NOT_EXIST = ApiError(400, "RTC.00001010", "LayoutTemplateNotExist")
UNSUPPORTED_REGION = ApiError(400, "RTC.00001012", "UnsupportRegion")  # spelt so by the service
RULE_FORBIDDEN_DELETE = ApiError(400, "RTC.00001013", "RuleForbidenDelete")  # spelt so by the service
APP_DEACTIVATION = ApiError(400, "RTC.00001016", "AppDeactivation")
APPS_EXCEED = ApiError(400, "RTC.00001017", "AppsExceed")
RECORD_RULE_EXIST = ApiError(400, "RTC.00001019", "RecordRuleExist")
APP_EXIST = ApiError(400, "RTC.00001020", "AppExist")
JOB_NOT_INITIALIZED = ApiError(400, "RTC.00001022", "JobNotInitialized")

# No "not found" code exists: every published 404 carries the code of an invalid value.
NOT_FOUND = ApiError(404, "RTC.00001003", "InvalidParameterValue")

INTERNAL = ApiError(500, "RTC.00002001", "InternalError")

NO_SUCH_API = ApiError(404, "APIGW.0101", "The API does not exist or has not been published in the environment")
BODY_TOO_LARGE = ApiError(413, "APIGW.0201", "Request entity too large")
UNAUTHENTICATED = ApiError(401, "APIGW.0301", "Incorrect IAM authentication information")
THROTTLED = ApiError(429, "APIGW.0308", "The throttling threshold has been reached")
