/** OAuth clients of ORDS as its REST API (the book "ORDS REST API", ORDS REST Services) lists them; members as release 25.3 names them. */
import { objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import type { Granted } from '../../port.ts';
import { fixedHeaders, passwordHeader, secretIn, type Authorizer } from '../auth/authorizer.ts';
import { jsonRequest, objectsIn } from '../http.ts';
import { plainRight, type Rights } from '../rights.ts';

export type OrdsClient = Readonly<Record<string, unknown>>;

/** A client has two secrets at most, each in a slot. `3` would mean both and is never sent. */
export const slots = ['1', '2'] as const;
export type Slot = typeof slots[number];

export function clientsUrl(apiUrl: string): string {
  return `${apiUrl.replace(/\/+$/, '')}/ords/rest/clients/`;
}

/** ORDS asks for a database user's name and password, or those of a user of its own. */
export function ordsUser({ user_name: name, password_file: file }: { readonly user_name: string; readonly password_file: string }): Authorizer {
  return fixedHeaders({ authorization: passwordHeader(name, secretIn(file)) });
}

/** Asks for the one client of that `client_id`. It never comes again, while another client may bear the name of a deleted one. */
export function searchFor(clients: string, clientId: string): OutboundRequest {
  return jsonRequest('GET', `${clients}?q=${encodeURIComponent(JSON.stringify({ client_id: { $eq: clientId } }))}`);
}

/** What was searched for, whatever else the answer holds; `null` where the answer does not tell for certain. */
export function clientIn(answer: OutboundAnswer, clientId: string): OrdsClient | 'gone' | null {
  const { items, hasMore } = objectOf(answer) ?? {};
  if (!Array.isArray(items)) return null;
  const [client, ...others] = objectsIn(items).filter((one) => one['client_id'] === clientId);
  if (client === undefined) return hasMore === false ? 'gone' : null;
  return others.length === 0 && Number.isSafeInteger(client['id']) && Number(client['id']) > 0 ? client : null;
}

/** When the secret of the slot was made; `null`: there is none; `undefined`: the answer does not tell. */
export function issuedOn(client: OrdsClient, slot: Slot): string | null | undefined {
  const dates = { 1: client['client_secret_issued_on'], 2: client['client_secret_2_issued_on'] };
  if (dates[1] === undefined && dates[2] === undefined) return undefined;
  const date = dates[slot] ?? null;
  return date === null || typeof date === 'string' && date !== '' ? date : undefined;
}

/** What our user needs. The pages of these calls name no role; those beside them name these. */
export const ordsRights = 'The ORDS role SQL Developer, which a database user whose schema is REST-enabled has for that schema, or SQL Administrator';

/** A search for a client that there is not: nobody is shown a secret. `unasked`: what nobody can learn without acting. */
export function readsClients(unasked: string): Rights<{ readonly clients: string }> {
  const granted = (answer: OutboundAnswer): Granted => {
    const plain = plainRight(answer);
    // What is no list did not come from where ORDS was said to be.
    return plain === 'granted' && !Array.isArray(objectOf(answer)?.['items']) ? 'unreachable' : plain;
  };
  return {
    ask: () => [{
      right: 'GET on ords/rest/clients/', request: ({ clients }) => searchFor(clients, 'tokenward-asks-for-nobody'), classify: granted,
    }],
    unasked,
  };
}
