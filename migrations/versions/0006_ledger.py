"""the ledger: held, merged and ignored messages; reminders; what people push and how much a day holds"""

import sqlalchemy as sa
from alembic import op

revision = "0006_ledger"
down_revision = "0005_administration"
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "muted_wording",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("wording", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_muted_wording_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "wording", name=op.f("pk_muted_wording")),
    )
    op.create_table(
        "sending_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_sending_day")),
    )
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.add_column(sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ignored_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ignored_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_delivery_merged_into_id_delivery"), "delivery", ["merged_into_id"], ["id"]
        )
        batch_op.create_foreign_key(
            op.f("fk_delivery_ignored_by_id_person"), "person", ["ignored_by_id"], ["id"]
        )
        batch_op.create_check_constraint(
            "ignored_by_iff_ignored", "(ignored_at IS NULL) = (ignored_by_id IS NULL)"
        )
        batch_op.create_index(
            "ix_delivery_held",
            ["held_until", "recipient_id"],
            **_where("held_until IS NOT NULL AND next_at IS NULL AND outcome = '待发'"),
        )
        batch_op.create_index(
            "ix_delivery_troubled",
            ["subject_kind", "subject_id"],
            **_where(
                "outcome IN ('被拒', '无效账号', '无许可', '结果未知', '已合并') AND ignored_at IS NULL"
            ),
        )
    with op.batch_alter_table("task") as batch_op:
        batch_op.add_column(sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("nag_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_task_remind_at", ["remind_at"], **_where("remind_at IS NOT NULL"))
        batch_op.create_index("ix_task_nag_at", ["nag_at"], **_where("nag_at IS NOT NULL"))
    with op.batch_alter_table("point_task") as batch_op:
        batch_op.add_column(sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("point_task") as batch_op:
        batch_op.drop_column("escalated_at")
    with op.batch_alter_table("task") as batch_op:
        batch_op.drop_index("ix_task_nag_at")
        batch_op.drop_index("ix_task_remind_at")
        batch_op.drop_column("nag_at")
        batch_op.drop_column("remind_at")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_index("ix_delivery_troubled")
        batch_op.drop_index("ix_delivery_held")
        batch_op.drop_constraint("ignored_by_iff_ignored", type_="check")
        batch_op.drop_constraint(op.f("fk_delivery_ignored_by_id_person"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_delivery_merged_into_id_delivery"), type_="foreignkey")
        batch_op.drop_column("ignored_by_id")
        batch_op.drop_column("ignored_at")
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("held_until")
    op.drop_table("sending_day")
    op.drop_table("muted_wording")
