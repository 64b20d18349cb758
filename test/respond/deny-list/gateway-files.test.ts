import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request, createServer } from 'node:http';
import { BlockList, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Denial } from '../../../src/model/denial.ts';
import { DenyList, type NewDenial } from '../../../src/respond/deny-list/deny-list.ts';
import { readSigner } from '../../../src/respond/deny-list/document.ts';
import { mapSteps, tablesOf, type GatewayFiles } from '../../../src/respond/deny-list/gateway-files.ts';
import { makeFolder, opened } from '../../store/support.ts';
import { root } from '../../support/source.ts';
import { keyFiles } from '../actions/support.ts';

const keys = keyFiles('ed25519');
const issuer = 'https://login.example';
const denialOf = (intentId: string, part: Partial<Denial> = {}): NewDenial => ({ intentId, by: 'jti', value: `jti-${intentId}`, issuer, keep: null, untilMs: null, ...part });
const keeping = (...networks: string[]) => ({ keep: { networks, workloads: [] } });

function listFor(files: GatewayFiles, now: () => number = Date.now): DenyList {
  const list = new DenyList({ name: 'edge', signer: readSigner(keys.privateFile), store: opened(null).effects.denials, gateways: [], file: null, gatewayFiles: [files], maxEntries: 50, now });
  expect(list.publish()).toBe(true);
  return list;
}
const put = (list: DenyList, denial: NewDenial) => list.handle({ kind: 'put', denial });

describe('tables', () => {
  const entry = (intentId: string, part: Partial<Denial> = {}): Denial => ({ ...denialOf(intentId, part), number: 1 });

  test('a look-up gives the narrowest network, so a wider one that is kept keeps those inside it', () => {
    const { networks, places, tokens } = tablesOf([entry('a', keeping('10.0.0.0/8')), entry('b', keeping('10.20.0.0/16', '2001:db8::/32')), entry('c', keeping('2001:db8:1::/48'))]);
    const [wide, inside, other, insideOther] = ['10.0.0.0/8', '10.20.0.0/16', '2001:db8::/32', '2001:db8:1::/48'];
    expect([...networks]).toEqual([wide, inside, other, insideOther]);
    const key = (name: string, network: string | undefined): string => `jti/${issuer}/jti-${name}/${network}`;
    expect(places).toEqual([key('a', wide), key('a', inside), key('b', inside), key('b', other), key('b', insideOther), key('c', insideOther)]);
    expect(new Set(tokens.values())).toEqual(new Set(['pin']));
  });

  test('a denial outweighs a pin of the same token, in whichever order they came', () => {
    const [pin, deny] = [entry('a', keeping('10.0.0.0/8')), entry('b', { value: 'jti-a' })];
    for (const entries of [[pin, deny], [deny, pin]]) expect([...tablesOf(entries).tokens]).toEqual([[`jti/${issuer}/jti-a`, 'deny']]);
  });
});

test('Envoy refuses who matches a policy; a pinned token goes on from its places; without entries nobody is refused', () => {
  const path = join(makeFolder(), 'deny.json');
  const list = listFor({ format: 'envoy', path });
  type File = { resources: [{ name: string; typed_config: { rules?: { action: string; policies: Record<string, { principals: [{ and_ids: { ids: object[] } }] }> } } }] };
  const read = () => (JSON.parse(readFileSync(path, 'utf8')) as File).resources[0];
  expect(read().typed_config.rules).toBeUndefined();
  put(list, denialOf('a', { issuer: null }));
  put(list, denialOf('b', { ...keeping('10.20.0.0/16'), by: 'client', value: 'export' }));
  const { name, typed_config: { rules } } = read();
  const claim = (key: string, exact: string) => ({ metadata: { filter: 'envoy.filters.http.jwt_authn', path: [{ key: 'payload' }, { key }], value: { string_match: { exact } } } });
  expect([name, rules!.action, Object.keys(rules!.policies)]).toEqual(['tokenward_deny', 'DENY', ['a', 'b']]);
  expect(rules!.policies['a']!.principals[0].and_ids.ids).toEqual([claim('jti', 'jti-a')]);
  const place = { remote_ip: { address_prefix: '10.20.0.0', prefix_len: 16 } };
  expect(rules!.policies['b']!.principals[0].and_ids.ids).toEqual([claim('client_id', 'export'), claim('iss', issuer), { not_id: { or_ids: { ids: [place] } } }]);
});

