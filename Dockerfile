# syntax=docker/dockerfile:1
# The hub's processes. Kafka and PostgreSQL are services of their own (docker-compose.yml).
FROM python:3.11-slim AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/threecross
COPY requirements.lock requirements-build.lock ./
RUN /opt/threecross/bin/pip install --require-hashes -r requirements.lock
# The build tool stays behind in this stage: it is installed apart from what is copied on.
RUN python -m pip install --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY streams streams
COPY connectors connectors
COPY ops ops
RUN python -m pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels . \
    && /opt/threecross/bin/pip install --no-deps --no-index /wheels/*.whl

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/threecross threecross \
    && install --directory --owner threecross --mode 700 /var/lib/threecross/data /var/lib/threecross/key
COPY --from=build /opt/threecross /opt/threecross
ENV PATH=/opt/threecross/bin:$PATH PYTHONUNBUFFERED=1
USER threecross
WORKDIR /var/lib/threecross
EXPOSE 8080
ENTRYPOINT ["threecross"]
CMD ["--help"]
