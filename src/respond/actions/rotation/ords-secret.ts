import type { CredentialSection } from '../../../config/rotation-schema.ts';
import { objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, Send } from '../../../outbound/client.ts';
import { jsonRequest, path } from '../http.ts';
import { listed } from '../provider.ts';
import { clientIn, clientsUrl, issuedOn, ordsRights, ordsUser, readsClients, searchFor, slots, type OrdsClient, type Slot } from '../providers/ords-client.ts';
import { rightsAt } from '../rights.ts';
import type { Credentials, Listed, Made } from './credential.ts';
import { ask, nothing, ok, unreadable, type Answered, type Failure, type Part } from './part.ts';

/** The old secret, once there is a new one: the older of the two. */
const former = 'former';

/**
 * Secrets of an OAuth client of ORDS (its REST API, "Register or rotate" and "Revoke the ORDS OAuth client secret"): one in each of two slots. Which one
 * is to end follows from when they were made, so nothing is made where ORDS does not tell that.
 */
export function ordsSecrets(section: CredentialSection<'ords_secret'>): Part<Credentials> {
  const clients = clientsUrl(section.api_url);
  return {
    urls: [clients], authorizer: ordsUser(section), make: (send) => credentials(send, clients, section.identities),
    rights: rightsAt(readsClients('POST and DELETE on ords/rest/clients/*/secret/*'), { clients }),
  };
}

const facts: Credentials['facts'] = {
  effect: 'A second secret is made and written to the stores; then the old one ends, and all sessions of the client with it, those of the new secret too. '
    + 'No log tells which secret was shown, so a person always says when. What becomes of tokens already handed out is not documented.',
  delay: 'As long as users take to fetch the new secret.',
  rights: ordsRights,
};

function credentials(send: Send, clients: string, identities: Readonly<Record<string, string>>): Credentials {
  const at = (owner: string): Place => ({ send, url: `${clients}${path`${owner}`}` });
  return {
    most: slots.length, isUnnamed: true, facts,
    fits: (target) => (listed(target, { identities }) === null ? 'not_listed' : null),
    idOf: () => former,
    async owner({ identityId }, signal) {
      const clientId = identities[identityId!]!;
      const found = await ask(send, searchFor(clients, clientId), signal, (answer) => clientIn(answer, clientId));
      // Only a list without the client tells that it is gone, 404 that ORDS is not where it was.
      if (found.kind !== 'ok') return found.kind === 'gone' ? { kind: 'failed', reason: 'http_404' } : found;
      return found.value === 'gone' ? { kind: 'gone' } : ok(String(found.value['id']));
    },
    list: (owner, signal) => list(at(owner), signal),
    create: (owner, _label, signal) => create(at(owner), signal),
    // Users are sent back to the old secret: their sessions go on.
    remove: (owner, id, signal) => revoke(at(owner), id, '', signal),
    stop: (owner, id, signal) => revoke(at(owner), id, '?revoke_sessions=true', signal),
  };
}

/** A client, and how it is spoken to. */
interface Place { readonly send: Send; readonly url: string }

async function list({ send, url }: Place, signal: AbortSignal): Promise<Answered<readonly Filled[]>> {
  const found = await ask(send, jsonRequest('GET', url), signal, (answer) => objectOf(answer));
  return found.kind === 'ok' ? filledIn(found.value) : found;
}

/** Made in the slot that is free, so that the old one lives on. */
async function create(place: Place, signal: AbortSignal): Promise<Answered<Made>> {
  const before = await list(place, signal);
  if (before.kind !== 'ok') return before;
  const slot = slots.find((one) => before.value.every((secret) => secret.slot !== one));
  if (slot === undefined) return { kind: 'failed', reason: 'no_room_beside' };
  const secret = await ask(place.send, jsonRequest('POST', `${place.url}/secret/${slot}`), signal, (answer) => secretIn(answer, slot));
  if (secret.kind !== 'ok') return secret;
  const after = await list(place, signal);
  if (after.kind !== 'ok') return after;
  const made = after.value.find((one) => one.slot === slot);
  return made === undefined || made.id === former ? unreadable : ok({ id: made.id, secret: secret.value });
}

/** Ends the secret of that id, if it still stands. */
async function revoke(place: Place, id: string, query: string, signal: AbortSignal): Promise<Answered<true>> {
  const filled = await list(place, signal);
  if (filled.kind !== 'ok') return filled;
  const one = filled.value.find((secret) => secret.id === id);
  if (one === undefined) return { kind: 'gone' };
  const revoked = await ask(place.send, jsonRequest('DELETE', `${place.url}/secret/${one.slot}${query}`), signal, nothing);
  // It stood there a moment ago: 404 then means that this release does not know the call.
  return revoked.kind === 'gone' ? { kind: 'failed', reason: 'http_404' } : revoked;
}

interface Filled extends Listed { readonly slot: Slot }

/** Secrets that the client has. Nothing can be said where one has no date, or two have the same. */
function filledIn(client: OrdsClient): Answered<readonly Filled[]> {
  const dates = slots.map((slot) => ({ slot, date: issuedOn(client, slot) }));
  if (dates.some(({ date }) => date === undefined)) return untold;
  const filled = dates.flatMap(({ slot, date }) => (typeof date === 'string' ? [{ slot, date, createdMs: instantOf(date) }] : []));
  const oldestMs = Math.min(...filled.map(({ createdMs }) => createdMs));
  if (filled.some(({ createdMs }) => Number.isNaN(createdMs)) || filled.length === 2 && filled[0]!.createdMs === filled[1]!.createdMs) return untold;
  return ok(filled.map(({ slot, date, createdMs }) => {
    const isFormer = filled.length === 2 && createdMs === oldestMs;
    return { slot, id: isFormer ? former : `${slot} since ${date}`, isActive: true, createdMs: isFormer ? null : createdMs, label: null };
  }));
}

const untold: Failure = { kind: 'failed', reason: 'dates_not_told' };

/** A date without a zone may be of any. */
function instantOf(date: string): number {
  return /(?:Z|[+-]\d\d:\d\d)$/.test(date) ? Date.parse(date) : Number.NaN;
}

function secretIn(answer: OutboundAnswer, slot: Slot): string | null {
  const secret = objectOf(answer)?.[slot === '1' ? 'client_secret' : 'client_secret_2'];
  return typeof secret === 'string' && secret !== '' ? secret : null;
}
