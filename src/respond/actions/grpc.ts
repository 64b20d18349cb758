import type { GrpcAnswer } from '../../outbound/grpc-port.ts';
import type { Granted, Verdict } from '../port.ts';

/** Codes of gRPC, by number. */
const words = [
  'ok', 'cancelled', 'unknown', 'invalid_argument', 'deadline_exceeded', 'not_found', 'already_exists', 'permission_denied', 'resource_exhausted',
  'failed_precondition', 'aborted', 'out_of_range', 'unimplemented', 'internal', 'unavailable', 'data_loss', 'unauthenticated',
] as const;
export type GrpcWord = typeof words[number];

/** What another attempt may mend. */
const passing: ReadonlySet<GrpcWord> = new Set(['cancelled', 'unknown', 'deadline_exceeded', 'resource_exhausted', 'aborted', 'internal', 'unavailable']);

/** Reasons of ours why there is no answer, which another attempt does not mend. */
const lasting = new Set(['answer_too_long']);

/** Of the code of an answer or of a part of it; a number that is none stands for `unknown`, as the protocol wants it. */
export function grpcWord(code: unknown): GrpcWord {
  return (typeof code === 'number' ? words[code] : undefined) ?? 'unknown';
}

/** What an answer means for a call that may be repeated, as `httpVerdict`: 0 did it, what may pass is tried again, all else failed. */
export function grpcVerdict(answer: GrpcAnswer, known: Partial<Readonly<Record<GrpcWord, Verdict>>> = {}): Verdict {
  if (answer.kind === 'failed') return { kind: lasting.has(answer.reason) ? 'failed' : 'retry', reason: answer.reason };
  const word = grpcWord(answer.code);
  return known[word] ?? wordVerdict(word, answer.retryAfterMs);
}

/** The same of one part of an answer. */
export function wordVerdict(word: GrpcWord, afterMs?: number): Verdict {
  if (word === 'ok') return { kind: 'done' };
  const reason = `grpc_${word}`;
  if (!passing.has(word)) return { kind: 'failed', reason };
  return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** Whether our own credential may make the call: it was answered, or there was nothing to be found. */
export function grpcRight(answer: GrpcAnswer): Granted {
  if (answer.kind === 'failed') return answer.reason === 'certificate' ? 'refused' : 'unreachable';
  switch (grpcWord(answer.code)) {
    case 'ok': case 'not_found': return 'granted';
    case 'permission_denied': return 'missing';
    case 'unauthenticated': return 'refused';
    default: return 'unreachable';
  }
}
