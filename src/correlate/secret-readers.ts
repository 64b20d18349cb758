import type { TokenEvent } from '../model/event.ts';
import type { SecretReader } from '../model/token.ts';
import type { Entities } from '../state/port.ts';

const maxReaders = 32;
/** A read again within so long is not noted anew: only when it was last, to so much, matters. */
const freshMs = 60_000;

/**
 * Who read the secrets of which the operator says that a static credential is kept there: whoever uses that credential has it from one of
 * them. It is no lineage, as the credential ends with none of its readers' tokens and acts for none of them.
 */
export class SecretReaders {
  readonly #readers: Entities<SecretReader[]>;

  constructor(readers: Entities<SecretReader[]>) {
    this.#readers = readers;
  }

  /** Notes a verified, successful read of a secret that holds a listed credential. */
  note(event: TokenEvent): void {
    const { resourceId: secret, identityId, workloadId, token, orderMs } = event;
    if (secret === null || identityId === null || event.authenticated !== true || event.outcome !== 'success') return;
    const readers = this.#readers.get(secret) ?? [];
    const place = readers.findIndex((reader) => reader.identityId === identityId && reader.workloadId === workloadId);
    const known = readers[place];
    if (known !== undefined && orderMs - known.lastMs < freshMs) return;
    if (known !== undefined) readers.splice(place, 1);
    // The one who read longest ago makes room.
    else if (readers.length >= maxReaders) readers.shift();
    readers.push({ secret, identityId, workloadId, token, lastMs: Math.max(orderMs, known?.lastMs ?? 0), reads: (known?.reads ?? 0) + 1 });
    readers.sort((a, b) => a.lastMs - b.lastMs);
    this.#readers.set(secret, readers);
  }

  /** Whoever read one of these secrets, the latest first. */
  of(secrets: readonly string[]): SecretReader[] {
    return secrets.flatMap((secret) => this.#readers.get(secret) ?? []).sort((a, b) => b.lastMs - a.lastMs);
  }
}
