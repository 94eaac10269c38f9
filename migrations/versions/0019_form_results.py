"""what a form led to is an id or a number: a result, not a subject"""

from alembic import op

revision = "0019_form_results"
down_revision = "0018_inbox_leases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE form_key RENAME COLUMN subject_id TO result")


def downgrade() -> None:
    op.execute("ALTER TABLE form_key RENAME COLUMN result TO subject_id")
