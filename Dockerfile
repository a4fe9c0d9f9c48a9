FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY updater updater
COPY managers managers
COPY datasources datasources
RUN python -m venv /opt/updater && /opt/updater/bin/pip install --no-cache-dir '.[otel,redis]'

FROM python:3.13-slim
# hadolint ignore=DL3008 - a rebuilt image is to have the git of its day
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/updater /opt/updater
RUN useradd --uid 1000 --create-home updater
# By number, so that a cluster can see that it is not root.
USER 1000
# A mounted checkout belongs to somebody else; nothing of it is executed.
RUN git config --global --add safe.directory '*'
# The scanned repository must never be on the import path.
ENV PATH=/opt/updater/bin:$PATH PYTHONSAFEPATH=1 UPDATER_CACHE=sqlite:////home/updater/.cache/gitops-updater/cache.sqlite
WORKDIR /repository
ENTRYPOINT ["updater"]
