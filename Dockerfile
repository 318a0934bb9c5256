# Two images: `--target app` is Saathi (saathi web, saathi work, saathi migrate), `--target nlu` is
# Rasa with a trained model. Neither runs as root; neither holds a secret.

FROM python:3.11-slim-bookworm AS build
COPY tools/uv.lock /tmp/uv.lock
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/uv.lock
COPY requirements-run.lock /tmp/requirements.lock
RUN uv venv /opt/saathi \
    && uv pip sync --no-cache --compile-bytecode --require-hashes --only-binary :all: \
        --python /opt/saathi/bin/python /tmp/requirements.lock

FROM python:3.11-slim-bookworm AS app
RUN useradd --system --uid 10001 --home-dir /data --no-create-home saathi \
    && install --directory --owner=saathi --group=saathi --mode=0700 /data
COPY --from=build /opt/saathi /opt/saathi
WORKDIR /srv/saathi
COPY config.yml ./
COPY nlu nlu
COPY flows flows
COPY storage storage
COPY bot bot
COPY locales locales
RUN printf '#!/bin/sh\nexec /opt/saathi/bin/python -c "from bot.cli import main; main()" "$@"\n' \
        > /usr/local/bin/saathi \
    && chmod 0755 /usr/local/bin/saathi
ENV PYTHONPATH=/srv/saathi PYTHONUNBUFFERED=1 SAATHI_DATA_DIR=/data
USER 10001
VOLUME /data
EXPOSE 8000
CMD ["saathi", "web"]

FROM python:3.10-slim-bookworm AS nlu-build
COPY tools/uv.lock /tmp/uv.lock
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/uv.lock
COPY nlu/requirements.lock /tmp/requirements.lock
RUN uv venv /opt/nlu \
    && uv pip sync --no-cache --require-hashes \
        --python /opt/nlu/bin/python /tmp/requirements.lock
WORKDIR /srv/saathi
COPY nlu/components nlu/components
COPY nlu/training nlu/training
COPY nlu/pipeline.yml nlu/pipeline.yml
ENV RASA_TELEMETRY_ENABLED=false PYTHONPATH=/srv/saathi/nlu/components
RUN /opt/nlu/bin/python -m rasa train nlu --config nlu/pipeline.yml --nlu nlu/training \
        --out /opt/model --fixed-model-name model

FROM python:3.10-slim-bookworm AS nlu
RUN useradd --system --uid 10002 --create-home rasa
COPY --from=nlu-build /opt/nlu /opt/nlu
COPY --from=nlu-build /opt/model /opt/model
WORKDIR /srv/saathi
COPY nlu/components nlu/components
RUN echo '{}' > credentials.yml
ENV RASA_TELEMETRY_ENABLED=false PYTHONUNBUFFERED=1 PYTHONPATH=/srv/saathi/nlu/components
USER 10002
EXPOSE 5005
CMD ["sh", "-c", "exec /opt/nlu/bin/python -m rasa run --enable-api --credentials credentials.yml --model /opt/model/model.tar.gz --interface 0.0.0.0 --port 5005 --auth-token \"$RASA_TOKEN\""]
