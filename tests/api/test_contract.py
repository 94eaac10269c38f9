"""The OpenAPI document and the door agree: a few random calls of every endpoint, sent as other tools would."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from limits import parse
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api import endpoints
from tests.api.conftest import System
from tests.world import World

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
SENT = settings(
    max_examples=20,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.proves("X-S12")
def test_random_calls_get_what_the_document_promises(
    app: Flask, world: World, system: Callable[..., System], monkeypatch: pytest.MonkeyPatch, mode: Any
) -> None:
    monkeypatch.setattr(endpoints, "CALLS", parse("10000 per minute"))
    world.published("130102", "310101")
    token = system().token
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    called = []

    for found in document.get_all_operations():
        operation = found.ok()
        called.append(operation.label)

        @SENT
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=list(CHECKS))

        send()
    assert set(called) == {
        "GET /api/v1/tasks",
        "GET /api/v1/tasks/{task_id}",
        "GET /api/v1/tasks/{task_id}/point-tasks",
        "POST /api/v1/patches",
    }
