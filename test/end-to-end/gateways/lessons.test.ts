import { appendFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { DenyList } from '../../../src/respond/deny-list/deny-list.ts';
import { readSigner } from '../../../src/respond/deny-list/document.ts';
import { replaceFile } from '../../../src/respond/deny-list/write-file.ts';
import { keyFiles } from '../../respond/actions/support.ts';
import { opened } from '../../store/support.ts';
import { download, Issuer, slowBytes, startGateways, startService, statusOf, type Minted } from '../../support/real-gateway.ts';
import { startEnvoy, type Envoy } from '../../support/servers/envoy.ts';
import type { Haproxy } from '../../support/servers/haproxy.ts';
import type { Nginx } from '../../support/servers/nginx.ts';

// What the real gateways taught: each of these would let a thief go on, or the owner down, behind a report of success.

const issuer = new Issuer();
const limits = { interval: 20, timeout: 10_000 };
let service: Server;
let haproxy: Haproxy;
let envoy: Envoy;
let nginx: Nginx;

beforeAll(async () => {
  const started = await startService();
  service = started.server;
  ({ haproxy, envoy, nginx } = await startGateways(issuer, started.port));
}, 10 * 60_000);
afterAll(async () => {
  await Promise.all([haproxy, envoy, nginx].map((gateway) => gateway?.stop()));
  service?.close();
});

const keyOf = ({ jti }: Minted): string => `jti/${issuer.name}/${jti}`;

describe('HAProxy', () => {
  test('forgets at a restart what was only said on its socket, unless the map is written as well', async () => {
    const token = issuer.mint('export');
    await haproxy.deny(token.jti);
    expect(await statusOf(haproxy.port, token.text)).toBe(401);
    await haproxy.kill();
    await haproxy.restart();
    expect(await statusOf(haproxy.port, token.text)).toBe(200);
    writeFileSync(join(haproxy.maps, 'tokens.map'), `${keyOf(token)} deny\n`);
    await haproxy.kill();
    await haproxy.restart();
    expect(await statusOf(haproxy.port, token.text)).toBe(401);
  });

  test('a key that stands twice keeps its first value: a pin must go before a denial comes', async () => {
    const token = issuer.mint('export');
    const map = join(haproxy.maps, 'tokens.map');
    await haproxy.command(`add map ${map} ${keyOf(token)} pin`);
    await haproxy.command(`add map ${map} ${keyOf(token)} deny`);
    expect(await haproxy.command(`get map ${map} ${keyOf(token)}`)).toContain('value="pin"');
  });

  test('a download that has begun goes on to its end after the denial, unless its session is cut', async () => {
    const token = issuer.mint('export');
    const [left, cut] = [await download(haproxy.port, token.text), await download(haproxy.port, token.text)];
    await haproxy.deny(token.jti);
    expect(await statusOf(haproxy.port, token.text)).toBe(401);
    const sessions = (await haproxy.command('show sess')).split('\n').filter((line) => line.includes('fe=gateway')).map((line) => line.split(':')[0]!);
    // The newest comes first.
    await haproxy.command(`shutdown session ${sessions[0]}`);
    expect(await left.whole).toEqual({ status: 200, bytes: slowBytes, isWhole: true });
    expect(await cut.whole).toMatchObject({ isWhole: false });
  });
});

describe('Envoy', () => {
  test('a download that has begun goes on to its end after the denial', async () => {
    const token = issuer.mint('export');
    const { whole } = await download(envoy.port, token.text);
    envoy.deny([token.jti]);
    await expect.poll(() => statusOf(envoy.port, token.text), limits).toBe(403);
    expect(await whole).toEqual({ status: 200, bytes: slowBytes, isWhole: true });
  });

  test('what can be had: no download lasts longer than the longest that is allowed, anybody\'s', async () => {
    const { port } = service.address() as AddressInfo;
    const short = await startEnvoy({ issuer: issuer.name, jwks: issuer.jwks, upstream: port, longest: '1s' });
    onTestFinished(() => short.stop());
    const { whole } = await download(short.port, issuer.mint('export').text);
    expect(await whole).toMatchObject({ status: 200, isWhole: false });
  });

  test('keeps the last good list where the new one is broken, and counts that', async () => {
    const token = issuer.mint('export');
    envoy.deny([token.jti]);
    await expect.poll(() => statusOf(envoy.port, token.text), limits).toBe(403);
    replaceFile(envoy.list, '{"resources": [');
    const failures = async (): Promise<number> => Object.entries(await envoy.counters('extension_config_discovery.'))
      .filter(([name]) => /update_(?:failure|rejected)$/.test(name)).reduce((sum, [, value]) => sum + value, 0);
    await expect.poll(failures, limits).toBeGreaterThan(0);
    expect(await statusOf(envoy.port, token.text)).toBe(403);
  });

  test('tries every entry on every request: what has ended leaves the list, and a full one refuses instead of growing', async () => {
    let nowMs = Date.now();
    const list = new DenyList({
      name: 'edge', signer: readSigner(keyFiles('ed25519').privateFile), store: opened(null).effects.denials, gateways: [], file: null,
      gatewayFiles: [{ format: 'envoy', path: envoy.list }], maxEntries: 3, now: () => nowMs,
    });
    const put = (token: Minted) => list.handle({
      kind: 'put', denial: { intentId: token.jti, by: 'jti', value: token.jti, issuer: issuer.name, keep: null, untilMs: token.expiresAtMs },
    }).kind;
    const short = [issuer.mint('a'), issuer.mint('b')];
    const [lasting, further] = [issuer.mint('c', { lastsMs: 86_400_000 }), issuer.mint('d', { lastsMs: 86_400_000 })];
    expect([...short, lasting, further].map(put)).toEqual(['put', 'put', 'put', 'refused']);
    await expect.poll(() => envoy.denied(), limits).toEqual([...short, lasting].map(({ jti }) => jti).sort());
    nowMs += 2 * 3_600_000;
    expect(put(further)).toBe('put');
    await expect.poll(() => envoy.denied(), limits).toEqual([lasting, further].map(({ jti }) => jti).sort());
    expect(await Promise.all([lasting, further].map(({ text }) => statusOf(envoy.port, text)))).toEqual([403, 403]);
  });
});

describe('nginx', () => {
  test('a download that has begun goes on to its end after the denial', async () => {
    const token = issuer.mint('export');
    const { whole } = await download(nginx.port, token.text);
    writeFileSync(join(nginx.maps, 'tokens.map'), `"${keyOf(token)}" deny;\n`);
    await nginx.reload();
    expect(await statusOf(nginx.port, token.text)).toBe(401);
    expect(await whole).toEqual({ status: 200, bytes: slowBytes, isWhole: true });
  });

  test('keeps what it has where a map is broken, and says so in its error log alone', async () => {
    const token = issuer.mint('export');
    const map = join(nginx.maps, 'tokens.map');
    writeFileSync(map, `"${keyOf(token)}" deny;\n`);
    await nginx.reload();
    expect(await statusOf(nginx.port, token.text)).toBe(401);
    const other = issuer.mint('export');
    appendFileSync(map, `"${keyOf(other)} deny;\n`);
    await expect(nginx.reload()).rejects.toThrow('keeps the configuration');
    expect([await statusOf(nginx.port, token.text), await statusOf(nginx.port, other.text)]).toEqual([401, 200]);
  });
});