describe('between two lists', () => {
  const entry = (intentId: string, part: Partial<Denial> = {}): Denial => ({ ...denialOf(intentId, part), number: 1 });
  const addresses = ['10.20.3.4', '10.20.9.9', '10.99.0.1', '192.0.2.1'];
  const kinds = [
    [], [entry('a')], [entry('a', keeping('10.20.0.0/16'))], [entry('a', keeping('10.20.3.0/24'))], [entry('a', keeping('10.0.0.0/8')), entry('b', keeping('10.20.3.0/24'))],
    [entry('b', keeping('10.20.0.0/16')), entry('a', keeping('10.20.3.0/24'))], [entry('a', keeping('10.20.0.0/16')), entry('c', { value: 'jti-a' })],
  ];

  /** As the page's rules decide, over maps as they stand. */
  function refuses(maps: ReadonlyMap<string, string>, token: string, address: string): boolean {
    const values = (name: string): Map<string, string> => new Map((maps.get(name) ?? '').split('\n').map((line) => line.split(' ') as [string, string]));
    const bits = (network: string): number => Number(network.split('/')[1]);
    const key = `jti/${issuer}/jti-${token}`;
    const hit = [...values('networks.map').keys()].filter((network) => network !== '' && isIn(network, address)).sort((a, b) => bits(b) - bits(a))[0] ?? '0';
    const verdict = values('tokens.map').get(key);
    return verdict === 'deny' || verdict === 'pin' && !values('places.map').has(`${key}/${hit}`);
  }
  function isIn(network: string, address: string): boolean {
    const range = new BlockList();
    const [start, bits] = network.split('/') as [string, string];
    range.addSubnet(start, Number(bits));
    return range.check(address);
  }

  test.each(kinds.flatMap((before) => kinds.map((after) => [before, after] as const)))('nobody is let pass or refused whom both do not', (before, after) => {
    const maps = new Map(mapSteps(before, [], 'haproxy').map(({ name, text }) => [name, text] as const));
    const verdicts = (): boolean[] => ['a', 'b'].flatMap((token) => addresses.map((address) => refuses(maps, token, address)));
    const first = verdicts();
    const between = mapSteps(after, before, 'haproxy').map(({ name, text }) => {
      maps.set(name, text);
      return verdicts();
    });
    const last = verdicts();
    for (const moment of between) expect(moment.map((verdict, place) => (first[place] === last[place] ? verdict : last[place]))).toEqual(last);
  });
});

describe('what is written', () => {
  test('maps for nginx, kept up with every change, ended entries left out', () => {
    let nowMs = Date.UTC(2026, 10, 22);
    const path = makeFolder();
    const list = listFor({ format: 'nginx', path }, () => nowMs);
    put(list, denialOf('a', { untilMs: nowMs + 1000 }));
    put(list, denialOf('b', { ...keeping('10.20.0.0/16'), issuer: null }));
    const read = (name: string): string => readFileSync(join(path, name), 'utf8');
    expect(read('tokens.map')).toBe(`"jti/${issuer}/jti-a" deny;\n"jti//jti-b" pin;\n`);
    expect([read('networks.map'), read('places.map')]).toEqual(['10.20.0.0/16 10.20.0.0/16;\n', '"jti//jti-b/10.20.0.0/16" 1;\n']);
    nowMs += 3_600_000;
    list.handle({ kind: 'remove', intentId: 'b' });
    expect([read('tokens.map'), read('networks.map'), read('places.map')]).toEqual(['', '', '']);
  });

  test.each<[string, GatewayFiles['format'], Partial<Denial>]>([
    ['a second line', 'haproxy', { value: 'a\nb' }], ['a space', 'nginx', { value: 'a b' }], ['a quote', 'nginx', { value: 'a";' }], ['an issuer with a brace', 'nginx', { issuer: 'https://a/{}' }],
    ['a pin to workloads alone', 'haproxy', { keep: { networks: [], workloads: ['spiffe://a/b'] } }], ['a digest, which Envoy does not make', 'envoy', { by: 'sha256', value: 'ab'.repeat(32) }],
  ])('what the gateway cannot be told is refused, not left out: %s', (_, format, part) => {
    const folder = makeFolder();
    const list = listFor({ format, path: format === 'envoy' ? join(folder, 'deny.json') : folder });
    expect(put(list, denialOf('a', part))).toEqual({ kind: 'refused', reason: 'not_expressible' });
  });

  test('so it is for gateways that read it elsewhere, where their kind is named', () => {
    const options = { name: 'edge', signer: readSigner(keys.privateFile), store: opened(null).effects.denials, gateways: ['edge-1'], file: null, maxEntries: 5 };
    const digest = denialOf('a', { by: 'sha256', value: 'ab'.repeat(32) });
    expect(put(new DenyList({ ...options, formats: ['haproxy', 'envoy'] }), digest)).toEqual({ kind: 'refused', reason: 'not_expressible' });
    expect(put(new DenyList({ ...options, formats: ['haproxy'] }), digest)).toEqual({ kind: 'put' });
  });

  test('a folder that is not there is told, and the entry is written later', () => {
    const path = join(makeFolder(), 'later');
    const options = { name: 'edge', signer: readSigner(keys.privateFile), store: opened(null).effects.denials, gateways: [], file: null, maxEntries: 5 };
    const list = new DenyList({ ...options, gatewayFiles: [{ format: 'haproxy', path }] });
    expect(put(list, denialOf('a'))).toEqual({ kind: 'unwritten' });
    mkdirSync(path);
    expect([put(list, denialOf('a')), readFileSync(join(path, 'tokens.map'), 'utf8')]).toEqual([{ kind: 'known' }, `jti/${issuer}/jti-a deny\n`]);
  });
});

