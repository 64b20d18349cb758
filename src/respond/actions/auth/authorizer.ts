import { readFileSync } from 'node:fs';
import type { OutboundAnswer, OutboundRequest, Send } from '../../../outbound/client.ts';

/** What an authorizer may use. */
export interface Asking { readonly send: Send; readonly signal: AbortSignal; readonly nowMs: number }

/** Shows the other side who asks. What it adds stands in no error and no answer. */
export interface Authorizer {
  /** Where it fetches tokens itself. */
  readonly urls: readonly string[];
  /** The request with the proof; an answer where there is none, and nothing was asked. */
  authorize(request: OutboundRequest, asking: Asking): Promise<OutboundRequest | OutboundAnswer>;
  /** The proof was refused: true where a new one may fare better. */
  renew(refusal: Refusal, nowMs: number): boolean;
  /** How far the other side's clock was found to be ahead of ours, ms; proofs are dated by it. Absent: they are not dated. */
  offsetMs?(): number;
}

/** An answer by which the other side may mean that it does not take the proof. */
export type Refusal = Extract<OutboundAnswer, { kind: 'answered' }>;

/** Also 400: by it AWS says that a request is too old. */
const refusals = new Set([400, 401, 403]);

/** Sends with proof of who asks; once more with a new proof where a kept one was refused. A request with an `authorization` of its own stays. */
export function withAuthorizer(send: Send, authorizer: Authorizer, now: () => number = Date.now): Send {
  return async (request, signal) => {
    if (request.headers['authorization'] !== undefined) return send(request, signal);
    for (let isRepeated = false; ; isRepeated = true) {
      const proven = await authorizer.authorize(request, { send, signal, nowMs: now() });
      if ('kind' in proven) return proven;
      const answer = await send(proven, signal);
      if (isRepeated || answer.kind !== 'answered' || !refusals.has(answer.status) || !authorizer.renew(answer, now())) return answer;
    }
  };
}

/** A little less than the five minutes that AWS and Oracle Cloud document: at the edge it depends on how long the request was on its way. */
const toleratedMs = 4 * 60_000;

/**
 * A proof that follows from the request and the time alone. A provider refuses what is dated too far from its own clock, for good: so where
 * a refusal shows, by its `Date`, that the clocks differ by more, requests are dated by the provider's from then on.
 */
export function signing(sign: (request: OutboundRequest, nowMs: number) => OutboundRequest): Authorizer {
  let offsetMs = 0;
  return {
    urls: [],
    authorize: (request, { nowMs }) => Promise.resolve(sign(request, nowMs + offsetMs)),
    renew({ dateMs }, nowMs) {
      if (dateMs === undefined || Math.abs(dateMs - nowMs - offsetMs) <= toleratedMs) return false;
      offsetMs = dateMs - nowMs;
      return true;
    },
    offsetMs: () => offsetMs,
  };
}

/** The same headers on each request. */
export function fixedHeaders(headers: Readonly<Record<string, string>>): Authorizer {
  const authorize: Authorizer['authorize'] = (request) => Promise.resolve({ ...request, headers: { ...request.headers, ...headers } });
  return { urls: [], authorize, renew: () => false };
}

/**
 * Headers with a secret that others renew in its file before it ends: a kubelet the token of an account, an agent of Vault's the token that it got. After a
 * refusal the file is read once more. Throws where it cannot be read at first.
 */
export function renewedHeaders(file: string, headersOf: (secret: string) => Readonly<Record<string, string>>): Authorizer {
  let secret = secretIn(file);
  const read = (): string => {
    try {
      return secretIn(file);
    } catch {
      // It may be just being written.
      return secret;
    }
  };
  return {
    urls: [],
    authorize: (request) => Promise.resolve({ ...request, headers: { ...request.headers, ...headersOf(secret) } }),
    renew() {
      const former = secret;
      secret = read();
      return secret !== former;
    },
  };
}

/** The only line of a secret's file. Throws an `Error` that does not quote it. */
export function secretIn(file: string): string {
  const secret = readFileSync(file, 'utf8').trim();
  if (secret === '') throw new Error(`${file} holds no secret`);
  if (/[^\x20-\x7e]/.test(secret)) throw new Error(`${file} must hold one line of plain characters`);
  return secret;
}

/** A user's name and password: RFC 7617. */
export function passwordHeader(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

/** RFC 6749, 2.3.1: id and secret are form-encoded before they become Basic credentials. */
export function basicHeader(id: string, secret: string): string {
  return passwordHeader(formEncoded(id), formEncoded(secret));
}

function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice('text='.length);
}
