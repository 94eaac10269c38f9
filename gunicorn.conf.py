"""How gunicorn runs `wsgi:create_app()`; every value can be overridden on its command line."""

import os
import sys

from app.settings import BadSettings, load

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
