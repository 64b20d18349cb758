import type { CredentialSection } from '../../../config/rotation-schema.ts';
import { asObject, jsonOf, objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, Send } from '../../../outbound/client.ts';
import { secretIn } from '../auth/authorizer.ts';
import { bearer, clientCredentials } from '../auth/bearer.ts';
import { jsonRequest, objectsIn, path } from '../http.ts';
import { listed } from '../provider.ts';
import { managesClients, roleClientOf } from '../providers/keycloak.ts';
import { rightsAt } from '../rights.ts';
import type { Credentials, Listed, Made } from './credential.ts';
import { ask, failureOf, nothing, ok, unreadable, type Answered, type Part } from './part.ts';

/** The old secret, once there is a new one: it has no id of its own. */
const rotated = 'rotated';

/**
 * Client secrets of Keycloak where its client secret rotation (a preview, Server Administration Guide) is switched on and a client policy applies it to
 * the client: only then does the old secret live on beside the new. Nothing is made where the client does not show that.
 */
export function keycloakSecrets(section: CredentialSection<'keycloak_secret'>): Part<Credentials> {
  const root = section.base_url.replace(/\/+$/, '');
  const endpoint = `${root}${path`/realms/${section.login_realm ?? section.realm}/protocol/openid-connect/token`}`;
  const own = { id: section.client_id, secret: secretIn(section.client_secret_file), endpoint, method: 'client_secret_basic', scope: '' } as const;
  const issuer = section.issuer ?? `${root}${path`/realms/${section.realm}`}`;
  return {
    urls: [root], authorizer: bearer(clientCredentials(own)),
    rights: rightsAt(managesClients, { roleClient: roleClientOf(section) }),
    make: (send) => credentials(send, `${root}${path`/admin/realms/${section.realm}`}/clients`, issuer, section.identities),
  };
}

function credentials(send: Send, clients: string, issuer: string, identities: Readonly<Record<string, string>>): Credentials {
  const url = (owner: string): string => `${clients}${path`/${owner}`}`;
  const client = (owner: string, signal: AbortSignal) => ask(send, jsonRequest('GET', url(owner)), signal, (answer) => objectOf(answer));
  const stop: Credentials['stop'] = (owner, _id, signal) => ask(send, jsonRequest('DELETE', `${url(owner)}/client-secret/rotated`), signal, nothing);
  return {
    most: 2, isUnnamed: true,
    facts: {
      effect: 'A second secret is made and written to the stores; then the old one ends. No log tells which secret was shown, so a person always says when. '
        + 'Tokens already handed out go on.',
      delay: 'As long as users take to fetch the new secret, and no longer than the policy lets the old one live.', rights: 'realm-management: manage-clients',
    },
    fits: (target) => (target.issuer !== issuer ? 'other_issuer' : listed(target, { identities }) === null ? 'not_listed' : null),
    idOf: () => rotated,
    owner: ({ identityId }, signal) =>
      ask(send, jsonRequest('GET', `${clients}?clientId=${encodeURIComponent(identities[identityId!]!)}`), signal, clientIn),
    async list(owner, signal) {
      const found = await client(owner, signal);
      return found.kind === 'ok' ? listedIn(found.value) : found;
    },
    async create(owner, _label, signal) {
      const secret = await ask(send, jsonRequest('POST', `${url(owner)}/client-secret`), signal, valueIn);
      if (secret.kind !== 'ok') return secret;
      const found = await client(owner, signal);
      return found.kind === 'ok' ? ok<Made>({ id: idIn(found.value), secret: secret.value }) : failureOf(found);
    },
    /** The old one becomes the only one again. */
    async remove(owner, id, signal) {
      const found = await client(owner, signal);
      if (found.kind !== 'ok') return found;
      if (idIn(found.value) !== id) return { kind: 'gone' };
      const former = await ask(send, jsonRequest('GET', `${url(owner)}/client-secret/rotated`), signal, valueIn);
      if (former.kind !== 'ok') return failureOf(former);
      const back = await ask(send, jsonRequest('PUT', url(owner), { ...found.value, secret: former.value }), signal, nothing);
      return back.kind === 'ok' ? stop(owner, id, signal) : back;
    },
    stop,
  };
}

function clientIn(answer: OutboundAnswer): string | null {
  const [found, ...others] = objectsIn(jsonOf(answer));
  return typeof found?.['id'] === 'string' && others.length === 0 ? found['id'] : null;
}

function attributesIn(client: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return asObject(client['attributes']) ?? {};
}

function listedIn(client: Readonly<Record<string, unknown>>): Answered<readonly Listed[]> {
  const attributes = attributesIn(client);
  // Without the policy a new secret would end the old one at once.
  if (typeof attributes['client.secret.expiration.time'] !== 'string') return { kind: 'failed', reason: 'old_dies_at_once' };
  const createdMs = Number(attributes['client.secret.creation.time']) * 1000;
  if (attributes['client.secret.creation.time'] !== undefined && !(createdMs > 0)) return unreadable;
  const now: Listed = { id: idIn(client), isActive: true, createdMs: createdMs > 0 ? createdMs : null, label: null };
  return ok(attributes['client.secret.rotated'] === undefined ? [now] : [{ id: rotated, isActive: true, createdMs: null, label: null }, now]);
}

/** Since when the secret in force is. */
function idIn(client: Readonly<Record<string, unknown>>): string {
  const since = attributesIn(client)['client.secret.creation.time'];
  return `since ${typeof since === 'string' ? since : 'the beginning'}`;
}

function valueIn(answer: OutboundAnswer): string | null {
  const value = objectOf(answer)?.['value'];
  return typeof value === 'string' && value !== '' ? value : null;
}
