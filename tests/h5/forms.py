"""What a browser sends of a form that nobody has touched."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    """Gathers the fields of the form that goes to `action`."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.fields: list[tuple[str, str]] = []
        self._inside = False
        self._select = ""
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("action") == self.action
        elif not self._inside:
            return
        elif tag == "input":
            unticked = given.get("type") in ("radio", "checkbox") and "checked" not in given
            if given.get("name") and not unticked:
                self.fields.append((given["name"] or "", given.get("value") or ""))
        elif tag == "select":
            self._select = given.get("name") or ""
        elif tag == "option" and self._select and "selected" in given:
            self.fields.append((self._select, given.get("value") or ""))
        elif tag == "textarea":
            self._area = ""
            self.fields.append((given.get("name") or "", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area is not None:
            self.fields[-1] = (self.fields[-1][0], self._area.removeprefix("\n").replace("\n", "\r\n"))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area += data


def as_shown(page: str, action: str) -> dict[str, str]:
    """Every field of the form with the value that the page gave it."""
    form = _Form(action)
    form.feed(page)
    return dict(form.fields)
