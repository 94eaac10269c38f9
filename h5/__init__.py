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
from h5.frame import assets, forms, headers, identity, limits, look, refusals, rights, saved, tabs, tones
from h5.frame.faces import Tab
from h5.kinds import KINDS
from h5.ledger import deliveries
from h5.mine import me, messages, to_do
from h5.people import people, people_editing, place_staff
from h5.places import picker

BLUEPRINTS = (
    login.bp,
    to_do.bp,
    *(blueprint for kind in KINDS for blueprint in kind.blueprints),
    messages.bp,
    me.bp,
    picker.bp,
    health.bp,
    files.bp,
    people.bp,
    place_staff.bp,
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
TABS = (
    Tab("todo", "/", "待办", "todo"),
    *(tab for kind in KINDS for tab in kind.tabs),
    Tab("messages", "/messages", "消息", "bell", gives_way=1),
    Tab("people", "/people", "人员", "people", gives_way=2),
    Tab("me", "/me", "我的", "person", sections=("/admin", "/deliveries")),
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
    headers.init_app(app)
    refusals.init_app(app, lists="或".join(["待办", *(kind.lists for kind in KINDS)]))
    for part in (identity, files, rights, limits, assets, saved):
        part.init_app(app)
    for blueprint in dict.fromkeys(BLUEPRINTS):
        app.register_blueprint(blueprint)
    _teach_templates(app)


def _teach_templates(app: Flask) -> None:
    """What templates may call. Nothing here reads the database unless it is called."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["shown"] = clock.shown
    app.jinja_env.filters["told_apart"] = _told_apart
    app.jinja_env.filters["pairs"] = forms.pairs
    app.jinja_env.filters["tone"] = tones.reader(_tones())
    app.jinja_env.globals.update(
        accepted=accepted,
        look=look.look,
        asker=identity.asker,
        may_publish=may_publish,
        main_tabs=tabs.navigation(TABS),
        new_key=new_key,
        typed=forms.typed,
        was_typed=forms.was_typed,
        mistake=forms.mistake,
        queue_pause=stoppage.present,
    )


def _tones() -> dict[str, tones.Tone]:
    """How the labels of all kinds read, and what became of a message."""
    found = dict(tones.OF_OUTCOMES)
    for kind in KINDS:
        found |= kind.tones
    return found


def _told_apart(places: Iterable[Place]) -> list[str]:
    """The names of places that a list shows without what they lie in."""
    return told_apart((place.name, place.path) for place in places)
