/**
 * Preloaded into `tokenward run`: the process kills itself when it passes a named point. What to do stands in the query of this
 * module's own URL, so that nothing in the program knows of it.
 */
import { subscribe } from 'node:diagnostics_channel';
import { isMainThread } from 'node:worker_threads';
import type { EffectsBatch } from '../../../src/store/port.ts';

const wanted = new URL(import.meta.url).searchParams.get('point');

/** `KIND STATE`: the intent's new state is durable, and nothing else has happened since. */
export type KillPoint = 'alert' | 'revoke is done, nobody knows' | `${'pin' | 'deny' | 'revoke'} ${'ready' | 'sending' | 'accepted' | 'verified'}`;

function pass(point: string): void {
  if (point === wanted) process.kill(process.pid, 'SIGKILL');
}

if (isMainThread && wanted !== null) {
  const { SqliteEffects } = await import('../../../src/store/effects.ts');
  const { commit, transact } = SqliteEffects.prototype;
  SqliteEffects.prototype.commit = function commitAndPass(batch): void {
    commit.call(this, batch);
    if (batch.alerts.length > 0) pass('alert');
  };
  SqliteEffects.prototype.transact = function transactAndPass(work): void {
    let written: readonly string[] = [];
    transact.call(this, () => {
      const batch: Partial<EffectsBatch> | null = work();
      written = (batch?.intents ?? []).map(({ kind, state }) => `${kind} ${state}`);
      return batch;
    });
    written.forEach(pass);
  };
  subscribe('http.client.response.finish', (message) => {
    const { request } = message as { readonly request: { readonly path: string } };
    if (request.path === '/revoke') pass('revoke is done, nobody knows');
  });
}
