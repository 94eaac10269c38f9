# One image for all processes: web (the default), scheduler, and every `flask …`.

FROM node:22-slim AS frontend
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund

FROM python:3.11-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 FLASK_APP=wsgi
# Nobody's account: it may write its uploads and nothing else.
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin service-tasks \
    && install -d -o service-tasks -g service-tasks /var/lib/service-tasks/uploads
WORKDIR /srv/service-tasks
COPY . .
COPY --from=frontend /build/node_modules node_modules
RUN pip install --no-cache-dir --disable-pip-version-check -c constraints.txt -e '.[postgres]' \
    && python scripts/vendor_assets.py \
    && rm -rf node_modules
ENV UPLOAD_DIR=/var/lib/service-tasks/uploads
VOLUME /var/lib/service-tasks
USER service-tasks
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "--no-control-socket", "--bind=0.0.0.0:8000", "wsgi:create_app()"]
