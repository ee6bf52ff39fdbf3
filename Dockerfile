# The whole site in one container: web server, worker and scheduler. Everything it writes is in /data.
#
#   docker build -t vitrine . && docker run -p 8000:8000 -v vitrine:/data --read-only --tmpfs /tmp --cap-drop ALL \
#       --security-opt no-new-privileges vitrine
FROM python:3.11-slim

# In a container all interfaces are the container's own; what is published of them, `docker run -p` says.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data HOST=0.0.0.0 PORT=8000
WORKDIR /app

COPY packages.txt ./
RUN apt-get update \
    && sed -n 's/ *# *run:.*//p' packages.txt | xargs apt-get install -y --no-install-recommends \
    && rm -rf /var/lib/apt/lists/*

# postgres.txt is run.txt and PostgreSQL's driver, so that one image serves both databases.
COPY requirements/postgres.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/postgres.txt

COPY manage.py ./
COPY accounts accounts
COPY config config
COPY hosting hosting
COPY locale locale
COPY processing processing
COPY server server
COPY static static
COPY templates templates

RUN useradd --system --uid 10001 --home-dir /data vitrine \
    && mkdir -m 700 /data && chown vitrine /data \
    && python -m compileall -q accounts config hosting processing server
USER vitrine
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-P", "server/supervisor.py", "--healthy"]

# The supervisor is process 1: it takes SIGTERM, and waits for what its processes leave behind.
CMD ["python", "manage.py", "serve"]
