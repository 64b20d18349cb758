import { Command } from 'commander';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { topicsOf } from '../../../src/cli/init/kafka.ts';
import { register } from '../../../src/cli/init.ts';
import { loadFrom } from '../../../src/cli/settings.ts';
import { tryServers } from '../../../src/service/connect.ts';
import { openBench, type Bench } from '../../ingest/kafka/support.ts';
import { kafkaPasswords, type KafkaAddress } from '../../support/servers/kafka.ts';
import { sharedKafka } from '../../support/servers/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-init-kafka-'));
const passwordFile = join(folder, 'password');
writeFileSync(passwordFile, kafkaPasswords['scram-sha-512']);
const use = (second: number): string => JSON.stringify({
  start_time: `2025-10-10T13:55:${second}.000Z`, method: 'GET', path: '/orders', response_code: 200, bytes_sent: 7, downstream_remote_address: '192.0.2.7:443',
  jwt_payload: { iss: 'https://sso.example.com', sub: 'rates', jti: `t${second}`, exp: 1_760_105_000 },
});

let kafka: KafkaAddress;
let bench: Bench;
beforeAll(async () => {
  kafka = await sharedKafka();
  bench = await openBench(kafka.broker);
}, 300_000);
afterAll(() => bench?.end());

/** Answers what it wrote, and what it said. */
async function init(...options: string[]): Promise<{ file: string; said: string }> {
  const file = join(mkdtempSync(join(folder, 'out-')), 'tokenward.yaml');
  const program = new Command();
  register(program.exitOverride());
  const said: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  await program.parseAsync(['node', 'tokenward', 'init', '-o', file, ...options]).finally(() => stderr.mockRestore());
  return { file, said: said.join('') };
}

test('topics are looked at by TLS and SASL, and the configuration that comes of it reaches them', async () => {
  const [gateway, empty] = [await bench.topic(2), await bench.topic()];
  await bench.produce(gateway, Array.from({ length: 30 }, (_, place) => ({ value: use(10 + place), partition: place % 2 })));
  const secured = ['--tls-ca-file', kafka.caFile, '--sasl-mechanism', 'scram-sha-512', '--sasl-username', 'app', '--sasl-password-file', passwordFile];
  const { file, said } = await init('--kafka', kafka.securedBroker, '--topic', `${gateway},${empty}`, ...secured);
  expect(said).toMatch(/envoy\.access/);
  expect(said).toMatch(new RegExp(`No known format in ${empty}`));
  const configuration = loadFrom(file, {});
  expect(configuration.sources).toMatchObject([{ name: gateway, type: 'kafka', topics: [gateway], formats: ['envoy.access'] }]);
  expect(await tryServers(configuration)).toEqual([{ what: `kafka ${kafka.securedBroker}`, problem: null }]);
  expect(readFileSync(file, 'utf8')).not.toContain(kafkaPasswords['scram-sha-512']);
}, 60_000);

const plain = ['--sasl-mechanism', 'plain', '--sasl-username', 'app', '--sasl-password-file', passwordFile];
test.each([
  ['a wrong password', () => ['--kafka', kafka.securedBroker, '--tls-ca-file', kafka.caFile, ...plain], /KafkaJSSASLAuthenticationError/],
  ['no TLS where it is wanted', () => ['--kafka', kafka.securedBroker, '--tls'], /KafkaJS\w+: .*certificate/],
  ['a topic that is not there', () => ['--kafka', kafka.broker], /there is no topic missing/],
  ['a file that is not there', () => ['--kafka', kafka.broker, '--tls-ca-file', '/nowhere'], /\/nowhere cannot be read \(ENOENT\)/],
])('%s: it says so, and writes nothing', async (_, options, message) => {
  const said = await init('--topic', 'missing', ...options()).then(() => 'done', (error: unknown) => error as Error);
  expect(said).toMatchObject({ name: 'UsageError', message: expect.stringMatching(message) });
  expect(existsSync(join(folder, 'tokenward.yaml'))).toBe(false);
}, 60_000);

describe('options', () => {
  test('become a connection', () => {
    expect(topicsOf({})).toBeNull();
    expect(topicsOf({ kafka: 'a:1, b:2', topic: 'x' })).toEqual({ names: ['x'], connection: { brokers: ['a:1', 'b:2'], clientId: 'tokenward' } });
    const { connection } = topicsOf({ kafka: 'a:1', topic: 'x', tls: true, saslMechanism: 'oauthbearer', saslTokenFile: 't' })!;
    expect(connection).toMatchObject({ ssl: {}, sasl: { mechanism: 'oauthbearer', tokenFile: 't' } });
  });

  test.each([
    [{ kafka: 'a:1' }, /belong together/], [{ topic: 'x' }, /belong together/], [{ kafka: 'a:1', topic: ' , ' }, /1 to 20 names/],
    [{ kafka: 'a:1', topic: 'x', saslUsername: 'u' }, /--sasl-mechanism is missing/], [{ kafka: 'a:1', topic: 'x', saslMechanism: 'gssapi' }, /gssapi is not known/],
  ])('%j', (options, message) => {
    expect(() => topicsOf(options)).toThrow(message);
  });
});
