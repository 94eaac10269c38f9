"""proof: which message was opened; pauses of reminders; totals of what is too old to be listed"""

import sqlalchemy as sa
from alembic import op

revision = "0008_proof"
down_revision = "0007_cards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_total",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "what", "outcome", name=op.f("pk_day_total")),
    )
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.add_column(sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_delivery_merged_into_id",
            ["merged_into_id"],
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        )
    with op.batch_alter_table("login_attempt") as batch_op:
        batch_op.add_column(sa.Column("message_uid", sa.String(length=40), nullable=True))
    with op.batch_alter_table("task") as batch_op:
        batch_op.add_column(sa.Column("paused_to", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("pause_reason", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("paused_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("silent_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(op.f("fk_task_paused_by_id_person"), "person", ["paused_by_id"], ["id"])
        batch_op.create_check_constraint(
            "paused_by_iff_paused", "(paused_to IS NULL) = (paused_by_id IS NULL)"
        )


def downgrade() -> None:
    with op.batch_alter_table("task") as batch_op:
        batch_op.drop_constraint("paused_by_iff_paused", type_="check")
        batch_op.drop_constraint(op.f("fk_task_paused_by_id_person"), type_="foreignkey")
        for name in ("silent_until", "paused_by_id", "pause_reason", "paused_to"):
            batch_op.drop_column(name)
    with op.batch_alter_table("login_attempt") as batch_op:
        batch_op.drop_column("message_uid")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_index("ix_delivery_merged_into_id")
        batch_op.drop_column("opened_at")
    op.drop_table("day_total")
