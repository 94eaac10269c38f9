"""The pages of each kind of work: the one list that the door keeps of them."""

from app.people.models import Who
from h5.frame.faces import Link, Pages
from h5.tasks.face import PAGES as TASKS

KINDS: tuple[Pages, ...] = (TASKS,)


def links(person: Who) -> list[Link]:
    """Lines of 我的, of all kinds."""
    return [link for kind in KINDS for link in kind.links(person)]
