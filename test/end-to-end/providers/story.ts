import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { AlertSummary, IntentView } from '../../../src/server/api/shapes.ts';
import { ServiceProcess } from '../service/child.ts';

const hourMs = 3_600_000;
/** Where it is plainly not the owner who calls. */
export const thief = { from: '203.0.113.66', agent: 'curl/8.9' };

/** The service over logs that a real server writes meanwhile, with one step that a person approves, and with one thief in a network of his own. */
export class Story {
  readonly folder = mkdtempSync(join(tmpdir(), 'tokenward-story-'));
  readonly #person = randomBytes(24).toString('base64url');
  #service: ServiceProcess | null = null;

  /** A file in the story's folder; its path. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** Starts the service; resolves when it has read what is there. */
  async begin({ source, action, match }: { readonly source: object; readonly action: object; readonly match: object }): Promise<void> {
    const accounts = this.file('accounts', `rosa responder ${createHash('sha256').update(this.#person).digest('hex')}\n`);
    const settings = this.file('tokenward.yaml', JSON.stringify({
      sources: [source], networks: [{ name: 'a commercial VPN', cidrs: ['203.0.113.0/24'], class: 'vpn' }],
      policy: [{ name: 'stolen-token', match, mode: 'approve', plan: [{ do: 'revoke', by: 'action' }] }],
      respond: { actions: [{ name: 'action', allow_private: true, ...action }], max_dependents: 5 },
      server: { listen: '127.0.0.1:0', accounts_file: accounts }, store: { dir: join(this.folder, 'data') },
    }));
    const service = this.#service = new ServiceProcess(settings, this.folder, { untouched: true });
    await service.until('the past is read', () => this.hasRead());
  }

  async hasRead(): Promise<boolean> {
    return (await this.#service!.ready()).sources.every(({ lagRecords }) => lagRecords === 0);
  }

  async #ask<T>(path: string, method = 'GET'): Promise<T> {
    return await (await fetch(await this.#service!.address() + path, { method, headers: { authorization: `Bearer ${this.#person}` } })).json() as T;
  }

  async #revocation(): Promise<IntentView | undefined> {
    return (await this.#ask<{ intents: readonly IntentView[] }>('/api/intents')).intents.find(({ kind }) => kind === 'revoke');
  }

  async #comesTo(state: string): Promise<void> {
    await expect.poll(async () => (await this.#revocation())?.state, { timeout: 30_000 }).toBe(state);
  }

  /** The theft is found, what is proposed is approved, and it is proven that it took effect. */
  async isStopped(): Promise<void> {
    await this.#comesTo('waiting_approval');
    await this.#ask(`/api/intents/${(await this.#revocation())!.id}/approve`, 'POST');
    await this.#comesTo('verified');
  }

  /** What others did with our own credential: severity and network. */
  async misuses(): Promise<readonly (readonly unknown[])[]> {
    const { alerts } = await this.#ask<{ alerts: readonly AlertSummary[] }>('/api/alerts');
    return alerts.filter(({ detector }) => detector === 'own-credential-misuse').map(({ severity, network }) => [severity, network?.block]);
  }

  async end(): Promise<void> {
    if (this.#service?.hasEnded === false) await this.#service.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Four weeks of calls like one that a real server logged, up to an hour ago. `at`: the lines of one, at another time. */
export function fourWeeks(at: (time: string) => readonly object[]): string {
  const lines: string[] = [];
  for (let timeMs = Date.now() - 28 * 24 * hourMs; timeMs < Date.now() - hourMs; timeMs += 4 * hourMs) {
    lines.push(...at(new Date(timeMs).toISOString().replace('Z', '000Z')).map((line) => JSON.stringify(line)));
  }
  return `${lines.join('\n')}\n`;
}
