"""a task below which the rows of a large publish are made ready"""

import sqlalchemy as sa
from alembic import op

revision = "0016_prepared_rows"
down_revision = "0015_handed_over"
branch_labels = None
depends_on = None

PREPARED = sa.text("prepared_at IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("task") as batch_op:
        batch_op.add_column(sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(
            "prepared_is_not_published", "prepared_at IS NULL OR published_at IS NULL"
        )
        batch_op.create_index(
            "ix_task_prepared_at", ["prepared_at"], sqlite_where=PREPARED, postgresql_where=PREPARED
        )


def downgrade() -> None:
    # What is being made ready is no task of anybody's: without the mark it would read as a draft.
    prepared = "SELECT id FROM task WHERE prepared_at IS NOT NULL"
    rows = f"SELECT id FROM point_task WHERE task_id IN ({prepared})"  # noqa: S608 (our own words)
    op.execute(f"DELETE FROM task_item WHERE point_task_id IN ({rows})")  # noqa: S608
    op.execute(f"DELETE FROM point_task WHERE task_id IN ({prepared})")  # noqa: S608
    op.execute("DELETE FROM task WHERE prepared_at IS NOT NULL")
    with op.batch_alter_table("task") as batch_op:
        batch_op.drop_index("ix_task_prepared_at")
        batch_op.drop_constraint("prepared_is_not_published", type_="check")
        batch_op.drop_column("prepared_at")
