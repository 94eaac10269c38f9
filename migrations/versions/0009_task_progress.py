"""what the items of a task's rows have done, beside how many rows there are"""

import sqlalchemy as sa
from alembic import op

revision = "0009_task_progress"
down_revision = "0008_proof"
branch_labels = None
depends_on = None

COLUMNS = ("items_total", "items_done")

# One pass over the rows; a subquery per count would read a task's rows once for each of its counts.
FILL = """
UPDATE task_count SET items_total = found.items_total, items_done = found.items_done
FROM (
    SELECT task_id, coalesce(region_id, 0) AS region_id, label,
           sum(items_total) AS items_total, sum(items_done) AS items_done
    FROM point_task GROUP BY task_id, coalesce(region_id, 0), label
) AS found
WHERE task_count.task_id = found.task_id AND task_count.region_id = found.region_id
  AND task_count.label = found.label
"""


def upgrade() -> None:
    with op.batch_alter_table("task_count") as batch_op:
        for name in COLUMNS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.execute(FILL)
    with op.batch_alter_table("task_count") as batch_op:
        for name in COLUMNS:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("task_count") as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)
