"""Other systems with their tokens."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from app.db import session
from app.insight import kinds
from app.people.models import Region
from app.work import api_tokens
from tests.world import World


class System:
    """Another system: it knows addresses below /api/v1 and its token."""

    def __init__(self, app: Flask, token: str) -> None:
        self._visitor = app.test_client()
        self.token = token

    def get(self, path: str) -> TestResponse:
        """Ask for something."""
        return self._visitor.get(f"/api/v1{path}", headers=self._headers)

    def post(self, path: str, body: Any) -> TestResponse:
        """Send JSON."""
        return self._visitor.post(f"/api/v1{path}", json=body, headers=self._headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def system(app: Flask, world: World) -> Callable[..., System]:
    """`system()`: one that may everything; `system(READ_TASKS, region="华北大区")`: one that may less."""

    def made(*scopes: str, region: str | None = None) -> System:
        region_id = session().execute(sa.select(Region.id).where(Region.name == region)).scalar()
        token = api_tokens.create(
            "数据平台",
            by=world.person("周总"),
            scopes=scopes or kinds.scopes(),
            offered=kinds.scopes(),
            region_id=region_id,
            form_key=world.key(),
        )
        return System(app, token)

    return made
