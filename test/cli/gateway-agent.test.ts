import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DenyList } from '../../src/respond/deny-list/deny-list.ts';
import { readSigner } from '../../src/respond/deny-list/document.ts';
import { keyFiles } from '../respond/actions/support.ts';
import { makeFolder, opened } from '../store/support.ts';
import { root } from '../support/source.ts';

const keys = keyFiles('ed25519');
const command = [join(root, 'src/main.ts'), 'gateway-agent'];

function configured(change: object = {}): { readonly folder: string; readonly file: string } {
  const folder = makeFolder();
  writeFileSync(join(folder, 'token'), 'edge-token');
  const settings = {
    list: 'http://127.0.0.1:1/deny-lists/edge', token_file: join(folder, 'token'), public_key_file: keys.publicFile, keep: join(folder, 'edge.jws'), every: '100ms',
    envoy: [{ file: join(folder, 'deny.json'), admin: 'http://127.0.0.1:1' }], ...change,
  };
  writeFileSync(join(folder, 'agent.yaml'), JSON.stringify(settings));
  return { folder, file: join(folder, 'agent.yaml') };
}

test.each([
  ['in order', {}, 0, /^$/], ['a key of another kind', { public_key_file: keyFiles('x25519').publicFile }, 1, /holds no Ed25519 public key/],
  ['no URL', { list: 'edge' }, 1, /the URL of the list is no URL/], ['a wrong setting', { every: 'often' }, 2, /expected a duration/],
])('--check: %s', (_, change, code, said) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, '--config', configured(change).file, '--check'], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([code, '']);
  expect(stderr).toMatch(said);
});

test('it writes the list, says so, and ends when it is told to; the token is in no line', async () => {
  const list = new DenyList({ name: 'edge', signer: readSigner(keys.privateFile), store: opened(null).effects.denials, gateways: ['edge-1'], file: null, maxEntries: 5 });
  list.handle({ kind: 'put', denial: { intentId: 'a', by: 'jti', value: randomBytes(8).toString('hex'), issuer: null, keep: null, untilMs: null } });
  const said: string[] = [];
  let file = '';
  const deny = (): string => join(dirname(file), 'deny.json');
  const server = createServer((request, response) => {
    // Envoy's own, which has taken what stands in the file.
    if (request.url!.startsWith('/config_dump')) {
      const { version_info: version } = JSON.parse(readFileSync(deny(), 'utf8')) as { version_info: string };
      return void response.end(JSON.stringify({ configs: [{ version_info: version }] }));
    }
    said.push(`${request.headers.authorization} ${new URL(request.url!, 'http://x').searchParams.get('in_force')}`);
    response.writeHead(200, { etag: list.current().etag }).end(list.current().body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { folder, file: settings } = configured({ list: `${url}/deny-lists/edge` });
  file = settings;
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')) as object, envoy: [{ file: deny(), admin: url }] }));
  const agent = spawn(process.execPath, [...command, '--config', file]);
  let log = '';
  agent.stderr.on('data', (part: Buffer) => { log += part.toString(); });
  const ended = new Promise<number | null>((resolve) => agent.on('exit', resolve));
  await expect.poll(() => said.includes(`Bearer edge-token ${list.current().number}`), { timeout: 30_000 }).toBe(true);
  agent.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect([existsSync(join(folder, 'edge.jws')), Object.keys(policiesIn(join(folder, 'deny.json')))]).toEqual([true, ['a']]);
  expect(log.trim().split('\n').map((line) => (JSON.parse(line) as { 'event.action': string })['event.action'])).toEqual(['list_in_force']);
  expect(log).not.toContain('edge-token');
}, 60_000);

function policiesIn(file: string): object {
  const { resources } = JSON.parse(readFileSync(file, 'utf8')) as { resources: [{ typed_config: { rules: { policies: object } } }] };
  return resources[0].typed_config.rules.policies;
}
