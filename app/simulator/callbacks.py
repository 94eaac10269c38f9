"""Callbacks to the app under test: encrypted, signed, 5 seconds' patience, up to three more tries."""

import http.client
import queue
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.simulator import crypto
from app.simulator.clock import Clock
from app.simulator.events import envelope_xml, event_xml, message_xml
from app.simulator.settings import Settings
from app.simulator.store import Store
from app.simulator.switches import Switches

SENDERS = 4
# Told of the address book, not of an app, hence without AgentID.
CONTACTS = "change_contact"


class CallbackSender:
    """Queues events and posts them from its own threads; every try is recorded for the desk."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, switches: Switches) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._switches = switches
        self._waiting: queue.SimpleQueue[tuple[int, int] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._tried = threading.Condition()
        self._longest_wait = settings.callback_patience + 1
        self._senders: list[threading.Thread] = []
        self._stopped = False
        self.on_reply: Callable[[str, str], str] | None = None

    def event(self, event: str, userid: str, **nodes: Any) -> int | None:
        """Queue one event of a member; answers its number, or None where no callback URL is set."""
        head = self._head(userid)
        if event == CONTACTS:
            head["agent_id"] = None
        return self._queue(event, userid, event_xml(event, **head, **nodes))

    def message(self, kind: str, userid: str, **nodes: Any) -> int | None:
        """Queue one message a member sent to the app."""
        number = secrets.randbelow(9 * 10**18) + 10**18
        return self._queue(kind, userid, message_xml(kind, **self._head(userid), MsgId=number, **nodes))

    def answered(self, callback_id: int) -> bool:
        """Whether the app took the event; waits for the first try to end."""
        with self._tried:
            self._tried.wait_for(lambda: self._state_of(callback_id) != "waiting", self._longest_wait)
        return self._state_of(callback_id) == "done"

    def replay(self, callback_id: int, times: int = 3) -> None:
        """Send it again, as a confused WeCom might: the very same bytes, unless switched otherwise."""
        for _ in range(times):
            self._enqueue(callback_id, len(self._settings.callback_pauses))

    def verify_url(self) -> tuple[bool, str]:
        """What the administrator's page does when the URL is saved: GET with an encrypted echostr."""
        plain = secrets.token_hex(10)
        echo = self._encrypt(plain)
        started = time.monotonic()
        try:
            status, answer = self._call("GET", {**self._signed(echo), "echostr": echo}, None)
        except OSError as error:
            return False, f"连不上 {self._settings.callback_url}：{error}"
        took = time.monotonic() - started
        if status != 200 or answer != plain.encode():
            return False, f"应答 {status}，内容与明文不一致：{answer[:80]!r}"
        if took > 1:
            return False, f"内容正确，但用了 {took:.1f} 秒（要求 1 秒内）"
        return True, f"验证通过，用了 {took * 1000:.0f} 毫秒"

    def _head(self, userid: str) -> dict[str, Any]:
        return {
            "corp_id": self._settings.corp_id,
            "userid": userid,
            "at": self._clock.now(),
            "agent_id": self._settings.agent_id,
        }

    def _queue(self, event: str, userid: str, plain: str) -> int | None:
        if not self._switches["callback_configured"]:
            return None
        query, body = self._sealed(event, plain)
        with self._store.use() as db:
            row = db.execute(
                "INSERT INTO callback (at, userid, event, plain, query, body, state) "
                "VALUES (?, ?, ?, ?, ?, ?, 'waiting')",
                (self._clock.now(), userid, event, plain, query, body),
            )
        callback_id = row.lastrowid or 0
        self._enqueue(callback_id, 0)
        return callback_id

    def _sealed(self, event: str, plain: str) -> tuple[str, str]:
        """(query, body) of one callback: encrypted and signed as of now."""
        encrypted = self._encrypt(plain)
        agent_id = None if event == CONTACTS else self._settings.agent_id
        body = envelope_xml(encrypted, corp_id=self._settings.corp_id, agent_id=agent_id)
        return urlencode(self._signed(encrypted)), body

    def _encrypt(self, plain: str) -> str:
        return crypto.encrypt(plain, aes_key=self._settings.aes_key, receiver=self._settings.corp_id)

    def _signed(self, encrypted: str) -> dict[str, str]:
        timestamp, nonce = str(int(self._clock.now())), secrets.token_hex(8)
        sign = crypto.signature(self._settings.token, timestamp, nonce, encrypted)
        return {"msg_signature": sign, "timestamp": timestamp, "nonce": nonce}

    def stop(self) -> None:
        """Let the senders finish what they are at; what still waits is left."""
        with self._lock:
            self._stopped = True
        for _ in self._senders:
            self._waiting.put(None)
        for sender in self._senders:
            sender.join(self._settings.callback_patience + 1)

    def _enqueue(self, callback_id: int, tries: int) -> None:
        with self._lock:
            if self._stopped:
                return
            # Threads start with the first callback: a forking server would lose earlier ones.
            for number in range(SENDERS - len(self._senders)):
                sender = threading.Thread(target=self._work, name=f"callback-{number}", daemon=True)
                sender.start()
                self._senders.append(sender)
        self._waiting.put((callback_id, tries))

    def _work(self) -> None:
        while (found := self._waiting.get()) is not None and not self._stopped:
            self._send(*found)

    def _send(self, callback_id: int, tries: int) -> None:
        with self._store.use() as db:
            row = db.execute("SELECT * FROM callback WHERE id = ?", (callback_id,)).fetchone()
        if row is None:
            return
        query, body = row["query"], row["body"]
        if tries and self._switches["retried_bytes"] == "fresh":
            query, body = self._sealed(row["event"], row["plain"])
        status, answer, said = self._post(query, body.encode())
        good = status == 200
        pauses = self._settings.callback_pauses
        worth_it = status == 0 or self._switches["callback_retry"] == "any"
        again = not good and tries < len(pauses) and worth_it
        if good and answer not in (b"", b"success") and self.on_reply:
            said = f"200 {self.on_reply(row['plain'], answer.decode(errors='replace'))}"
        self._record(callback_id, "done" if good else "retrying" if again else "failed", said)
        if again:
            timer = threading.Timer(pauses[tries], self._enqueue, (callback_id, tries + 1))
            timer.daemon = True
            timer.start()

    def _post(self, query: str, body: bytes) -> tuple[int, bytes, str]:
        """(status, answer, what to say of it); status 0 where nothing came in time."""
        started = time.monotonic()
        try:
            status, answer = self._call("POST", query, body)
        except (OSError, http.client.HTTPException) as error:
            return 0, b"", f"没有应答：{type(error).__name__} {error}".strip()
        # The socket's own time-out starts anew with every byte; WeCom's does not.
        if (took := time.monotonic() - started) > self._settings.callback_patience:
            return 0, b"", f"超时：用了 {took:.1f} 秒"
        return status, answer, f"{status} {answer.decode(errors='replace')[:400]}".strip()

    def _record(self, callback_id: int, state: str, said: str) -> None:
        with self._store.use() as db:
            db.execute(
                "UPDATE callback SET state = ?, tries = tries + 1, answer = answer || ? WHERE id = ?",
                (state, said + "\n", callback_id),
            )
        with self._tried:
            self._tried.notify_all()

    def _state_of(self, callback_id: int) -> str:
        with self._store.use() as db:
            row = db.execute("SELECT state FROM callback WHERE id = ?", (callback_id,)).fetchone()
        return row["state"] if row else "failed"

    def _call(self, method: str, query: str | dict[str, str], body: bytes | None) -> tuple[int, bytes]:
        url = urlsplit(self._settings.callback_url)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        wire = kind(url.netloc, timeout=self._settings.callback_patience)
        try:
            asked = query if isinstance(query, str) else urlencode(query)
            headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
            wire.request(method, f"{url.path}?{asked}", body=body, headers=headers)
            answer = wire.getresponse()
            return answer.status, answer.read(1_000_000)
        finally:
            wire.close()
