# Two stages: everything that builds, then only what runs. The result serves
# gRPC on 7443 and, without a database URL, keeps a database under /data. Who
# calls must show a token; the first one is made inside the container by
#   budgetd token create --data-dir /data/budget --principal ops --role admin
#     --subtree "*"
FROM debian:bookworm AS build
COPY deploy/packages /src/deploy/packages
RUN /src/deploy/packages build
COPY . /src
RUN cd /src \
    && cmake --preset release -DBUDGET_BUILD_TESTS=OFF \
    && cmake --build --preset release --parallel --target budgetd budgetctl \
    && strip build/release/bin/budgetd build/release/bin/budgetctl

FROM debian:bookworm-slim
COPY deploy/packages /tmp/packages
RUN /tmp/packages run && rm -rf /tmp/packages /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home budget
COPY --from=build /src/build/release/bin/budgetd \
  /src/build/release/bin/budgetctl /usr/local/bin/
USER budget
VOLUME /data
EXPOSE 7443
ENTRYPOINT ["budgetd"]
CMD ["--listen", "0.0.0.0:7443", "--insecure-listen-any", "--data-dir", "/data/budget"]
