"""spellings: what else a family name is read as; pinyin as long as it comes"""

import sqlalchemy as sa
from alembic import op

revision = "0012_spellings"
down_revision = "0011_people_who_left"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person") as batch_op:
        # Empty until the job `spellings` has been there: revisions do not import our code.
        batch_op.add_column(sa.Column("spellings", sa.Text(), nullable=True))
        batch_op.alter_column("pinyin", existing_type=sa.String(length=120), type_=sa.Text())
    with op.batch_alter_table("place") as batch_op:
        batch_op.alter_column("pinyin", existing_type=sa.String(length=120), type_=sa.Text())


def downgrade() -> None:
    for table in ("person", "place"):
        op.execute(f"UPDATE {table} SET pinyin = substr(pinyin, 1, 120)")  # noqa: S608 (our own names)
    with op.batch_alter_table("place") as batch_op:
        batch_op.alter_column("pinyin", existing_type=sa.Text(), type_=sa.String(length=120))
    with op.batch_alter_table("person") as batch_op:
        batch_op.alter_column("pinyin", existing_type=sa.Text(), type_=sa.String(length=120))
        batch_op.drop_column("spellings")
