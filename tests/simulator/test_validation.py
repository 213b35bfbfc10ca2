"""The OpenAPI file as the source of validation, defaults and routes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rtcctl.simulator import routes, tokens, validation
from rtcctl.simulator.mix_jobs import LAYOUT_TEMPLATES


def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in validation.openapi()["paths"].items()
        for method, operation in item.items()
        if method in ("get", "put", "post", "delete") and not operation.get("deprecated")
    }


def test_routes_are_those_of_the_openapi_file() -> None:
    served = {operation.name: (operation.method, operation.path) for operation in routes.OPERATIONS}
    documented = {name: (method, path) for name, (method, path, _) in operations().items()}
    assert served == {name: place for name, place in documented.items() if name != tokens.OPERATION}


def test_layout_templates_are_those_of_the_openapi_file() -> None:
    assert list(LAYOUT_TEMPLATES) == validation.openapi()["components"]["schemas"]["LayoutTemplate"]["enum"]


def request_examples() -> list[Any]:
    found = []
    for name, (_, _, operation) in operations().items():
        if "requestBody" in operation:
            examples = operation["requestBody"]["content"]["application/json"].get("examples", {})
            found += [pytest.param(name, case["value"], id=f"{name}-{title}") for title, case in examples.items()]
    return found


@pytest.mark.parametrize(("operation", "body"), request_examples())
def test_request_example_of_the_openapi_file_is_accepted_unchanged(operation: str, body: dict[str, Any]) -> None:
    assert validation.check_body(operation, json.dumps(body).encode()) == body


def test_file_is_found_in_a_wheel_and_in_a_checkout(tmp_path: Path) -> None:
    package = tmp_path / "rtcctl"
    (package / "schemas").mkdir(parents=True)
    assert validation.openapi_file(package) == tmp_path / "schemas" / validation.FILE_NAME
    (package / "schemas" / validation.FILE_NAME).touch()
    assert validation.openapi_file(package) == package / "schemas" / validation.FILE_NAME


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import rtcctl.simulator", ["starlette", "uvicorn", "yaml", "jsonschema", "sqlite3"]),
        ("import rtcctl.simulator; rtcctl.simulator.create_app()", ["uvicorn", "yaml", "jsonschema"]),
    ],
)
def test_heavy_modules_are_loaded_late(statement: str, absent: list[str]) -> None:
    code = f"import sys; {statement}; print([name for name in {absent} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
