import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfiguration, type Configuration } from '../../src/config/configuration.ts';
import type { Environment } from '../../src/config/environment.ts';
import { ConfigurationError } from '../../src/config/problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-config-'));
const detectors = [{
  id: 'egress-spike',
  parameters: {
    window: { default: '1h', kind: 'duration', describe: 'Length of a window.' },
    after: { default: 'auto', kind: 'duration-or-auto', describe: 'Silence.' },
    floor: { default: '10MB', kind: 'bytes', describe: 'Least.' },
    factor: { default: 4, kind: 'number', describe: 'Times.' },
  },
}] as const;
const formats = [{ id: 'aws.cloudtrail' }, { id: 'vault.audit' }];

let files = 0;
function load(text: string | null, environment: Environment = {}): Configuration {
  const file = text === null ? null : join(folder, `${files++}.yaml`);
  if (file !== null) writeFileSync(file, text!);
  return loadConfiguration({ file, environment, detectors, formats });
}

/** Problems as text, the folder's name cut off. */
function problems(text: string | null, environment: Environment = {}): string[] {
  try {
    load(text, environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^.*\/\d+\.yaml/, 'f'));
  }
  return [];
}

describe('what is valid', () => {
  test('nothing at all gives the defaults', () => {
    const configuration = load(null);
    expect(configuration).toMatchObject({ file: null, sources: [], networks: [], store: { dir: null }, identity: { fingerprintKeyFile: null } });
    expect(configuration.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('an empty file and keys without a value are as good as absent', () => {
    expect(load('').hash).toBe(load(null).hash);
    expect(load('# nothing yet\nsources:\nstore:\n').hash).toBe(load(null).hash);
  });

  test('a source is completed with the defaults that formats rely on', () => {
    const [source] = load('sources:\n  - name: trail\n    formats: [aws.cloudtrail]\n    trusted_proxies: [loopback, link_local, 10.0.0.0/8]\n    mapping: { client: cid, sub: [jwt, sub] }\n').sources;
    expect(source).toEqual({
      type: 'file', topics: [], credentialsFile: null, paths: [], formats: ['aws.cloudtrail'], name: 'trail', issuers: [], accounts: [], vantage: null, internal: false, timezone: 'UTC',
      validationCacheMs: null, trustedProxies: ['loopback', 'linkLocal', '10.0.0.0/8'], ownHops: 1, refusesAnonymous: false, mapping: { client: ['cid'], sub: ['jwt', 'sub'] },
    });
  });

  test('the inventory is completed too', () => {
    expect(load('inventory: [{ match: { client: rates }, workload: spiffe://example.org/rates }]').inventory).toEqual([
      { match: { client: 'rates' }, workload: 'spiffe://example.org/rates', kind: null, owner: null },
    ]);
  });

  test('baits stand in the inventory, and its dates become times', () => {
    const { inventory } = load('honeytokens: [{ name: wiki, handle: AKIA1 }]\ninventory: [{ match: { client: old }, retired: 2026-03-01, owner_left: 2026-04-01 }]');
    expect(inventory).toEqual([
      { match: { client: 'old' }, workload: null, kind: null, owner: null, retiredMs: Date.UTC(2026, 2, 1), ownerLeftMs: Date.UTC(2026, 3, 1) },
      { match: { handle: 'AKIA1' }, workload: null, kind: null, owner: null, honeytoken: 'wiki' },
    ]);
    expect(() => load('honeytokens: [{ name: wiki }]')).toThrow('at least one of handle, fingerprint, client');
  });

  test('the hash follows the meaning, not the writing', () => {
    const one = load('store: { dir: d }\nnetworks: [{ name: a, cidrs: [10.0.0.0/8] }]\n');
    const other = load('networks:\n  - cidrs: ["10.0.0.0/8"]\n    name: a\n    class: private\nstore:\n  dir: "d"\n');
    expect(other.hash).toBe(one.hash);
    expect(load('store: { dir: e }').hash).not.toBe(load('store: { dir: d }').hash);
  });
});

describe('what is wrong', () => {
  test('every problem at once, with line, column and hint', () => {
    const text = 'sources:\n  - nam: a\n    timezone: Mars/Base\n    own_hops: -1\ndetectors:\n  egress-spike:\n    window: 10\n    floor: lots\n  egres-spike: {}\nstroe: {}\n';
    expect(problems(text)).toEqual([
      'f:2:5: "name" is missing', '  hint: name: a text',
      'f:2:5: unknown key "nam"', '  hint: did you mean "name"?',
      'f:3:15: expected a time zone such as UTC or Europe/Berlin, found "Mars/Base"',
      'f:4:15: expected a whole number from 0 to 16, found "-1"',
      'f:7:13: expected a duration such as 10m or 30d, or 0, found "10"', '  hint: write the unit too: 10s, 10m, 10h or 10d',
      'f:8:12: expected a size such as 10MB or 1GiB, found "lots"',
      'f:9:3: unknown key "egres-spike"', '  hint: did you mean "egress-spike"?',
      'f:10:1: unknown key "stroe"', '  hint: did you mean "store"?',
    ]);
  });

  test('what nothing reads yet is not silently accepted; a wrong type has a suggestion', () => {
    expect(problems('sources: [{ name: a, sampling: 10 }]')[1]).toContain('not available in this version');
    expect(problems('sources: [{ name: a, type: fil }]')).toEqual(['f:1:28: expected one of file, stdin, kafka, http, found "fil"', '  hint: did you mean "file"?']);
  });

  test('a live source says what it carries, and whence', () => {
    const found = problems('kafka: { brokers: ["b:9092"] }\nsources: [{ name: a, type: kafka }, { name: b, type: http, formats: [ecs] }]').join('\n');
    expect(found).toContain('source "a" needs "formats"');
    expect(found).toContain('source "a" needs "topics"');
    expect(found).toContain('source "b" needs "credentials_file"');
  });

  test('a source or sink of type kafka needs to know the cluster', () => {
    expect(problems('sinks: [{ name: a, type: kafka }]').join('\n')).toContain('needs "kafka"');
  });

  test('two sinks of one name, a sink without its file', () => {
    const found = problems('sinks: [{ name: a, type: stdout }, { name: a, type: webhook, url: "https://a.example", secret_file: none.key }]').join('\n');
    expect(found).toContain('"a" is used twice');
    expect(found).toContain('none.key');
  });

  test.each([
    ['networks: [{ name: a, cidrs: [10.0.0.0/33] }]', 'expected a network such as'],
    ['networks: [{ name: a, cidrs: [10.0.0.1] }]', 'expected a network such as'],
    ['networks: [{ name: a, cidrs: [] }]', 'expected a list of networks'],
    ['sources: [{ name: a, trusted_proxies: [lan] }]', 'one of loopback, private'],
    ['sources: [{ name: a, formats: [aws.cloudtrial] }]', 'unknown format "aws.cloudtrial"'],
    ['sources: [{ name: a, paths: [x] }, { name: a, paths: [y] }]', '"a" is used twice'],
    ['sources: [{ name: a, paths: [x] }, { name: b }]', 'source "b" needs "paths"'],
    ['inventory: [{ match: {}, owner: me }]', 'expected at least one of identity, handle, client, federation, found a map'],
    ['inventory: [{ owner: me }]', '"match" is missing'],
    ['sources: 7', 'expected a list of sources, found "7"'],
    ['- a', 'expected keys and values, found a list'],
    ['store: { dir: a\n', 'f:'],
    ['store: { dir: a }\nstore: { dir: b }', 'f:2:1: Map keys must be unique'],
    ['__proto__: { polluted: true }', 'unknown key "__proto__"'],
    ['a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]', 'f:1:1: Excessive alias count'],
  ])('%j', (text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('a file that is not there, and one that is no text', () => {
    expect(() => loadConfiguration({ file: join(folder, 'none.yaml'), environment: {}, detectors })).toThrow('no such file');
    const file = join(folder, 'latin.yaml');
    writeFileSync(file, Buffer.from([0x61, 0x3a, 0x20, 0xff]));
    expect(() => loadConfiguration({ file, environment: {}, detectors })).toThrow('not UTF-8');
  });
});

describe('files that are named', () => {
  const key = join(folder, 'key');
  const text = `identity: { fingerprint_key_file: ${key} }`;

  test('a key file of 32 bytes for its owner alone is accepted', () => {
    writeFileSync(key, Buffer.alloc(32, 7), { mode: 0o600 });
    expect(load(text).identity.fingerprintKeyFile).toBe(key);
  });

  test('a short one, one for everybody, and none are not', () => {
    writeFileSync(key, Buffer.alloc(31, 7));
    expect(problems(text).join()).toContain('holds 31 bytes, 32 are needed');
    writeFileSync(key, Buffer.alloc(32, 7));
    chmodSync(key, 0o644);
    expect(problems(text).join()).toContain('chmod 600');
    expect(problems('identity:\n  fingerprint_key_file: /nowhere/at-all')[0]).toBe('f:2:25: file "/nowhere/at-all" does not exist');
    expect(problems(`identity: { fingerprint_key_file: ${folder} }`)[0]).toContain('is no file');
  });

  test('a database must end like one', () => {
    const database = join(folder, 'a.mmdb');
    writeFileSync(database, 'text');
    expect(problems(`intel: { asn_mmdb: ${database} }`)[0]).toContain('is no MaxMind database');
    writeFileSync(database, Buffer.from('tree\xab\xcd\xefMaxMind.com{}', 'latin1'));
    expect(load(`intel: { asn_mmdb: ${database} }`).intel.asnMmdb).toBe(database);
  });
});

describe('environment', () => {
  test('sets and overrides, also within lists and for detectors', () => {
    const configuration = load('store: { dir: a }\nsources: [{ name: one }]', {
      TOKENWARD_STORE__DIR: 'b', TOKENWARD_SOURCES__0__TIMEZONE: 'Europe/Berlin', TOKENWARD_DETECTORS__EGRESS_SPIKE__FACTOR: '9',
      TOKENWARD_DEBUG: '1', PATH: 'x',
    });
    expect(configuration.store.dir).toBe('b');
    expect(configuration.sources[0]).toMatchObject({ name: 'one', timezone: 'Europe/Berlin' });
    expect(configuration.detectors['egress-spike']).toEqual({ factor: 9 });
  });

  test('problems name the variable', () => {
    expect(problems(null, { TOKENWARD_STROE__DIR: 'b' })).toEqual(['TOKENWARD_STROE__DIR: unknown key "stroe"', '  hint: did you mean "store"?']);
    expect(problems('store: { dir: a }', { TOKENWARD_SOURCES__0__OWN_HOPS: '99' })).toEqual([
      'TOKENWARD_SOURCES__0__OWN_HOPS: "name" is missing', '  hint: name: a text',
      'TOKENWARD_SOURCES__0__OWN_HOPS: expected a whole number from 0 to 16, found "99"',
    ]);
    expect(problems('store: { dir: a }', { TOKENWARD_STORE__DIR__X: 'b' })[0]).toBe('TOKENWARD_STORE__DIR__X: leads to no setting');
    expect(problems(null, { TOKENWARD_SOURCES__7__NAME: 'b' })[0]).toBe('TOKENWARD_SOURCES__7__NAME: leads to no setting');
    expect(problems(null, { TOKENWARD_CONSTRUCTOR__PROTOTYPE__X: '1' })[0]).toContain('unknown key "constructor"');
  });
});
