import type { TokenEvent } from '../src/model/event.ts';

/**
 * Turned away, or there was no such thing; `null`: any other failure, which tells of the service and not of the caller. That a part of a known
 * thing is not there (no policy, no tags) is what programs ask all day: of named operations only a store that does not exist counts.
 */
export type Refusal = 'denied' | 'missing' | null;

const deniedStatus: ReadonlySet<number> = new Set([401, 403, 405, 407]);
const missingStatus: ReadonlySet<number> = new Set([404, 410]);
const deniedWords = [
  'denied', 'unauthorized', 'notauthorized', 'not_authorized', 'forbidden', 'permission', 'insufficient', 'invalid_scope', 'unauthorized_client',
  'accessdisabled', 'disallowed',
];
const missingStores: ReadonlySet<string> = new Set(['NoSuchBucket', 'ContainerNotFound', 'BucketNotFound', 'AccountNotFound', 'ShareNotFound']);
/** Codes of gRPC, as Google's audit logs write them. */
const grpc: ReadonlySet<string> = new Set(['7', '16']);

const known = new Map<string, Refusal>();
const mostKnown = 1_024;

/** Why the call failed, as far as it tells of who calls. */
export function refusalOf({ outcome, status, code, reason, lifecycle, action }: TokenEvent): Refusal {
  if (outcome !== 'failure') return null;
  const text = code ?? reason;
  if (status !== null && status >= 400) {
    if (deniedStatus.has(status)) return 'denied';
    if (action === null) return missingStatus.has(status) ? 'missing' : null;
  }
  if (text !== null) return byText(text);
  return lifecycle === 'refused' ? 'denied' : null;
}

/** By the provider's word for it. A memo, emptied when it is full. */
function byText(text: string): Refusal {
  const found = known.get(text);
  if (found !== undefined) return found;
  if (known.size >= mostKnown) known.clear();
  const told = missingStores.has(text) ? 'missing' : grpc.has(text) || isDenial(text.toLowerCase()) ? 'denied' : null;
  known.set(text, told);
  return told;
}

function isDenial(text: string): boolean {
  return deniedWords.some((word) => text.includes(word));
}
