import { RefusedError } from './api.ts';
import { ask } from './dialog.tsx';
import { attempt } from './state.ts';

/** What somebody was about to decide. */
export type Wanted = { readonly what: 'approve' | 'reject' | 'undo'; readonly intentId: string } | { readonly what: 'kill_switch' };

/** Where somebody was when they left for the identity provider, and what they were about to decide there. */
export interface Interrupted { readonly address: string; readonly wanted: Wanted | null }

const key = 'before-login';

/** Of this tab only, and until it is read. Nothing in it is sent: it says which question to ask again. */
export function rememberPlace(wanted: Wanted | null = null): void {
  sessionStorage.setItem(key, JSON.stringify({ address: location.hash, wanted } satisfies Interrupted));
}

/** What was remembered, once. */
export function takePlace(): Interrupted | null {
  const text = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  return text === null ? null : JSON.parse(text) as Interrupted;
}

/**
 * Does what was decided; where the login is too old for that, offers to log in again, and asks afterwards what was `wanted`; without it, only leads
 * back to the place.
 */
export async function attemptFresh(work: () => Promise<unknown>, wanted: Wanted | null = null): Promise<void> {
  let problem: RefusedError['problem'] = null;
  await attempt(async () => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof RefusedError) || error.problem === null) throw error;
      ({ problem } = error);
    }
  });
  if (problem !== null) await logInAgain(problem, wanted);
}

async function logInAgain({ title, detail, login }: NonNullable<RefusedError['problem']>, wanted: Wanted | null): Promise<void> {
  const back = wanted === null ? 'You come back to this place' : 'You come back to this place and are asked again';
  const facts = ['Nothing has been decided.', `${back}: nothing is sent by itself.`];
  if (await ask({ title, text: detail, facts, confirm: 'Log in again' }) === null) return;
  rememberPlace(wanted);
  location.assign(login);
}
