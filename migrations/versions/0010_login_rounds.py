"""login rounds: their end can be asked for twice, what has run out begins anew once"""

import sqlalchemy as sa
from alembic import op

revision = "0010_login_rounds"
down_revision = "0009_task_progress"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("login_attempt") as batch_op:
        batch_op.add_column(sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_login_attempt_person_id_person"), "person", ["person_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_check_constraint("person_when_ended", "person_id IS NULL OR ended_at IS NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("login_attempt") as batch_op:
        batch_op.drop_constraint("person_when_ended", type_="check")
        batch_op.drop_constraint(op.f("fk_login_attempt_person_id_person"), type_="foreignkey")
        for name in ("person_id", "ended_at", "taken_at", "again"):
            batch_op.drop_column(name)
