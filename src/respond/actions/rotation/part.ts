import type { OutboundAnswer, OutboundRequest, Send } from '../../../outbound/client.ts';
import type { Verdict } from '../../port.ts';
import type { Authorizer } from '../auth/authorizer.ts';
import { httpVerdict } from '../http.ts';
import type { AskOwnName } from '../own-name.ts';
import type { Rights } from '../rights.ts';

/** A place that a rotation speaks to: where, how it shows who asks, and what is made of a way to send. */
export interface Part<T> {
  readonly urls: readonly string[];
  readonly authorizer: Authorizer;
  /** How to learn, without acting, whether our credential has the rights that it needs there. Absent: nobody can be asked. */
  readonly rights?: Rights<null>;
  /** See `HttpProvider`. */
  readonly ownName?: AskOwnName;
  make(send: Send): T;
}

export type Failure = Extract<Verdict, { readonly kind: 'retry' | 'failed' }>;

/** What was asked for; `gone`: it does not exist. Reasons are fixed words of ours. */
export type Answered<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'gone' } | Failure;

export const ok = <T>(value: T): Answered<T> => ({ kind: 'ok', value });
export const unreadable: Failure = { kind: 'failed', reason: 'answer_not_readable' };

/** One exchange. `read` gets answers of success only; 404 means that it is gone. */
export async function ask<T>(
  send: Send, request: OutboundRequest, signal: AbortSignal, read: (answer: OutboundAnswer) => T | null, verdictOf = httpAnswer,
): Promise<Answered<T>> {
  const answer = await send(request, signal);
  const verdict = verdictOf(answer);
  if (verdict.kind === 'retry' || verdict.kind === 'failed') return verdict;
  if (verdict.kind === 'already') return { kind: 'gone' };
  const value = read(answer);
  return value === null ? unreadable : ok(value);
}

function httpAnswer(answer: OutboundAnswer): Verdict {
  return httpVerdict(answer, { 404: { kind: 'already' } });
}

/** For calls of which only the success counts. */
export const nothing = (): true => true;

/** What was missing and must be there has failed. */
export function failureOf(answered: Exclude<Answered<unknown>, { readonly kind: 'ok' }>): Failure {
  return answered.kind === 'gone' ? { kind: 'failed', reason: 'gone' } : answered;
}
