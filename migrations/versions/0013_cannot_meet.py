"""无法按时完成: the deadline of a row that somebody said cannot be met"""

import sqlalchemy as sa
from alembic import op

revision = "0013_cannot_meet"
down_revision = "0012_spellings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("point_task") as batch_op:
        batch_op.add_column(sa.Column("cannot_meet", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("point_task") as batch_op:
        batch_op.drop_column("cannot_meet")
