import type { TokenEvent } from '../src/model/event.ts';

/** Turned away, or there was no such thing; `null`: any other failure, which tells of the service and not of the caller. */
export type Refusal = 'denied' | 'missing' | null;

const deniedStatus: ReadonlySet<number> = new Set([401, 403, 405, 407]);
const missingStatus: ReadonlySet<number> = new Set([404, 410]);
const deniedWords = [
  'denied', 'unauthorized', 'notauthorized', 'not_authorized', 'forbidden', 'permission', 'insufficient', 'invalid_scope', 'unauthorized_client',
  'accessdisabled', 'disallowed',
];
const missingWords = ['notfound', 'not_found', 'nosuch', 'doesnotexist', 'not found'];
/** Codes of gRPC, as Google's audit logs write them. */
const grpc: Readonly<Record<string, Refusal>> = { 5: 'missing', 7: 'denied', 16: 'denied' };

const known = new Map<string, Refusal>();
const mostKnown = 1_024;

/** Why the call failed, as far as it tells of who calls. */
export function refusalOf({ outcome, status, code, reason, lifecycle }: TokenEvent): Refusal {
  if (outcome !== 'failure') return null;
  if (status !== null && status >= 400) return deniedStatus.has(status) ? 'denied' : missingStatus.has(status) ? 'missing' : null;
  const text = code ?? reason;
  if (text !== null) return byText(text);
  return lifecycle === 'refused' ? 'denied' : null;
}

/** By the provider's word for it. A memo, emptied when it is full. */
function byText(text: string): Refusal {
  const found = known.get(text);
  if (found !== undefined) return found;
  if (known.size >= mostKnown) known.clear();
  const told = Object.hasOwn(grpc, text) ? grpc[text] as Refusal : byWord(text.toLowerCase());
  known.set(text, told);
  return told;
}

function byWord(text: string): Refusal {
  if (deniedWords.some((word) => text.includes(word))) return 'denied';
  return missingWords.some((word) => text.includes(word)) ? 'missing' : null;
}
