import { z } from 'zod';
import type { Account } from '../accounts.ts';
import type { Desk, DeskAnswer, Reader, Triage } from './ports.ts';
import type { Role } from './shapes.ts';

/** What a handler works with. */
export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly by: Account;
  readonly reader: Reader;
  readonly desk: Desk;
  readonly triage: Triage;
}

/** An answer other than 200; `error` is a fixed word. */
export interface Refusal { readonly status: number; readonly error: string }
export type Answered = { readonly ok: unknown } | { readonly refused: Refusal };

/** One route of the API: who may use it, what it takes and gives. Checks, description and tests are made of this table. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** As fastify writes it. */
  readonly path: string;
  readonly least: Role;
  /** Lets something be done: whoever logs in with a provider must have done so lately. By the body, where one decides. */
  readonly needsFreshLogin: (body: unknown) => boolean;
  readonly summary: string;
  /** Something else must hold before it can be answered, though it changes nothing. */
  readonly mayConflict: boolean;
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  readonly answer: z.ZodType;
  readonly handle: (call: Call<never, never, never>) => Answered | Promise<Answered>;
}

const maxText = 200;
export const text = z.string().min(1).max(maxText);
/** Identities carry an issuer, an account or a path. */
export const identity = z.string().min(1).max(1_000);
export const timeMs = z.coerce.number().int().min(0);
export const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
/** A list in one parameter, comma between. */
export const listOf = <T extends string>(words: readonly [T, ...T[]]) =>
  z.string().max(maxText).transform((list) => list.split(',')).pipe(z.array(z.enum(words)).min(1)).optional();
export const statuses = listOf(['open', 'acknowledged', 'closed']);
export const after = z.string().max(400).optional();

export const nothing = z.strictObject({}).nullish();

interface Plain<Q extends z.ZodType, B extends z.ZodType> {
  readonly least: Role;
  readonly summary: string;
  readonly needsFreshLogin?: true | ((body: z.output<B>) => boolean);
  readonly mayConflict?: true;
  readonly query?: Q;
  readonly body?: B;
  readonly answer: z.ZodType;
  readonly handle: (call: Call<{ readonly id: string }, z.output<Q>, z.output<B>>) => Answered | Promise<Answered>;
}

/** A row of the table, its parts checked against each other. */
export function route<Q extends z.ZodType = z.ZodNull, B extends z.ZodType = z.ZodNull>(
  method: 'GET' | 'POST', path: string, plain: Plain<Q, B>,
): Route {
  const { query = null, body = null, needsFreshLogin = false, mayConflict = false } = plain;
  const isWanted = typeof needsFreshLogin === 'function' ? needsFreshLogin as Route['needsFreshLogin'] : () => needsFreshLogin;
  return { method, path, ...plain, query, body, mayConflict, needsFreshLogin: isWanted, handle: plain.handle as Route['handle'] };
}

export const ok = (value: unknown): Answered => ({ ok: value });
const unknown: Answered = { refused: { status: 404, error: 'unknown' } };
export const found = (value: object | null): Answered => (value === null ? unknown : ok(value));

const statusOf: Readonly<Record<string, number>> = {
  unknown_intent: 404, unknown_alert: 404, unknown_rule: 404, unknown_incident: 404,
  own_proposal: 403, already_approved: 403, bad_request: 400, unavailable: 503,
};

/** What became of a wish, as an answer. */
export function decided(answer: DeskAnswer, toBody: () => object): Answered {
  return answer.ok ? ok(toBody()) : { refused: { status: statusOf[answer.reason] ?? 409, error: answer.reason } };
}
