"""What goes wrong on a page while its picture is taken: such a picture is not kept."""

from playwright.sync_api import ConsoleMessage, Page, Request, Response

COMPLAINTS = ".toast:visible, .said:visible, .mistake:visible, [role=alert]:visible"
"""Toasts, sentences about an act just done, sentences beside fields, warnings of the whole page."""
LEFT_BEHIND = "net::ERR_ABORTED"  # a page that is left, or looks again, drops what it was waiting for


class Watch:
    """Listens to a page from now on; start it before the page goes where the picture is taken."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.noticed: list[str] = []
        page.on("pageerror", lambda error: self.noticed.append(f"script: {error}"))
        page.on("console", self._console)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def faults(self) -> list[str]:
        """What went wrong so far, and what the page and its frames complain of now."""
        shown = [
            words
            for frame in self.page.frames
            for words in frame.locator(COMPLAINTS).all_inner_texts()
            if words.strip()
        ]
        return self.noticed + [f"shown: {words}" for words in shown]

    def _console(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.noticed.append(f"console: {said.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT_BEHIND:
            self.noticed.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.noticed.append(f"{response.status}: {response.request.method} {response.url}")
