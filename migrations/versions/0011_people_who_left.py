"""who has left is found at once: every page of a task asks whether one of them has open rows"""

import sqlalchemy as sa
from alembic import op

revision = "0011_people_who_left"
down_revision = "0010_login_rounds"
branch_labels = None
depends_on = None

LEFT = sa.text("left_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_person_left", "person", ["id"], sqlite_where=LEFT, postgresql_where=LEFT)


def downgrade() -> None:
    op.drop_index("ix_person_left", table_name="person", sqlite_where=LEFT, postgresql_where=LEFT)
