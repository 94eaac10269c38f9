"""patches, and what an 升级任务 takes from them"""

import sqlalchemy as sa
from alembic import op

revision = "0003_patches"
down_revision = "0002_whole_drafts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "patch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=50), nullable=False),
        sa.Column("test_state", sa.String(length=20), nullable=False),
        sa.Column("sent_by", sa.String(length=60), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sender", sa.String(length=60), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["person.id"], name=op.f("fk_patch_registered_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patch")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_patch_name_version")),
    )
    op.create_table(
        "patch_module",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["patch_id"], ["patch.id"], name=op.f("fk_patch_module_patch_id_patch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patch_module")),
        sa.UniqueConstraint("patch_id", "name", name=op.f("uq_patch_module_patch_id_name")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("patch_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("follows_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_task_follows_id"), ["follows_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_patch_id"), ["patch_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_task_patch_id_patch"), "patch", ["patch_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_task_follows_id_task"), "task", ["follows_id"], ["id"])

    with op.batch_alter_table("task_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("module_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_task_item_module_id",
            ["module_id"],
            unique=False,
            sqlite_where=sa.text("module_id IS NOT NULL"),
            postgresql_where=sa.text("module_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_task_item_module_id_patch_module"), "patch_module", ["module_id"], ["id"]
        )


def downgrade() -> None:

    with op.batch_alter_table("task_item", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_task_item_module_id_patch_module"), type_="foreignkey")
        batch_op.drop_index(
            "ix_task_item_module_id",
            sqlite_where=sa.text("module_id IS NOT NULL"),
            postgresql_where=sa.text("module_id IS NOT NULL"),
        )
        batch_op.drop_column("restored_at")
        batch_op.drop_column("module_id")

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_task_follows_id_task"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_task_patch_id_patch"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_task_patch_id"))
        batch_op.drop_index(batch_op.f("ix_task_follows_id"))
        batch_op.drop_column("follows_id")
        batch_op.drop_column("patch_id")

    op.drop_table("patch_module")
    op.drop_table("patch")
