/** What audit logs have in common: an event, an address, a principal, the token shown and the one that came out. */
import { emptyEvent, type IdentityKind, type Lifecycle, type TokenEvent, type TokenKind, type Vantage } from '../../model/event.ts';
import { clientAddress, parseAddress } from '../address.ts';
import { firstOf, type Path } from '../paths.ts';
import { tokenId, type TokenIdKind } from '../token-id.ts';
import { httpStatus, text } from '../values.ts';
import type { NormalizeContext, Value } from './format.ts';
import { outcomeOf } from './gateway.ts';

export const authentication: readonly string[] = ['authentication'];
export const api: readonly string[] = ['api'];
export const iam: readonly string[] = ['iam'];
export const network: readonly string[] = ['network'];
export const start: readonly string[] = ['start'];
export const info: readonly string[] = ['info'];
export const denied: readonly string[] = ['denied'];
export const connection: readonly string[] = ['connection'];
export const end: readonly string[] = ['end'];
export const change: readonly string[] = ['change'];

/** For a value that one shape of several has not. */
export const absent: Path<Value> = firstOf();

/** An empty event; `product` is its module and provider, `vantage` holds unless the source says otherwise. */
export function auditEvent(dataset: string, product: string, timeMs: number, vantage: Vantage, context: NormalizeContext): TokenEvent {
  const event = emptyEvent(dataset, timeMs);
  event.module = event.provider = product;
  event.vantage = context.source.vantage ?? vantage;
  return event;
}

/** The caller's address as given, and its canonical form and port where it is one. */
export function fromAddress(event: TokenEvent, given: Value | undefined): void {
  const address = parseAddress(text(given));
  if (address === null) return;
  event.sourceAddress = address.address;
  event.sourceIp = address.ip;
  event.sourcePort = address.port;
}

/** The client behind proxies, from a list in which each of them appended who came to it; the last may be the connection's own peer. */
export function fromChain(event: TokenEvent, chain: readonly Value[] | string | null, context: NormalizeContext): void {
  const list = typeof chain === 'string' ? chain.split(',', maxHops) : chain ?? [];
  if (list.length < 2) return fromAddress(event, list[0]);
  const hops = list.map((hop) => (typeof hop === 'string' ? hop.trim() : ''));
  const client = clientAddress(hops.slice(0, -1).join(','), hops.at(-1)!, context.source);
  if (client !== null) fromAddress(event, client.address);
}

const maxHops = 64;

/** Whose call it was: `<authority>|<subject>`, as a gateway writes it from a token's `iss` and `sub`. */
export function calledBy(event: TokenEvent, authority: string, subject: string | null, kind: IdentityKind, name: string | null): void {
  if (subject === null) return;
  event.identityId = `${authority}|${subject}`;
  event.identityKind = kind;
  event.identityName = name;
}

/** Status and outcome of an answer over HTTP. */
export function answered(event: TokenEvent, status: Value | undefined): void {
  event.status = httpStatus(status);
  event.outcome = outcomeOf(event.status);
}

/** The token that was shown, by its public id under the authority that minted it; nothing without one. `form`: what kind of id it is. */
export function presented(
  event: TokenEvent, issuer: string, handle: string | null, kind: TokenKind, context: NormalizeContext, form: TokenIdKind = 'plain',
): void {
  if (handle !== null) present(event, issuer, tokenId(context, issuer, form, handle), handle, kind);
}

/** The token that was shown, by its fingerprint, where that is made of more than a public id. */
export function present(event: TokenEvent, issuer: string, token: string, handle: string | null, kind: TokenKind): void {
  event.token = token;
  event.tokenHandle = handle;
  event.tokenKind = kind;
  event.tokenIssuer = issuer;
}

/** The token that came out, by its public id; nothing without one or in a failure. `owner`: whose it is. */
export function issuedToken(
  event: TokenEvent, issuer: string, handle: string | null, kind: TokenKind, owner: string | null, context: NormalizeContext,
  form: TokenIdKind = 'plain',
): void {
  if (handle !== null && event.outcome !== 'failure') issue(event, issuer, tokenId(context, issuer, form, handle), handle, kind, owner);
}

/** The token that came out, by its fingerprint. */
export function issue(event: TokenEvent, issuer: string, token: string, handle: string | null, kind: TokenKind, owner: string | null): void {
  event.issued = token;
  event.issuedHandle = handle;
  event.issuedKind = kind;
  event.issuedIdentityId = owner;
  event.tokenIssuer = issuer;
  event.lifecycle = 'issued';
}

/** The token that the call ended, which may be the one presented; nothing without one or in a failure. */
export function revokedToken(event: TokenEvent, issuer: string, handle: string | null, context: NormalizeContext, form: TokenIdKind = 'plain'): void {
  if (handle === null || event.outcome === 'failure') return;
  const revoked = tokenId(context, issuer, form, handle);
  if (revoked !== event.token) event.revoked = revoked;
  event.tokenIssuer = issuer;
  event.lifecycle = 'revoked';
}

/** What became of the presented token in an event of this outcome; `null` when none was named. */
export function lifecycleOf(event: TokenEvent, onSuccess: Lifecycle): Lifecycle | null {
  if (event.token === null) return null;
  return event.outcome === 'failure' ? 'refused' : onSuccess;
}

/** Runs as this workload, by the word of the event itself. */
export function runsAs(event: TokenEvent, workload: string, kind: string): void {
  event.workloadId = workload;
  event.workloadKind = kind;
  event.workloadEvidence = 'event';
}

const types = {
  creation: ['creation'], deletion: ['deletion'], change: ['change'], access: ['access'],
} as const satisfies Record<string, readonly string[]>;
const verbs: readonly (readonly [keyof typeof types, RegExp])[] = [
  ['creation', /^(?:create|insert|run|register|import|upload|copy|add|issue|generate|mint|sign|allocate|new)/i],
  ['deletion', /^(?:delete|remove|destroy|terminate|purge|revoke|release|drop|deregister)/i],
  ['change', /^(?:put|update|modify|set|patch|attach|detach|enable|disable|start|stop|change|edit|rename|grant|reset|rotate|move|transfer)/i],
];

/** Types by name. The names come from outside, so what is remembered is bounded. */
const remembered = new Map<string, readonly string[]>();
const maxNames = 4096;

/** ECS type of a call by the verb that its name begins with; what begins otherwise is an access. */
export function typeOfVerb(name: string): readonly string[] {
  let found = remembered.get(name);
  if (found === undefined) {
    found = types[verbs.find(([, pattern]) => pattern.test(name))?.[0] ?? 'access'];
    if (remembered.size < maxNames) remembered.set(name, found);
  }
  return found;
}
