import type { Intent } from '../../../model/intent.ts';
import type { GrpcAnswer, GrpcRequest, ReadMessage } from '../../../outbound/grpc-port.ts';
import type { Verdict } from '../../port.ts';
import type { Found } from '../declaration.ts';
import { grpcVerdict, grpcWord, wordVerdict, type GrpcWord } from '../grpc.ts';
import { administrator, namedBy, svidsGoOn, type SpireCall, type SpireSettings } from './settings.ts';
import { isId, isReserved, type SpiffeId } from './spiffe-id.ts';

const service = 'spire.api.server.entry.v1.Entry';
/** One workload rarely has more: an entry for each machine that it may run on. */
const maxEntries = 16;
/** With those that were found by earlier attempts. */
const maxKept = 64;

/** What is looked at of a registration entry. */
interface Entry {
  readonly id: string;
  readonly spiffe_id: unknown;
  readonly parent_id: unknown;
  readonly selectors: readonly { readonly type: string; readonly value: string }[];
  readonly admin: boolean;
  readonly downstream: boolean;
}

/** Entries by id, each as the server told it, in base64: what `Intent.former` holds. */
type Kept = Readonly<Record<string, string>>;

function idOf({ target }: Intent, settings: SpireSettings): SpiffeId {
  const named = namedBy(target, settings);
  if (typeof named === 'string') throw new Error('the target has no SPIFFE ID');
  return named;
}

/** Without a size the server tells all in one page, or that it did not; with one it names a next page after the last as well. */
function list(intent: Intent, settings: SpireSettings, page: { readonly page_size?: number } = {}): GrpcRequest {
  return { method: `${service}/ListEntries`, message: { filter: { by_spiffe_id: idOf(intent, settings) }, ...page } };
}

function entriesIn(answer: GrpcAnswer): readonly Uint8Array[] | null {
  return answer.kind === 'answered' && answer.message !== null ? answer.message['entries'] as readonly Uint8Array[] : null;
}

function readEntry(read: ReadMessage, bytes: Uint8Array): Entry {
  return read('spire.api.types.Entry', bytes) as unknown as Entry;
}

/** Which entries are meant, and how they stand; a fixed word where they must be left alone. */
function judge(answer: GrpcAnswer, intent: Intent, settings: SpireSettings): Found {
  const found = entriesIn(answer);
  if (answer.kind === 'failed' || found === null) return notDone(grpcVerdict(answer));
  if (found.length === 0) return { kind: 'gone' };
  const entries = found.map((bytes) => readEntry(answer.read, bytes));
  const why = whyNot(entries, answer.message?.['next_page_token'] !== '', idOf(intent, settings), settings);
  if (why !== null) return { kind: 'failed', reason: why };
  const kept: Kept = { ...keptOf(intent), ...Object.fromEntries(entries.map(({ id }, at) => [id, Buffer.from(found[at]!).toString('base64')])) };
  if (Object.keys(kept).length > maxKept) return { kind: 'failed', reason: 'too_many_entries' };
  return { kind: 'found', value: JSON.stringify(entries.map(({ id }) => id)), former: JSON.stringify(kept) };
}

function whyNot(entries: readonly Entry[], isMore: boolean, id: SpiffeId, { isEvery, isPrivileged, trustDomain }: SpireSettings): string | null {
  if (entries.some((entry) => !isId(entry.spiffe_id, id) || entry.id === '')) return 'answer_not_understood';
  if (isMore || entries.length > maxEntries) return 'too_many_entries';
  if (entries.length > 1 && !isEvery) return 'ambiguous';
  // A child of the server itself is a group of machines, on which others rest.
  const server = { trust_domain: trustDomain, path: '/spire/server' };
  const isAbove = entries.some((entry) => entry.admin || entry.downstream || isId(entry.parent_id, server));
  return isAbove && !isPrivileged ? 'privileged_entry' : null;
}

/** An answer that is no list, as what was found. */
function notDone(verdict: Verdict): Found {
  return verdict.kind === 'retry' || verdict.kind === 'failed' ? verdict : { kind: 'failed', reason: 'answer_not_understood' };
}

