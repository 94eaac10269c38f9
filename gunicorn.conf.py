"""How gunicorn runs `wsgi:create_app()`; every value can be overridden on its command line."""

import os
import sys

from gunicorn import util

from app.settings import UNASKED_DEMO, BadSettings, load

try:
    settings = load(dict(os.environ))
except BadSettings as wrong:  # before any worker starts, so that nobody has to read a trace
    sys.exit(str(wrong))

bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "gthread"
threads = 8  # a page waits for the database, seldom for the processor
timeout = 30
# honcho kills what has not ended 5 seconds after Ctrl-C, shutting down included; a server may let uploads finish.
graceful_timeout = 3 if settings.demo else 30
keepalive = 5
# A worker is replaced now and then, so that a slow leak never becomes an outage; not all at once.
max_requests = 20_000
max_requests_jitter = 2_000
# Heartbeats on a disk that is busy look like a hung worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# One per user, in the home directory: two installations would share it, a read-only system has none.
control_socket_disable = True

accesslog = "-"
errorlog = "-"
loglevel = settings.LOG_LEVEL.lower()
# %(U)s is the path alone: the query may carry login codes.
access_log_format = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'

# gunicorn answers by itself what never reaches the application, such as a line that is too long; it has no setting
# for the page.
SAID = {
    400: "浏览器或程序发来的请求有误，请刷新页面后重试。",
    403: "这个请求不被接受。",
    414: "网址太长，请从待办或任务列表重新打开。",
    431: "浏览器发来的信息太长，请清除本站的 Cookie 后重新打开。",
    500: "系统出错了，请稍后再试。",
}


def write_error(sock, status_int, reason, mesg):  # noqa: ARG001 (gunicorn's signature)
    """A short Chinese page; what gunicorn found stands in its log."""
    said = SAID.get(status_int, SAID[400])
    page = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>服务任务</title>'
        f'<h1>请求没有完成</h1><p>{said}</p><p><a href="/">回到待办</a></p></html>'
    ).encode()
    head = (
        f"HTTP/1.1 {status_int} {reason}\r\nConnection: close\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nContent-Length: {len(page)}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode("ascii") + page)


util.write_error = write_error


def on_starting(server):
    """Whoever did not say how it runs gets the secrets of the demo, which everybody knows: only this machine may ask."""
    if not settings.unasked_demo:
        return
    server.log.critical(UNASKED_DEMO)
    wanted = [where if isinstance(where, tuple) else None for where in server.cfg.address]
    if any(where and where[0] not in ("127.0.0.1", "localhost", "::1") for where in wanted):
        ports = dict.fromkeys(where[1] for where in wanted if where)
        server.cfg.set("bind", [f"127.0.0.1:{port}" for port in ports])
