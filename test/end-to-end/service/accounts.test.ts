import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../../src/store/open.ts';
import { read, ticketFor, type Reading } from '../../server/live-support.ts';
import { root } from '../../support/source.ts';
import { temporaryFolder } from '../support.ts';

const line = (name: string, role: string, token = name): string => `${name} ${role} ${createHash('sha256').update(token).digest('hex')}\n`;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

interface Said { readonly message: string; readonly 'event.action': string; readonly tokenward?: { readonly port?: number; readonly reason?: string } }

/** The service as a process of its own, and what it says. */
class Life {
  readonly said: Said[] = [];
  readonly #child: ChildProcess;
  #heard = (): void => undefined;

  constructor(folder: string) {
    this.#child = spawn(process.execPath, [join(root, 'src/main.ts'), 'run', '-c', join(folder, 'tokenward.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
    createInterface(this.#child.stderr!).on('line', (text) => {
      this.said.push(JSON.parse(text) as Said);
      this.#heard();
    });
    onTestFinished(() => { this.#child.kill('SIGKILL'); });
  }

  async heard(fits: (said: Said) => boolean, from = 0): Promise<Said> {
    for (;;) {
      const found = this.said.slice(from).find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => { this.#heard = resolve; });
    }
  }

  /** Has it read its files again, and answers what it said of that. */
  async reload(): Promise<Said> {
    const { length } = this.said;
    this.#child.kill('SIGHUP');
    return this.heard((said) => said['event.action'] === 'reload', length);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}

const isOpen = ({ socket }: Reading): boolean => socket.readyState === socket.OPEN;

test('on SIGHUP accounts are read again: who is gone, or has another role or token, loses sessions and streams; a bad file changes nothing', async () => {
  const folder = temporaryFolder();
  const accounts = join(folder, 'accounts');
  writeFileSync(accounts, line('ann', 'admin') + line('ben', 'viewer') + line('cid', 'viewer') + line('dan', 'viewer'));
  writeFileSync(join(folder, 'tokenward.yaml'), `server: { listen: 127.0.0.1:0, accounts_file: ${accounts} }\nstore: { dir: ${join(folder, 'data')} }\n`);
  const life = new Life(folder);
  const { tokenward } = await life.heard((said) => said['event.action'] === 'listening');
  const url = `http://127.0.0.1:${tokenward!.port}`;
  const status = async (headers: Record<string, string>): Promise<number> => (await fetch(`${url}/api/status`, { headers })).status;

  const login = await fetch(`${url}/api/session`, { method: 'POST', body: '{"token":"ben"}', headers: { 'content-type': 'application/json' } });
  const browser = { cookie: login.headers.getSetCookie()[0]!.split(';')[0]!, 'x-csrf-token': (await login.json() as { csrf: string }).csrf, origin: url };
  const [ann, ben, cid, dan] = [
    await read(url, '/ws', bearer('ann')), await read(url, `/ws?ticket=${await ticketFor(url, browser)}`, { origin: url }), await read(url, '/ws', bearer('cid')),
    await read(url, '/ws', bearer('dan')),
  ];

  writeFileSync(accounts, 'ann superuser 1234\n');
  expect(await life.reload()).toMatchObject({ 'log.level': 'error', 'error.type': 'CredentialsError', tokenward: { reason: expect.stringMatching(/entry 1 is none/) } });
  expect([ann, ben, cid, dan].map(isOpen)).toEqual([true, true, true, true]);
  expect(await status(bearer('ann'))).toBe(200);

  writeFileSync(accounts, line('ann', 'viewer') + line('cid', 'viewer') + line('dan', 'viewer', 'dan-2') + line('eve', 'analyst'));
  expect(await life.reload()).toMatchObject({ 'log.level': 'info' });
  expect(await Promise.all([ann.closed, ben.closed, dan.closed])).toEqual([1008, 1008, 1008]);
  expect(isOpen(cid)).toBe(true);
  expect(await Promise.all([bearer('ann'), browser, bearer('cid'), bearer('dan'), bearer('dan-2'), bearer('eve')].map(status))).toEqual([200, 401, 200, 401, 200, 200]);
  await life.stop();

  const store = openStore(join(folder, 'data'), { readOnly: true });
  const notes = [...store.effects.responses.auditRows()].map(({ note }) => JSON.parse(note) as { kind: string; detail: object });
  await store.close();
  expect(notes.filter(({ kind }) => kind === 'accounts.reloaded').map(({ detail }) => detail)).toEqual([{ added: 'ann viewer, eve analyst', removed: 'ann admin, ben viewer' }]);
}, 60_000);
