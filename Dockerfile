# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY node-runtime node-runtime
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run -s build && npm pack --silent --ignore-scripts --pack-destination /

FROM node:24-bookworm-slim AS install
WORKDIR /app
COPY --from=build /tokenward-*.tgz /tmp/tokenward.tgz
RUN npm install --omit=dev --ignore-scripts --no-audit --no-fund /tmp/tokenward.tgz

FROM node:24-bookworm-slim
ENV NODE_ENV=production TOKENWARD_STORE__DIR=/var/lib/tokenward
COPY --from=install /app /app
# Only this folder is written to: the rest may be mounted read-only.
RUN install -d -o node -g node -m 700 /var/lib/tokenward
USER node
WORKDIR /etc/tokenward
VOLUME /var/lib/tokenward
EXPOSE 7317
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:7317/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/node_modules/tokenward/dist/src/main.js"]
CMD ["run", "--config", "/etc/tokenward/tokenward.yaml"]
