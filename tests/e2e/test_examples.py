"""Every example can be applied as it stands, and a second plan finds nothing to do."""

from __future__ import annotations

import pytest

from tests.e2e.kustomize import build
from tests.e2e.support import EXAMPLES, Cli, Since, Stranger, calls, check_document, told

MANIFESTS = sorted(EXAMPLES.glob("*.yaml"))
DEMO = "demo.yaml"  # Example 2 once more, with a receiver of its own
OVERLAYS = sorted((EXAMPLES / "two-environments" / "overlays").iterdir())


def apply_and_remove(cli: Cli, manifest) -> None:
    ran = cli.plan(manifest, "--detailed-exitcode", code=2)
    check_document(ran.document, "plan")
    assert set(ran.pending().values()) == {"create"}
    assert ran.document["refusals"] == ran.document["warnings"] == []
    applied = cli.apply(manifest)
    assert f"Applied: {len(ran.pending())} added, 0 changed, 0 destroyed." in applied.out
    cli.converged(manifest)
    since = Since()
    cli.apply(manifest)
    assert since.requests == []


def test_there_are_the_examples_that_the_readme_speaks_of():
    names = {"mixed-recording", "single-stream-recording", "custom-layout", "webinar"}
    assert {each.stem for each in MANIFESTS} >= names
    assert [each.name for each in OVERLAYS] == ["prod", "test"]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda each: each.stem)
def test_an_example_is_applied_and_converges(cli: Cli, manifest):
    apply_and_remove(cli, manifest)
    cli.sim("destroy", manifest, "--auto-approve", "--allow-destroy")
    assert Stranger().apps() == {}


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda each: each.name)
def test_an_overlay_is_applied_and_converges(cli: Cli, overlay):
    apply_and_remove(cli, cli.write(build(overlay)))
    assert list(Stranger().apps()) == [f"classroom-{overlay.name}"]


def test_all_examples_together_are_one_set(cli: Cli):
    for each in (each for each in MANIFESTS if each.name != DEMO):
        text = each.read_text()
        # The bucket is one object to the service: it may be declared once.
        cli.write(text if each.stem == "webinar" else text.rpartition("---")[2], f"set/{each.name}")
    cli.apply("set")
    cli.converged("set")


def test_single_stream_recording_does_what_example_1_does(cli: Cli):
    cli.apply(EXAMPLES / "single-stream-recording.yaml")
    requests = calls()
    assert told(requests) == [
        "PUT /v2/rtc-ops/buckets/authentication",
        "POST /v2/apps",
        "POST /v2/apps/{app}/record-rules",
        "PUT /v2/apps/{app}/auto-record-mode",
        "POST /v2/apps/{app}/individual-stream-jobs",
    ]
    rule_id = requests[3]["body"]["record_rule_id"]
    assert requests[3]["body"] == {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule_id}
    assert requests[4]["body"]["record_param"] == {"record_rule_id": rule_id}
    assert len(rule_id) == 32


def test_the_example_of_two_accounts_converges_in_both(cli: Cli):
    folder = EXAMPLES / "two-accounts" / "rtc"
    apply_and_remove(cli, folder)
    addresses = [each["address"] for each in cli.plan(folder).document["changes"]]
    assert {each.partition(":")[0] for each in addresses} == {"edu", "events"}
