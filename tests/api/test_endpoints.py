"""Which URLs are taken as endpoints, and how they are written."""

from __future__ import annotations

import pytest

from rtcctl.api.endpoints import DEFAULT_ENDPOINT, DEFAULT_IAM_ENDPOINT, is_loopback, normalize
from rtcctl.errors import UsageError


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        (DEFAULT_ENDPOINT, DEFAULT_ENDPOINT),
        (DEFAULT_IAM_ENDPOINT, DEFAULT_IAM_ENDPOINT),
        ("HTTPS://RTC-API.MyHuaweiCloud.com/", DEFAULT_ENDPOINT),
        ("https://rtc.example.com:443", "https://rtc.example.com"),
        ("https://rtc.example.com:8443/", "https://rtc.example.com:8443"),
        ("http://127.0.0.1:8787/", "http://127.0.0.1:8787"),
        ("http://127.9.9.9:80", "http://127.9.9.9"),
        ("http://LOCALHOST:8787", "http://localhost:8787"),
        ("http://[::1]:8787", "http://[::1]:8787"),
        ("https://[2001:DB8::0:1]", "https://[2001:db8::1]"),
    ],
)
def test_good_endpoints_have_one_spelling(url: str, normal: str) -> None:
    assert normalize(url) == normal
    assert normalize(normal) == normal


@pytest.mark.parametrize(
    "url",
    [
        "http://rtc.example.com",
        "http://10.0.0.1:8787",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0",
        "http://localhost.example.com",
        "http://2130706433",
    ],
)
def test_plain_http_to_another_machine_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="plain http"):
        normalize(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rtc.example.com",
        "ftp://rtc.example.com",
        "https://",
        "https://:443",
        "https://rtc.example.com:0",
        "https://rtc.example.com:99999",
        "https://rtc.example.com:port",
        "https://[::1",
        "https://[fe80::1%25eth0]",
        "https://rtc..example.com",
        "https://" + "a" * 64 + ".com",
        "https://rtc_api!.example.com",
        "https://rtc.example.com ",
        "https://rtc.exa\nmple.com",
        "https://rtć.example.com",
    ],
)
def test_what_is_no_url_of_a_host_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="IAM endpoint") as caught:
        normalize(url, "IAM endpoint")
    assert caught.value.mend


@pytest.mark.parametrize("url", ["https://h.example.com/v2", "https://h.example.com?a=b", "https://h.example.com#x"])
def test_a_path_or_query_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="path or a query") as caught:
        normalize(url)
    assert "https://h.example.com" in caught.value.mend


@pytest.mark.parametrize("url", ["https://fake-user:fake-pass@h.example.com", "https://@h.example.com"])
def test_credentials_in_the_url_are_refused_and_not_shown(url: str) -> None:
    with pytest.raises(UsageError, match="credentials") as caught:
        normalize(url)
    assert "fake" not in caught.value.message + caught.value.mend


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]", True),
        ("https://localhost", True),
        ("https://rtc.example.com", False),
        ("", False),
    ],
)
def test_loopback_is_recognized(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback
