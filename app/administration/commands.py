"""`flask people admin`, beside the commands that app.people has."""

import click

from app.administration.people import appoint_administrator
from app.people.commands import people as people


@people.command("admin")
@click.argument("userid")
def appoint(userid: str) -> None:
    """让 USERID 成为管理员（第一位管理员由此产生），可重复执行。"""
    name, is_new = appoint_administrator(userid)
    click.echo(f"✓ {name}现在是管理员，打开“我的 → 管理”。" if is_new else f"✓ {name}已经是管理员。")
