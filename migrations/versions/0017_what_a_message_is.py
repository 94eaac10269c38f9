"""what a message is stands in columns: its act, the part in which it is read, the table of the row it is about"""

import sqlalchemy as sa
from alembic import op

revision = "0017_what_a_message_is"
down_revision = "0016_prepared_rows"
branch_labels = None
depends_on = None

ABOUT_ONE = sa.text("about_id IS NOT NULL")
# Texts whose name said more than the part in which they are read.
PARTS = {
    "upgraded": "implementer",
    "not_upgraded": "implementer",
    "several": "implementer",
    "several_copied_in": "copied_in",
    "so_far": "publisher",
    "hopeless": "publisher",
}


def upgrade() -> None:
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.add_column(sa.Column("act", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("audience", sa.String(length=30), nullable=True))
        batch_op.add_column(sa.Column("about_kind", sa.String(length=30), nullable=True))
    _fill()
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.alter_column("act", existing_type=sa.String(length=40), nullable=False)
        batch_op.alter_column("audience", existing_type=sa.String(length=30), nullable=False)
        batch_op.drop_index("ix_delivery_about_id")
        batch_op.create_index(
            "ix_delivery_about",
            ["about_kind", "about_id"],
            sqlite_where=ABOUT_ONE,
            postgresql_where=ABOUT_ONE,
        )
        batch_op.create_check_constraint("about_kind_iff_about", "(about_id IS NULL) = (about_kind IS NULL)")


def _fill() -> None:
    """Until now all messages about a single row were about one of a task."""
    delivery = sa.table(
        "delivery", *(sa.column(name) for name in ("wording", "act", "audience", "about_id", "about_kind"))
    )
    wordings = op.get_bind().execute(sa.select(delivery.c.wording).distinct()).scalars().all()
    if not wordings:
        return
    acts = {wording: wording.rpartition(".")[0] for wording in wordings}
    names = {wording: wording.rpartition(".")[2] for wording in wordings}
    op.execute(
        sa.update(delivery).values(
            act=sa.case(acts, value=delivery.c.wording),
            audience=sa.case(
                {wording: PARTS.get(name, name) for wording, name in names.items()}, value=delivery.c.wording
            ),
            about_kind=sa.case((delivery.c.about_id.is_(None), None), else_="point_task"),
        )
    )


def downgrade() -> None:
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_constraint("about_kind_iff_about", type_="check")
        batch_op.drop_index("ix_delivery_about")
        batch_op.create_index(
            "ix_delivery_about_id", ["about_id"], sqlite_where=ABOUT_ONE, postgresql_where=ABOUT_ONE
        )
        batch_op.drop_column("about_kind")
        batch_op.drop_column("audience")
        batch_op.drop_column("act")
