import { verify, type KeyObject } from 'node:crypto';
import { isGenuine, type Checkpoint } from '../../respond/checkpoints.ts';
import { keyIdOf, type Signer } from '../../respond/deny-list/document.ts';
import { auditHash } from '../../store/audit-hash.ts';
import type { AuditRow } from '../../store/port.ts';

/** More than stands between entries and the checkpoints after them, unless checkpoints failed for long. */
const maxRows = 20_000;

/** What leads from entries of the audit chain to signatures, for whoever has neither the chain nor our word. */
export interface Proof {
  /** Those that cover entries, and the newest. */
  readonly checkpoints: readonly Checkpoint[];
  /** Each entry up to its checkpoint, as hashed: what others did in between stands there too. */
  readonly chain: readonly AuditRow[];
}

export interface Signature { readonly keyId: string; readonly value: string }

/** Puts together what proves these entries. `rowsFrom` gives the chain from an entry on. */
export function proofOf(numbers: readonly number[], checkpoints: readonly Checkpoint[], rowsFrom: (number: number) => Iterable<AuditRow>): Proof {
  const chain: AuditRow[] = [];
  let done = 0;
  for (const { number: last } of checkpoints.toSorted((a, b) => a.number - b.number)) {
    const own = numbers.filter((number) => number > done && number <= last);
    const first = Math.min(...own);
    done = last;
    if (own.length === 0 || chain.length + last - first >= maxRows) continue;
    for (const row of rowsFrom(first)) {
      if (row.number > last) break;
      chain.push(row);
    }
  }
  return { checkpoints, chain };
}

/** What a proof shows of an entry: it was so when the checkpoint was signed; no checkpoint covers it; something was changed. */
export type Standing = 'proven' | 'uncovered' | 'changed';

export function standingOf(entry: AuditRow, { checkpoints, chain }: Proof, key: KeyObject): Standing {
  const genuine = new Map(checkpoints.filter((one) => isGenuine(one, key)).map(({ number, hash }) => [number, hash]));
  if (genuine.size < checkpoints.length || !isHashed(entry)) return 'changed';
  let place = chain.findIndex(({ number }) => number === entry.number);
  if (place < 0) return 'uncovered';
  if (chain[place]!.hash !== entry.hash) return 'changed';
  for (let previous = entry.previous; place < chain.length; place++) {
    const row = chain[place]!;
    if (row.previous !== previous || !isHashed(row)) return 'changed';
    if (genuine.has(row.number)) return genuine.get(row.number) === row.hash ? 'proven' : 'changed';
    previous = row.hash;
  }
  return 'uncovered';
}

function isHashed({ number, previous, note, hash }: AuditRow): boolean {
  return hash === auditHash(number, previous, note);
}

/** Signs a whole document. What is signed begins with its purpose, so that nothing else signed by the key passes for one. */
export function signDocument(text: string, signer: Signer): Signature {
  return { keyId: signer.keyId, value: signer.sign(purposed(text)).toString('base64url') };
}

export function isSigned(text: string, { keyId, value }: Signature, key: KeyObject): boolean {
  return keyId === keyIdOf(key) && verify(null, purposed(text), key, Buffer.from(value, 'base64url'));
}

function purposed(text: string): Buffer {
  return Buffer.from(`tokenward-incident-report\n${text}`);
}
