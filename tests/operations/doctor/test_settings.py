"""Settings are judged without a call, and no value of a credential is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtcctl.errors import ExitCode
from rtcctl.model.resource import Account, Project
from rtcctl.operations.doctor import settings as judged
from rtcctl.operations.settings import Settings

URL = "https://rtc.example.com"
KEYS = {
    "HUAWEICLOUD_SDK_AK": "fake-access-key",
    "HUAWEICLOUD_SDK_SK": "fake-secret-key",
    "HUAWEICLOUD_SDK_PROJECT_ID": "fake-project",
}


def given(**environ: str) -> Settings:
    return Settings(environ=environ)


def naming(folder: Path, file: str) -> Settings:
    return Settings((file,), environ={}, folder=folder)


def test_no_manifest_is_skipped():
    check, desired = judged.manifest(given())
    assert (check.status, desired) == ("skipped", None)


def test_a_good_manifest_is_told(tmp_path):
    (tmp_path / "a.yaml").write_text("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n")
    check, desired = judged.manifest(naming(tmp_path, "a.yaml"))
    assert (check.status, check.found) == ("ok", "valid, 1 resource, project default")
    assert desired is not None


def test_warnings_of_a_manifest_are_counted(tmp_path):
    (tmp_path / "a.yaml").write_text("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a.b}\nspec: {}\n")
    check, _ = judged.manifest(naming(tmp_path, "a.yaml"))
    assert (check.status, check.found) == ("warning", "valid, 1 resource, project default, 1 warning")


def test_a_bad_manifest_names_the_first_error_and_how_to_see_all(tmp_path):
    (tmp_path / "a.yaml").write_text("apiVersion: rtcctl.dev/v1\nkind: Ap\nmetadata: {name: a}\nspec: {}\n")
    check, desired = judged.manifest(naming(tmp_path, "a.yaml"))
    assert (check.status, check.exit_code, desired) == ("failed", ExitCode.INVALID, None)
    assert check.found == "1 error in the manifest; a.yaml:2:7: kind 'Ap' is not known"
    assert check.mend == "did you mean 'App'?; `rtcctl validate -f a.yaml` shows all"


def test_a_manifest_that_is_not_there(tmp_path):
    check, _ = judged.manifest(naming(tmp_path, "none.yaml"))
    assert check.status == "failed"
    assert "none.yaml" in check.found


def test_credentials_are_named_by_kind_and_place_alone():
    check, found = judged.credentials(given(**KEYS), Project())
    assert found is not None
    assert check.found == "AK/SK from HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK, HUAWEICLOUD_SDK_PROJECT_ID"
    assert "fake" not in check.found + check.mend


def test_what_is_set_beside_and_not_used_is_named():
    check, _ = judged.credentials(given(**KEYS, RTCCTL_TOKEN="fake-token", RTCCTL_PASSWORD="fake-password"), Project())
    assert check.found == (
        "a token from RTCCTL_TOKEN; not used beside it: HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK, RTCCTL_PASSWORD"
    )


def test_credentials_of_an_account_have_its_prefix():
    project = Project(accounts=(Account("edu", "EDU"),))
    check, _ = judged.credentials(given(EDU_RTCCTL_TOKEN="fake-token", RTCCTL_TOKEN="fake-other"), project)
    assert check.found == "a token from EDU_RTCCTL_TOKEN"


@pytest.mark.parametrize("environ", [{}, {"HUAWEICLOUD_SDK_AK": "fake-access-key"}, {"RTCCTL_TOKEN": "fake token"}])
def test_no_usable_credentials_is_a_failure_of_its_kind(environ):
    check, found = judged.credentials(given(**environ), Project())
    assert (check.status, check.exit_code, found) == ("failed", ExitCode.NOT_ALLOWED, None)
    assert check.mend
    assert "fake" not in check.found + check.mend


def test_the_endpoint_is_told_with_its_source():
    assert judged.endpoint(given(), Account())[0].found == "https://rtc-api.myhuaweicloud.com (from the default)"
    assert judged.endpoint(given(RTCCTL_ENDPOINT=URL), Account())[0].found == f"{URL} (from RTCCTL_ENDPOINT)"
    both = Settings(endpoint="http://127.0.0.1:1/", environ={"RTCCTL_ENDPOINT": URL})
    assert judged.endpoint(both, Account())[0].found == "http://127.0.0.1:1 (from --endpoint)"


def test_an_endpoint_that_can_not_be_used_is_a_failure():
    check, url = judged.endpoint(given(RTCCTL_ENDPOINT="https://fake-user:fake-password@example.com"), Account())
    assert (check.status, check.exit_code, url) == ("failed", ExitCode.INVALID, "")
    assert check.found == "the endpoint holds credentials (from RTCCTL_ENDPOINT)"


def test_the_iam_endpoint_matters_with_a_password_only():
    _, keys = judged.credentials(given(**KEYS), Project())
    user = {"RTCCTL_USERNAME": "u", "RTCCTL_PASSWORD": "fake-password", "RTCCTL_DOMAIN": "d"}
    _, password = judged.credentials(given(**user), Project())
    assert judged.iam_endpoint(given(), Account(), keys)[0].status == "skipped"
    assert judged.iam_endpoint(given(), Account(), password)[0].status == "ok"
    assert judged.iam_endpoint(given(), Account(), None)[0].status == "ok"
    assert (
        judged.iam_endpoint(given(HUAWEICLOUD_SDK_IAM_ENDPOINT="http://example.com"), Account(), keys)[0].status
        == "failed"
    )


def test_without_proxies_calls_go_directly():
    assert judged.proxy({}, URL).found == "none is set: calls go directly"
    assert judged.proxy_of({}, URL) == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("http://fake-user:fake-password@proxy:3128", "http://(secret)@proxy:3128"),
        ("fake-user:fake-password@proxy:3128", "(secret)@proxy:3128"),
        ("http://fake-user:fake/pass@word@proxy", "http://(secret)@proxy"),
        ("fake-user:http://fake@proxy", "(secret)@proxy"),
    ],
)
def test_a_proxy_is_shown_without_its_password(value, shown):
    check = judged.proxy({"HTTPS_PROXY": value}, URL)
    assert check.found == f"HTTPS_PROXY={shown}; calls to the endpoint go through HTTPS_PROXY"


@pytest.mark.parametrize(
    ("environ", "url", "used"),
    [
        ({"https_proxy": "http://p"}, URL, "HTTPS_PROXY"),
        ({"ALL_PROXY": "http://p"}, URL, "ALL_PROXY"),
        ({"HTTP_PROXY": "http://p"}, URL, ""),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "example.com"}, URL, ""),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "*"}, URL, ""),
        ({"HTTPS_PROXY": "http://p"}, "https://127.0.0.1", ""),
        ({"HTTPS_PROXY": "http://p"}, "", ""),
    ],
)
def test_which_proxy_calls_go_through(environ, url, used):
    assert judged.proxy_of(environ, url) == used


def test_an_authority_that_is_not_there_is_a_failure(tmp_path):
    check = judged.proxy({"SSL_CERT_FILE": str(tmp_path / "none.pem")}, URL)
    assert (check.status, check.exit_code) == ("failed", ExitCode.INVALID)
    assert judged.proxy({"SSL_CERT_DIR": str(tmp_path)}, URL).found.startswith("SSL_CERT_DIR is set; ")
