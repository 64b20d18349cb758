import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { gapsOf } from '../../src/cli/init/gaps.ts';
import { lookAt } from '../../src/cli/init/look.ts';
import { planSources, type PlannedSource } from '../../src/cli/init/plan.ts';
import { configurationText } from '../../src/cli/init/write.ts';
import { loadFrom } from '../../src/cli/settings.ts';
import { sourceFor } from '../../src/config/sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-init-'));
const nginx = '192.0.2.7 - - [10/Oct/2025:13:55:36 +0000] "GET /orders/17 HTTP/1.1" 200 2326 "-" "curl/8.5.0"\n';
const claims = (at: number): string => `${JSON.stringify({
  start_time: `2025-10-10T13:55:${at}.000Z`, method: 'GET', path: '/orders', response_code: 200, bytes_sent: 7, downstream_remote_address: '192.0.2.7:443',
  jwt_payload: { iss: 'https://sso.example.com', sub: 'rates', jti: `t${at}`, exp: 1_760_105_000 },
})}\n`;
let sources: PlannedSource[];
let text: string;

beforeAll(async () => {
  for (const name of ['edge/2025/10', 'edge/2025/11', 'mixed']) mkdirSync(join(folder, name), { recursive: true });
  put('edge/2025/10/a.log', nginx.repeat(3));
  put('edge/2025/11/b.log', nginx);
  put('mixed/gateway-1.json', claims(10));
  put('mixed/gateway-2.json', claims(11) + claims(12));
  put('mixed/old.log', nginx);
  put('mixed/README', 'what this is\n');
  const { looks } = await lookAt([folder]);
  sources = planSources(looks, [folder]);
  text = configurationText(sources, looks, null);
});

test('files become sources by what they carry, as high in the tree as they are alike', () => {
  expect(sources.map(({ name, paths, formats, records }) => [name, paths.map((path) => path.slice(folder.length + 1)), formats, records])).toEqual([
    ['edge', ['edge/*'], ['nginx.access'], 4], ['envoy-access', ['mixed/gateway-*.json'], ['envoy.access'], 3],
    ['old-log', ['mixed/old.log'], ['nginx.access'], 1],
  ]);
});

test('what is written is valid, and every file that was recognised belongs to the source that was made of it', () => {
  const configuration = loadFrom(write(text), {});
  const sourceOf = (path: string): string | null => sourceFor(configuration.sources, join(folder, path)).name;
  expect(['edge/2025/10/a.log', 'edge/2025/11/b.log', 'mixed/gateway-2.json', 'mixed/old.log', 'mixed/README'].map(sourceOf))
    .toEqual(['edge', 'edge', 'envoy-access', 'old-log', null]);
});

test('what it leaves to people is valid too when the comment signs are taken away', () => {
  const settings = text.split('\n').map((line) => line.replace(/^(\s*)# ?(?=\s*(?:- |\w+:(?: [[{\w]|$)))/, '$1')).filter((line) => !/missing:|key|networks: no|identity:/.test(line));
  const configuration = loadFrom(write(settings.join('\n')), {});
  expect(configuration.networks.map(({ name }) => name)).toEqual(['network-1']);
  expect(configuration.sources.map(({ issuers }) => issuers)).toEqual([['https://sso.example.com'], ['https://sso.example.com'], ['https://sso.example.com']]);
  expect(configuration.store.dir).toBe('data');
});

test('it says what cannot be correlated', () => {
  const missing = Object.fromEntries(sources.map((source) => [source.name, gapsOf(source).map(({ trait }) => trait)]));
  expect(missing).toEqual({ 'envoy-access': ['client'], 'old-log': ['token', 'identity', 'verdict'], edge: ['token', 'identity', 'verdict'] });
  expect(text).toContain('4 of 4 uses have no token id');
});

test('names out of a log stay values', () => {
  const hostile = 'https://x.example/"]\n  - name: evil # ';
  const one: PlannedSource = { ...sources[0]!, issuers: [hostile], name: 'yes', paths: ['a "b": *'], topic: 'gateway: [x]' };
  const read = parse(configurationText([one], [], { brokers: ['k:9092'], clientId: 'x' })) as { sources: { name: string; topics: string[] }[] };
  expect(read.sources).toEqual([{ name: 'gateway: [x]', type: 'kafka', topics: ['gateway: [x]'], formats: ['nginx.access'] }]);
});

test('the command writes the file, and never over another without --force', async () => {
  const { register } = await import('../../src/cli/init.ts');
  const { Command } = await import('commander');
  const init = async (...options: string[]): Promise<void> => {
    const program = new Command();
    register(program);
    await program.parseAsync(['node', 'tokenward', 'init', ...options, join(folder, 'edge')]);
  };
  const file = join(mkdtempSync(join(tmpdir(), 'tokenward-init-')), 'tokenward.yaml');
  await init('-o', file);
  expect(loadFrom(file, {}).sources.map(({ name }) => name)).toEqual(['edge']);
  writeFileSync(file, 'mine');
  await expect(init('-o', file)).rejects.toThrow('is there already');
  expect(readFileSync(file, 'utf8')).toBe('mine');
  await init('-o', file, '--force', '--topic', 'edge.access', '--kafka', 'kafka-1:9092,kafka-2:9092');
  expect(loadFrom(file, {}).sources[0]).toMatchObject({ name: 'edge.access', type: 'kafka', topics: ['edge.access'], formats: ['nginx.access'] });
});

const larger = join(import.meta.dirname, '../../../shared/data/invictus-aws');
test.skipIf(!existsSync(larger))('over logs of a real account it finds one source that refuses nothing', async () => {
  const { looks } = await lookAt([larger]);
  const [source, ...others] = planSources(looks, [larger]);
  expect(others).toEqual([]);
  expect(source).toMatchObject({ name: 'invictus-aws', formats: ['aws.cloudtrail'], accounts: ['123837392027'], refused: 0 });
  const configuration = loadFrom(write(configurationText([source!], looks, null)), {});
  expect(configuration.sources.map(({ name }) => name)).toEqual(['invictus-aws']);
});

function put(name: string, content: string): void {
  writeFileSync(join(folder, name), content);
}

function write(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tokenward-init-')), 'tokenward.yaml');
  writeFileSync(file, content);
  return file;
}
