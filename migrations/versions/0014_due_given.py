"""when 打回 or 升级回退 gave a row a deadline of its own"""

import sqlalchemy as sa
from alembic import op

revision = "0014_due_given"
down_revision = "0013_cannot_meet"
branch_labels = None
depends_on = None

# What came before is told by the deadline that differs from the task's.
FILL = """
UPDATE point_task SET due_given_at = coalesce(rolled_back_at, sent_back_at)
WHERE coalesce(rolled_back_at, sent_back_at) IS NOT NULL
  AND due_at <> (SELECT task.due_at FROM task WHERE task.id = point_task.task_id)
"""


def upgrade() -> None:
    op.add_column("point_task", sa.Column("due_given_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(FILL)


def downgrade() -> None:
    op.drop_column("point_task", "due_given_at")
