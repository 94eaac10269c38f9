"""The database: row classes, sessions and transactions, and what both dialects need."""

from app.db.base import Base, Id, Utc, partial_index
from app.db.bulk import among, insert_many
from app.db.engines import as_sqlalchemy_says, init_app, let_others_write, write_soon
from app.db.sessions import Session, changed_rows, db, session, transaction
from app.db.upsert import insert_once, inserting, next_id, reserve_ids

__all__ = [
    "Base",
    "Id",
    "Session",
    "Utc",
    "among",
    "as_sqlalchemy_says",
    "changed_rows",
    "db",
    "init_app",
    "insert_many",
    "insert_once",
    "inserting",
    "let_others_write",
    "next_id",
    "partial_index",
    "reserve_ids",
    "session",
    "transaction",
    "write_soon",
]