function keptOf({ former }: Intent): Kept {
  return JSON.parse(former ?? '{}') as Kept;
}

interface Result { readonly status: { readonly code: number } | null; readonly entry?: Uint8Array }

/** One for each part of the call, in its order. */
function resultsIn(answer: GrpcAnswer): readonly Result[] {
  return (answer.kind === 'answered' ? answer.message?.['results'] ?? [] : []) as readonly Result[];
}

/** Of a call for several: what may pass is tried again, and what was done stays so. `fine`: it was so before. */
function together(answer: GrpcAnswer, fine: GrpcWord): Verdict {
  const whole = grpcVerdict(answer);
  if (whole.kind !== 'done') return whole;
  const said = resultsIn(answer).map(({ status }) => grpcWord(status?.code));
  const open = said.filter((word) => word !== 'ok' && word !== fine).map((word) => wordVerdict(word));
  if (said.length === 0) return { kind: 'failed', reason: 'answer_not_understood' };
  const refused = open.find(({ kind }) => kind === 'failed');
  if (refused !== undefined) return open.length < said.length ? { kind: 'failed', reason: 'partly_done' } : refused;
  return open[0] ?? (said.includes('ok') ? { kind: 'done' } : { kind: 'already' });
}

/** What makes two entries one and the same to SPIRE. */
function sameness({ spiffe_id: id, parent_id: parent, selectors }: Entry): string {
  return JSON.stringify([id, parent, selectors.map(({ type, value }) => `${type}:${value}`).sort()]);
}

/** Ids may be new; whom they are for may not. The order is that of the call. */
function isBack(answer: GrpcAnswer, intent: Intent): boolean {
  if (answer.kind === 'failed') return false;
  const results = resultsIn(answer);
  const kept = Object.values(keptOf(intent));
  const one = (bytes: Uint8Array): string => sameness(readEntry(answer.read, bytes));
  return results.length === kept.length && kept.every((entry, at) => one(Buffer.from(entry, 'base64')) === one(results[at]!.entry!));
}

/** Deletes the registration entry of a workload: `BatchDeleteEntry`. */
export const spireEntry: SpireCall = {
  type: 'spire.entry',
  needsToken: false,
  kinds: () => ['revoke'],
  facts: ({ exposureMs }) => ({
    effect: `The workload gets no more SVIDs under its SPIFFE ID. ${svidsGoOn}`,
    delay: 'As soon as agents ask for changes, every 5 s.',
    undo: 'The entries are created again as they were; workloads get SVIDs within seconds, the thief too where he still sits in one.',
    rights: administrator,
    exposureMs,
  }),
  fits: (target, _kind, settings) => {
    const named = namedBy(target, settings);
    if (typeof named === 'string') return named;
    return isReserved(named) ? 'not_a_workload' : null;
  },
  find: { request: (intent, settings) => list(intent, settings), classify: judge },
  request: (_intent, _settings, { found }) => ({ method: `${service}/BatchDeleteEntry`, message: { ids: JSON.parse(found) as readonly string[] } }),
  classify: (answer) => together(answer, 'not_found'),
  verify: {
    isPossible: () => true,
    request: (intent, settings) => list(intent, settings, { page_size: 1 }),
    classify: (answer) => {
      const found = entriesIn(answer);
      return found === null ? 'unknown' : found.length > 0 ? 'alive' : 'dead';
    },
  },
  undo: {
    needsFormer: true,
    request: (intent) => ({
      method: `${service}/BatchCreateEntry`, message: { entries: Object.values(keptOf(intent)).map((entry) => Buffer.from(entry, 'base64')) },
    }),
    classify: (answer, intent) => {
      const verdict = together(answer, 'already_exists');
      if (verdict.kind !== 'done' && verdict.kind !== 'already') return verdict;
      return isBack(answer, intent) ? verdict : { kind: 'failed', reason: 'came_back_other' };
    },
  },
  question: { method: `${service}/ListEntries`, message: { page_size: 1 } },
  unasked: 'deleting and creating entries, which an administrator may by SPIRE\'s own policy',
};
