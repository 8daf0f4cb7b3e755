# Three stages: one that builds the Debian package, one with a PostgreSQL for
# trying things out, and the one that is meant for service, which needs a
# database elsewhere and is the default.
#   docker build -t budgetd .
#   docker build -t budgetd-embedded --target embedded .
# Who calls must show a token; the first one is made by
#   docker exec CONTAINER budgetd token create \
#     --principal ops --role admin --subtree "*" --ttl 720h
# for which the database must be in the container's environment, or embedded.
ARG BASE=debian:bookworm
ARG RUNTIME_BASE=debian:bookworm-slim

FROM ${BASE} AS build
COPY deploy/packages /src/deploy/packages
RUN /src/deploy/packages build
COPY . /src
ARG JOBS=
ENV LANG=C.UTF-8 CCACHE_DIR=/ccache CCACHE_BASEDIR=/src CCACHE_NOHASHDIR=true
RUN --mount=type=cache,target=/ccache,id=budget-ccache \
    cd /src \
    && cmake --preset release -DBUDGET_BUILD_TESTS=OFF -DBUDGET_BUILD_BENCH=OFF \
    && cmake --build --preset release --parallel ${JOBS:-$(nproc)} \
         --target budgetd budgetctl \
    && cpack --config build/release/CPackConfig.cmake -B /packages

FROM ${RUNTIME_BASE} AS runtime
# A number of its own, so that Kubernetes can see that it is not root.
RUN groupadd --system --gid 10001 budgetd \
    && useradd --system --uid 10001 --gid 10001 --no-create-home \
         --home-dir /var/lib/budgetd --shell /usr/sbin/nologin budgetd
COPY --from=build /packages/*.deb /tmp/
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends ca-certificates /tmp/*.deb \
    && rm -rf /tmp/*.deb /var/lib/apt/lists/* /var/cache/apt/* /var/log/*
USER 10001:10001
EXPOSE 7443
# The address is within the container; what of it others reach is decided
# outside. It serves with a certificate, or where whoever starts it accepts plain
# text with BUDGETD_INSECURE_LISTEN_ANY=true: forgetting one must not mean that.
# Metrics stay within the container unless BUDGETD_METRICS_LISTEN=0.0.0.0:9464 and
# BUDGETD_INSECURE_METRICS_LISTEN_ANY=true are given.
ENV BUDGETD_LISTEN=0.0.0.0:7443 \
    BUDGETD_DATA_DIR=/var/lib/budgetd/database
STOPSIGNAL SIGTERM
# It speaks plain text; where budgetd has a certificate, give the container
# BUDGETCTL_TLS_CA, BUDGETCTL_TLS_SERVER_NAME and whatever else it asks for.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["budgetctl", "wait-ready", "--timeout", "3s"]
ENTRYPOINT ["budgetd"]

FROM runtime AS embedded
USER root
COPY deploy/packages /tmp/packages
RUN /tmp/packages embedded && rm -rf /tmp/packages /var/lib/apt/lists/*
USER 10001:10001
VOLUME /var/lib/budgetd

FROM runtime
