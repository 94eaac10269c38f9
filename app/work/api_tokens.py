"""What other systems show to use the API: made once, kept as a hash, revocable (X-S17)."""

import hmac
import secrets
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from app import clock
from app.db import session, transaction
from app.errors import BadInput, Conflict, NotFound
from app.locks import held_one, repeatable
from app.people.models import Person, Region
from app.work import form_keys, history
from app.work.models import ApiToken

CREATE, REVOKE = "create_api_token", "revoke_api_token"
PREFIX = "fwrw_"  # so that a leaked one is recognised in logs and repositories
SHOWN = len(PREFIX) + 4
LONGEST_NAME = 60
USED_STEP = timedelta(minutes=5)


@repeatable
def create(
    name: str,
    *,
    by: Person,
    scopes: Collection[str],
    offered: Collection[str],
    region_id: int | None,
    form_key: str,
) -> str:
    """A new token, handed out this once; `region_id` None opens every 大区. Raises BadInput by field.

    `scopes` are what it may be used for, of those `offered` by the kinds of
    work. Conflict for a repeated form: what was made cannot be shown again.
    """
    _require_sense(name, scopes, offered)
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction() as current:
        if form_keys.claim(current, form_key, by=by, act=CREATE).repeated:
            raise Conflict("这个令牌已经新建，并且显示过一次。如没有保存，请停用它，再新建一个。")
        region = None if region_id is None else current.get(Region, region_id)
        if region_id is not None and region is None:
            raise BadInput(fields={"region": "没有这个大区，请重新选择。"})
        row = ApiToken(
            name=name,
            begins=token[:SHOWN],
            token_hash=_hash(token),
            scopes=",".join(scope for scope in offered if scope in scopes),
            region_id=region_id,
            created_by_id=by.id,
            created_at=clock.now(),
        )
        current.add(row)
        current.flush()
        where = region.name if region else None
        history.record(current, row, CREATE, by=by, name=name, scopes=row.scopes, region=where)
    return token


@repeatable
def revoke(token_id: int, *, by: Person) -> None:
    """End a token at once; a second time is refused, as it was somebody else's act."""
    with transaction() as current:
        row = held_one(current, ApiToken, token_id)
        if row is None:
            raise NotFound("没有这个令牌。")
        if row.revoked_at is not None:
            raise Conflict("这个令牌已经停用。")
        row.revoked_at, row.revoked_by_id = clock.now(), by.id
        history.record(current, row, REVOKE, by=by, name=row.name)


def find(token: str) -> ApiToken | None:
    """The live token that was shown, None for anything else."""
    wanted = _hash(token)
    query = sa.select(ApiToken).where(ApiToken.token_hash == wanted, ApiToken.revoked_at.is_(None))
    row = session().execute(query).unique().scalar_one_or_none()
    # An index compares until the first difference; this does not, whatever collation the database has.
    if row is None or not hmac.compare_digest(row.token_hash, wanted):
        return None
    if row.used_at is None or clock.now() - row.used_at > USED_STEP:
        _touch(row.id)
    return row


def holds(row: ApiToken, scope: str) -> bool:
    """True where the token was made for this."""
    return scope in row.scopes.split(",")


def everyone() -> list[ApiToken]:
    """Every token, the live ones first, then the newest."""
    query = (
        sa.select(ApiToken)
        .options(joinedload(ApiToken.created_by))
        .order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc())
    )
    return list(session().execute(query).unique().scalars())


def _require_sense(name: str, scopes: Collection[str], offered: Collection[str]) -> None:
    wrong = {}
    if not name:
        wrong["name"] = "请填写哪个系统使用，例如“数据平台”。"
    elif len(name) > LONGEST_NAME:
        wrong["name"] = f"最多 {LONGEST_NAME} 个字，请删减。"
    if not scopes or not set(scopes) <= set(offered):
        wrong["scope"] = "请至少选择一项权限。"
    if wrong:
        raise BadInput(fields=wrong)


def _touch(token_id: int) -> None:
    """Note the sign of life; an answer must not fail because somebody else is writing."""
    try:
        with transaction() as current:
            current.execute(sa.update(ApiToken).where(ApiToken.id == token_id).values(used_at=clock.now()))
    except OperationalError:
        session().rollback()


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
