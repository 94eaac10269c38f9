"""Who is asking."""

from app.people import sessions
from app.people.models import Asker
from tests.world import CAST


def test_who_asks_is_read_in_one_statement_as_the_whole_person_would_be(world):
    for name, *_ in CAST:
        person = world.person(name)

        found = sessions.find(sessions.start(person.id))

        assert found is not None
        assert found.asker == Asker.of(world.person(name))
