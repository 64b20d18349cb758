import { signal } from '@preact/signals';
import type { Session, Status } from '../../../src/server/api/shapes.ts';
import { RefusedError } from './api.ts';
import type { Connection } from './stream.ts';

export const session = signal<Session | null>(null);
/** Nobody is logged in, and the server wants somebody to be. */
export const needsLogin = signal(false);
export const status = signal<Status | null>(null);
export const connection = signal<Connection>('connecting');
export const nowMs = signal(Date.now());
export const problem = signal<string | null>(null);

/** May whoever is logged in judge alerts? */
export function mayJudge(): boolean {
  return session.value !== null && session.value.role !== 'viewer';
}

/** May whoever is logged in let things be done? The server judges; this only spares buttons that would be refused. */
export function mayDecide(): boolean {
  return session.value !== null && ['responder', 'admin'].includes(session.value.role);
}

/** Refusals whose fixed word would not tell what to do. */
const refusals: Readonly<Record<string, string>> = { api_token: 'who decides must have logged in with the identity provider, not shown an API token' };

/** Does it and says in words why it did not work. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    problem.value = null;
    return true;
  } catch (error) {
    if (error instanceof RefusedError && error.status === 401) return isNotKnown();
    problem.value = error instanceof RefusedError
      ? `Refused: ${refusals[error.message] ?? error.message.replaceAll('_', ' ')}` : 'The server cannot be reached.';
    return false;
  }
}

/** Nobody has shown a token yet: that is no problem, only the first page. A wrong token and a session that is over are. */
export function isNotKnown(): false {
  const isFirst = session.value === null && !needsLogin.value;
  if (!isFirst) problem.value = needsLogin.value ? 'No account has this token.' : 'The session is over: log in again.';
  needsLogin.value = true;
  return false;
}

/** Runs `work` once at a time and leaves `pauseMs` between; what is asked for meanwhile leads to one more run. */
export function refresher(work: () => Promise<unknown>, pauseMs = 0): () => Promise<void> {
  let isAsked = false;
  let running: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    while (isAsked) {
      isAsked = false;
      await work();
      if (pauseMs > 0 && isAsked) await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
    }
  };
  return () => {
    isAsked = true;
    running ??= run().finally(() => { running = null; });
    return running;
  };
}
