"""proof: which message was opened"""

import sqlalchemy as sa
from alembic import op

revision = "0008_proof"
down_revision = "0007_cards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.add_column(sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("login_attempt") as batch_op:
        batch_op.add_column(sa.Column("message_uid", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("login_attempt") as batch_op:
        batch_op.drop_column("message_uid")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_column("opened_at")
