import type { NeverRevoke as Entry } from '../config/policy-schema.ts';
import type { Target } from '../model/intent.ts';

/** What is never acted upon. All keys of an entry must agree; an entry without any would be everything and is left out. */
export class NeverRevoke {
  readonly #entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.#entries = entries.filter((entry) => Object.values(entry).some((value) => value !== undefined));
  }

  protects(target: Target): boolean {
    return this.#entries.some((entry) => isMeant(entry.identity, target.identityId, target.identityName, target.userId)
      && isMeant(entry.handle, target.handle) && isMeant(entry.client, target.client, target.identityName) && isMeant(entry.issuer, target.issuer));
  }
}

/** Compared without regard to case and a closing slash: an entry that protects too much does less harm than one that misses. */
function isMeant(wanted: string | undefined, ...values: readonly (string | null)[]): boolean {
  return wanted === undefined || values.some((value) => value !== null && fold(value) === fold(wanted));
}

function fold(text: string): string {
  return text.trim().toLowerCase().replace(/\/$/, '');
}
