import { asObject, jsonOf, objectOf } from '../../outbound/answer.ts';
import type { OutboundAnswer, Send } from '../../outbound/client.ts';
import type { KnownAs, KnownName } from '../port.ts';
import { claimsOf } from './auth/jws.ts';
import { jsonRequest, objectsIn } from './http.ts';

/** Asks a provider by what public names its logs know our credential. It is shown to that provider alone, as with every call. */
export type AskOwnName = (send: Send, signal: AbortSignal) => Promise<KnownAs>;

/** A place whose logs name `issuer`. */
interface Place { readonly api: string; readonly issuer: string }

const known = (...names: readonly KnownName[]): KnownAs => ({ names, why: null });
const unknown = (why: KnownAs['why']): KnownAs => ({ names: [], why });

/** Why an answer told nothing. */
function untold(answer: OutboundAnswer): KnownAs {
  if (answer.kind === 'failed') return unknown(answer.reason === 'credential_refused' ? 'refused' : 'unreachable');
  return unknown(answer.status === 401 ? 'refused' : answer.status < 500 && answer.status !== 429 ? 'not_told' : 'unreachable');
}

/** A public id as logs hold it; nothing else of an answer is let through. */
function idIn(value: unknown): string | null {
  return typeof value === 'string' && /^[\w.:@-]{4,253}$/.test(value) ? value : null;
}

/**
 * Okta's log names an API token by its id, which only the list of all tells (API reference: "List all API token metadata", "Get my user"). A user who
 * has several may be a person at other work: then nobody can tell which is ours.
 */
export function oktaToken({ api, issuer }: Place): AskOwnName {
  return async (send, signal) => {
    const me = await send(jsonRequest('GET', `${api}/users/me`), signal);
    const user = idIn(objectOf(me)?.['id']);
    if (user === null) return untold(me);
    const listed = await send(jsonRequest('GET', `${api}/api-tokens`), signal);
    const all = listed.kind === 'answered' && listed.status === 200 ? jsonOf(listed) : null;
    if (!Array.isArray(all)) return untold(listed);
    const own = objectsIn(all).filter(({ userId }) => userId === user).map(({ id }) => idIn(id));
    const [name] = own;
    return own.length > 1 ? unknown('several') : name === undefined || name === null ? unknown('not_told') : known({ name, issuer });
  };
}

/**
 * Vault's audit log names a token by its accessor (API documentation: "Lookup a token (self)"), and who logged in by an entity. That of a token which
 * was made with another is that one's, who may be a person: then it says nothing.
 */
export function vaultToken({ api, issuer }: Place): AskOwnName {
  return async (send, signal) => {
    const answer = await send(jsonRequest('GET', `${api}/auth/token/lookup-self`), signal);
    const { accessor, entity_id: entityId, path } = asObject(objectOf(answer)?.['data']) ?? {};
    const isLogin = typeof path === 'string' && path.startsWith('auth/') && !path.startsWith('auth/token/');
    const names = [idIn(accessor), isLogin ? idIn(entityId) : null].filter((name) => name !== null);
    return names.length === 0 ? untold(answer) : known(...names.map((name) => ({ name, issuer })));
  };
}

const serviceAccount = /^system:serviceaccount:[a-z0-9-]{1,63}:[a-z0-9.-]{1,253}$/;

/** A service account's token says itself whose it is; of any other the cluster is asked (API reference: SelfSubjectReview). */
export function kubernetesToken({ api, issuer }: Place, token: string): AskOwnName {
  const subject = claimsOf(token)?.['sub'];
  if (typeof subject === 'string' && serviceAccount.test(subject)) return () => Promise.resolve(known({ name: subject, issuer }));
  return async (send, signal) => {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const answer = await send(jsonRequest('POST', `${api}/apis/authentication.k8s.io/v1/selfsubjectreviews`, review), signal);
    const name = idIn(asObject(asObject(objectOf(answer)?.['status'])?.['userInfo'])?.['username']);
    return name === null ? untold(answer) : known({ name, issuer });
  };
}

/** What Google's log calls a service account and its key stands in the key's file. */
export function googleNames({ email, keyId }: { readonly email: string; readonly keyId: string }): AskOwnName {
  return () => Promise.resolve(known({ name: keyId, issuer: 'gcp' }, { name: email, issuer: 'gcp' }));
}

/** Of several credentials that one action shows. */
export async function allNames(asked: readonly ((signal: AbortSignal) => Promise<KnownAs>)[], signal: AbortSignal): Promise<KnownAs> {
  const found: KnownAs[] = [];
  for (const ask of asked) found.push(await ask(signal));
  return { names: found.flatMap(({ names }) => names), why: found.map(({ why }) => why).find((why) => why !== null) ?? null };
}

/** Whatever goes wrong is an answer: nobody waits for it. */
export function askingOwnName(ask: AskOwnName, send: Send): (signal: AbortSignal) => Promise<KnownAs> {
  return (signal) => ask(send, signal).catch(() => unknown('unreachable'));
}
