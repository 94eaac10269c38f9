"""The door for people: pages in WeCom's webview and in any browser."""

from collections.abc import Iterable

from flask import Flask
from jinja2 import PackageLoader
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from app import clock
from app.notices.sending import stoppage
from app.people.queries import may_publish
from app.places.models import Place
from app.places.names import told_apart
from app.settings import Settings
from app.work.form_keys import new_key
from app.work.uploads.documents import accepted
from h5 import exports, files, health, login
from h5.admin import administration, audit, calendar, platform, regions, tokens, wordings
from h5.frame import assets, forms, headers, identity, limits, look, refusals, rights, tabs, tones
from h5.ledger import deliveries
from h5.mine import me, messages, to_do
from h5.people import people, people_editing, place_staff
from h5.places import picker
from h5.tasks import (
    patches,
    point_tasks,
    publishing,
    rolling_back,
    several,
    supervising,
    task_tree,
    tasks,
    versions,
)

BLUEPRINTS = (
    login.bp,
    to_do.bp,
    tasks.bp,
    task_tree.bp,
    publishing.bp,
    point_tasks.bp,
    messages.bp,
    me.bp,
    picker.bp,
    health.bp,
    supervising.bp,
    several.bp,
    files.bp,
    people.bp,
    place_staff.bp,
    patches.bp,
    rolling_back.bp,
    versions.bp,
    exports.bp,
    calendar.bp,
    tokens.bp,
    administration.bp,
    wordings.bp,
    platform.bp,
    people_editing.bp,
    regions.bp,
    audit.bp,
    deliveries.bp,
)
LARGEST_FORM = 1_000_000  # bytes; 40,000 place codes are 280 kB


class RowId(IntegerConverter):
    """Ids in addresses: what no column can hold is simply not found."""

    def __init__(self, map_, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        super().__init__(map_, *args, **({"max": forms.HIGHEST_ID} | kwargs))


def init_app(app: Flask) -> None:
    """Attach the pages, and what every page relies on."""
    settings: Settings = app.config["SETTINGS"]
    if settings.TRUSTED_PROXIES:
        hops = settings.TRUSTED_PROXIES
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_MEMORY_SIZE=LARGEST_FORM)
    app.url_map.converters["int"] = RowId
    app.jinja_loader = PackageLoader("h5")
    for part in (headers, refusals, identity, files, rights, limits, assets):
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _teach_templates(app)


def _teach_templates(app: Flask) -> None:
    """What templates may call. Nothing here reads the database unless it is called."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["shown"] = clock.shown
    app.jinja_env.filters["told_apart"] = _told_apart
    app.jinja_env.filters["pairs"] = forms.pairs
    app.jinja_env.filters["tone"] = tones.tone
    app.jinja_env.globals.update(
        accepted=accepted,
        look=look.look,
        asker=identity.asker,
        may_publish=may_publish,
        main_tabs=tabs.main_tabs,
        new_key=new_key,
        typed=forms.typed,
        was_typed=forms.was_typed,
        mistake=forms.mistake,
        queue_pause=stoppage.present,
    )


def _told_apart(places: Iterable[Place]) -> list[str]:
    """The names of places that a list shows without what they lie in."""
    return told_apart((place.name, place.path) for place in places)
