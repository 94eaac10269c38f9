"""an event of the inbox names the worker that has it, as messages do"""

import sqlalchemy as sa
from alembic import op

revision = "0018_inbox_leases"
down_revision = "0017_what_a_message_is"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbox_event") as batch_op:
        batch_op.add_column(sa.Column("lease_token", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inbox_event") as batch_op:
        batch_op.drop_column("lease_token")
