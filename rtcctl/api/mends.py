"""What to do about a refusal, in words: by the service's and the gateway's codes, else by the HTTP status.

Source: the error table of NOTES section 3, and sections 8 to 10.
"""

from __future__ import annotations

NO_ACCOUNT = "RTC.00001001"
NO_PERMISSION = "RTC.00001021"

WRONG_PLACE = "is the endpoint right, and is there a proxy in between?"
_LATER = "a fault of the service: try again later; a support ticket needs the request id"

_BY_CODE = {
    NO_ACCOUNT: "the token or the keys belong to no account (domain): use credentials of an account with SparkRTC",
    "RTC.00001002": "the service could not read the request body: please report this as a fault of rtcctl",
    "RTC.00001003": "a value is not allowed: compare the spec with the API Reference",
    "RTC.00001004": "two values exclude each other: compare the spec with the API Reference",
    "RTC.00001005": "a required member is missing: compare the spec with the API Reference",
    "RTC.00001006": "such a job exists and is not over: stop it, or wait until it has ended",
    "RTC.00001007": "the account's quota of jobs is used up: stop a job, or ask Huawei Cloud for a higher quota",
    "RTC.00001009": "the job is over and can't be changed: plan again; a new recording needs a new job",
    "RTC.00001010": "this app has no such layout_template: use a predefined one, or custom with layout_panes",
    "RTC.00001012": "there is no recording service in that region: use cn-north-4 as obs_addr.location",
    "RTC.00001013": "the rule is tied to a backup rule: only a support ticket to Huawei Cloud gets it deleted",
    "RTC.00001016": "the app is disabled or in arrears: enable it (state: ACTIVATION), or settle the account's bill",
    "RTC.00001017": "the quota of apps is used up (20 by default): delete one, or ask Huawei Cloud for a higher quota",
    "RTC.00001018": "the service could not reach the callback URL: start the receiver first and make it public",
    "RTC.00001019": "the app still has recording rules: delete them first, then the app",
    "RTC.00001020": "the account has an app of this name already: plan again to adopt it, or choose another name",
    NO_PERMISSION: "the IAM policy does not allow this action: ask the account's administrator for it "
    "(actions are named like rtc:app:create)",
    "RTC.00001022": "the job is not initialized yet: try again in a moment",
    "RTC.00002003": "the media component refused its input: check the job's streams and layout, then try again",
}

_GATEWAY = ("APIGW", "APIG")
"""The gateway before the service; some services spell its prefix the second way."""

_BY_GATEWAY_NUMBER = {
    "0101": "the gateway knows no such API: check the endpoint",
    "0103": "the gateway has no backend for this call: check the endpoint, then try again later",
    "0301": "the token or the signature was not accepted: check the credentials",
    "0308": "too many calls: wait a minute and try again",
}

_BY_STATUS = {
    403: "ask the account's administrator for an IAM policy that allows this (actions are named like rtc:app:create)",
    404: "it may have been removed meanwhile: plan again",
    413: "the request body is too large",
    429: "too many calls: the service allows 60 a minute for apps, rules and settings, and 10 a second for jobs",
}


def mend_for(status: int, code: str) -> str:
    """Return what to do about an error answer; empty where nothing better than its own message is known."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    prefix, _, number = code.rpartition(".")
    if prefix in _GATEWAY and number in _BY_GATEWAY_NUMBER:
        return _BY_GATEWAY_NUMBER[number]
    return _LATER if status >= 500 else _BY_STATUS.get(status, "")
