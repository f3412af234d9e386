# stripe-source on Python alone. Built with the extra of a destination, if not DuckDB is meant:
#   docker build --build-arg EXTRAS=snowflake -t stripe-source .
# No key is in it: it is given when it runs. All that stays is in /data: the database, dlt's folder,
# and .dlt, plays and stripe_models where there are some.

FROM python:3.11-slim AS build
ARG EXTRAS=""
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY stripe_source stripe_source
RUN python -m venv /opt/stripe-source
RUN /opt/stripe-source/bin/pip install --no-cache-dir ".${EXTRAS:+[$EXTRAS]}"

FROM python:3.11-slim
COPY --from=build /opt/stripe-source /opt/stripe-source
RUN useradd --uid 1000 --home-dir /data --no-create-home stripe && install -d -o stripe /data
ENV PATH="/opt/stripe-source/bin:$PATH" HOME=/data DLT_DATA_DIR=/data/.dlt_data PYTHONUNBUFFERED=1
USER stripe
WORKDIR /data
VOLUME /data
ENTRYPOINT ["stripe-source"]
CMD ["--help"]
