import { createHash, createHmac, randomBytes } from 'node:crypto';
import { sameSecret } from '../sessions.ts';

/** How long somebody may take at the identity provider. */
export const attemptMs = 10 * 60_000;

/** What one log-in is bound to. The browser keeps `cookie` only; all else is derived from it with a key that never leaves this process. */
export interface Attempt {
  readonly cookie: string;
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE (RFC 7636), with its S256 challenge. */
  readonly verifier: string;
  readonly challenge: string;
  /** Key of the session that the browser had when it set out; `null`: none. The provider sends people back from another site, and then it is not shown. */
  readonly former: string | null;
}

/** Log-ins under way. Nothing is kept of them, so nobody can fill a memory or push out another's; a restart ends them. */
export class Attempts {
  readonly #key = randomBytes(32);
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  begin(former: string | null = null): Attempt {
    return this.#derive(`${this.#nowMs()}.${randomBytes(32).toString('base64url')}${former === null ? '' : `.${former}`}`);
  }

  /** The attempt that the browser's cookie and the answer's state both belong to; `null` where they do not, or it is too long ago. */
  resume(cookie: string, state: string): Attempt | null {
    const beganMs = Number(/^(\d{1,15})\.[\w-]{43}(?:\.[\w-]{43})?$/.exec(cookie)?.[1] ?? 'none');
    const ageMs = this.#nowMs() - beganMs;
    if (!(ageMs >= 0 && ageMs <= attemptMs)) return null;
    const attempt = this.#derive(cookie);
    return sameSecret(attempt.state, state) ? attempt : null;
  }

  #derive(cookie: string): Attempt {
    const made = (purpose: string): string => createHmac('sha256', this.#key).update(`${purpose} ${cookie}`).digest('base64url');
    const verifier = made('verifier');
    return {
      cookie, state: made('state'), nonce: made('nonce'), verifier, challenge: createHash('sha256').update(verifier).digest('base64url'),
      former: cookie.split('.')[2] ?? null,
    };
  }
}
