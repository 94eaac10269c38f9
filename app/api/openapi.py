"""/api/v1/openapi.json: the contract as other systems' tools read it, made of what the views declare."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api.contract import Problem
from app.api.endpoints import BASE, Endpoint
from app.insight import kinds

REFUSALS = {
    401: "没有令牌，或令牌无效、已停用",
    403: "令牌没有这项权限",
    404: "没有这条内容，或不在令牌可读的大区",
    409: "与已登记的内容不同",
    413: "内容太大",
    415: "不是 application/json",
    422: "有字段不能用，见 fields",
    429: "调用过于频繁，见 Retry-After",
    503: "系统繁忙，稍后重试",
}


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The OpenAPI document of these endpoints."""
    declared = list(endpoints)
    inward: list[type[BaseModel]] = [model for one in declared for model in (one.query, one.body) if model]
    outward: list[type[BaseModel]] = [Problem, *(one.answer for one in declared)]
    names, schemas = models_json_schema(
        [(model, "validation") for model in inward] + [(model, "serialization") for model in outward],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, dict[str, Any]] = {}
    for one in declared:
        path = BASE + one.path.replace("<int:", "{").replace(">", "}")
        paths.setdefault(path, {})[one.method.lower()] = _operation(one, names)
    bearer = {"type": "http", "scheme": "bearer", "description": "管理 → 接口令牌"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "服务任务",
            "version": "1",
            "description": "给其他系统的接口。时间为 UTC，错误为中文。",
        },
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {"schemas": schemas["$defs"], "securitySchemes": {"bearer": bearer}},
    }


def _operation(one: Endpoint, names: Any) -> dict[str, Any]:
    refused = [401, 403, 422, 429, 503]
    refused += [404] if "<" in one.path else []
    refused += [413, 415] if one.body else []
    refused += [409] if one.may_conflict else []
    answers = {str(status): _content("成功", names[one.answer, "serialization"]) for status in one.statuses}
    problem = names[Problem, "serialization"]
    operation: dict[str, Any] = {
        "summary": one.summary,
        "description": f"需要权限：{kinds.scopes()[one.scope]}",
        "parameters": _parameters(one),
        "responses": answers
        | {str(status): _content(REFUSALS[status], problem) for status in sorted(refused)},
    }
    if one.body:
        operation["requestBody"] = {"required": True, **_json(names[one.body, "validation"])}
    return operation


def _parameters(one: Endpoint) -> list[dict[str, Any]]:
    parts = [part.removeprefix("<int:").removesuffix(">") for part in one.path.split("/") if "<" in part]
    number = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
    found = [{"name": part, "in": "path", "required": True, "schema": number} for part in parts]
    return found + (_of_query(one.query) if one.query else [])


def _of_query(query: type[BaseModel]) -> list[dict[str, Any]]:
    fields = query.model_json_schema()["properties"]
    return [
        {"name": name, "in": "query", "required": False, "schema": _bare(s)} for name, s in fields.items()
    ]


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """A query knows no null: what is optional is left out."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    rest = {
        key: value for key, value in schema.items() if key not in ("anyOf", "default") or value is not None
    }
    return {key: value for key, value in rest.items() if key != "anyOf"} | (kinds[0] if kinds else {})


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, **_json(schema)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
