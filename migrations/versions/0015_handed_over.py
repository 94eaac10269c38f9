"""handed over: what a sender had in its hands may have been sent; until now that went without saying"""

from alembic import op

revision = "0015_handed_over"
down_revision = "0014_due_given"
branch_labels = None
depends_on = None


def upgrade() -> None:
    doubtful = "outcome = '发送中' AND doubtful_since IS NULL"
    op.execute(f"UPDATE delivery SET doubtful_since = tried_at WHERE {doubtful}")  # noqa: S608 (our own names)
    op.execute(f"UPDATE amendment SET doubtful_since = created_at WHERE {doubtful}")  # noqa: S608


def downgrade() -> None:
    """Nothing to take back: what is in doubt was in doubt before."""
