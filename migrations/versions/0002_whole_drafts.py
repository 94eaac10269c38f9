"""a draft keeps all that was filled in"""

import sqlalchemy as sa
from alembic import op

revision = "0002_whole_drafts"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("draft_fields", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("task", "draft_fields")
