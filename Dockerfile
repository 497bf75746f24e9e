# The front end, built with Node and not part of the image.
FROM node:20-bookworm-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend/ ./
RUN node build.mjs

# The program: one static binary.
FROM golang:1.26-bookworm AS program
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=frontend /src/frontend/assets/dist frontend/assets/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /leerkring ./cmd/leerkring \
 && mkdir /data

# Nothing but the binary, certificates, and a folder to write in. It runs as a
# user without rights and with a read-only file system; only /data is written.
FROM scratch
COPY --from=program /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=program /leerkring /leerkring
COPY --from=program --chown=65532:65532 /data /data
ENV LEERKRING_ADDR=0.0.0.0:8080 LEERKRING_DATA=/data
USER 65532:65532
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/leerkring"]
CMD ["serve"]
