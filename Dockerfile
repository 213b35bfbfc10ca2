# docker build -t registry.example.com/rtcctl:0.1.0 .
FROM docker.io/library/python:3.12-slim
COPY pyproject.toml README.md LICENSE /src/
COPY rtcctl /src/rtcctl
COPY schemas /src/schemas
RUN pip install --no-cache-dir "/src[s3,postgres,metrics,fmt,preview]" && rm -r /src
COPY ci /opt/rtcctl/ci
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["rtcctl"]