const haproxy = process.env['HAPROXY'] ?? '/usr/sbin/haproxy';
const hasHaproxy = spawnSync(haproxy, ['-v']).status === 0;

/** A JWT that nobody signed: HAProxy is only asked to read it here. */
const tokenOf = (jti: string): string => `e30.${Buffer.from(JSON.stringify({ jti, iss: issuer })).toString('base64url')}.c2ln`;

/** The page's own lines, between a client and a server that says yes. */
function configurationOf(folder: string, port: number, upstream: number): string {
  const page = readFileSync(join(root, 'docs', 'deny-list.md'), 'utf8');
  const lines = page.split('<!-- haproxy -->\n```\n')[1]!.split('```')[0]!.replaceAll('/etc/haproxy/tokenward', folder);
  return `defaults\n  mode http\n  timeout connect 2s\n  timeout client 5s\n  timeout server 5s\nfrontend gateway\n  bind 127.0.0.1:${port}\n${lines}\n  default_backend app\n`
    + `backend app\n  server one 127.0.0.1:${upstream}\n${page.split('<!-- haproxy running -->\n```\n')[1]!.split('```')[0]!}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function statusOf(port: number, jti: string, localAddress = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, localAddress, agent: false, headers: { authorization: `Bearer ${tokenOf(jti)}` } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

test.skipIf(!hasHaproxy)('a real HAProxy refuses what is denied, lets a pinned token go on from its own places, and forgets what is taken back', async () => {
  const folder = makeFolder();
  const list = listFor({ format: 'haproxy', path: folder });
  put(list, denialOf('stolen'));
  put(list, denialOf('pinned', keeping('127.0.2.0/24')));
  const upstream = createServer((_, answer) => { answer.end(); });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => { upstream.close(); });
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, configurationOf(folder, port, (upstream.address() as AddressInfo).port));
  const start = async (): Promise<() => Promise<void>> => {
    const running = spawn(haproxy, ['-db', '-q', '-f', file], { stdio: 'ignore' });
    const stop = (): Promise<void> => new Promise((resolve) => {
      if (running.exitCode !== null || running.signalCode !== null) return resolve();
      running.once('exit', () => resolve());
      running.kill('SIGKILL');
    });
    onTestFinished(stop);
    for (let tries = 0; tries < 100; tries++) {
      if (await statusOf(port, 'other').catch(() => 0) === 200) return stop;
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    throw new Error('HAProxy did not start');
  };
  const stop = await start();
  expect(await Promise.all([statusOf(port, 'jti-stolen'), statusOf(port, 'jti-other')])).toEqual([401, 200]);
  expect(await Promise.all([statusOf(port, 'jti-pinned', '127.0.2.7'), statusOf(port, 'jti-pinned', '127.0.3.7')])).toEqual([200, 401]);
  list.handle({ kind: 'remove', intentId: 'stolen' });
  await stop();
  await start();
  expect(await Promise.all([statusOf(port, 'jti-stolen'), statusOf(port, 'jti-pinned', '127.0.3.7')])).toEqual([200, 401]);
});
