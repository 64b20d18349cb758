import { randomBytes } from 'node:crypto';
import { must, noBody, routes, startFake, type Fake, type Received, type Reply } from './fake.ts';

type Slot = '1' | '2';
interface Secret { readonly value: string; readonly issuedMs: number }
export interface FakeClient { readonly clientId: string; readonly name: string; readonly secrets: Map<Slot, Secret>; sessions: number }

export interface FakeOrds extends Fake {
  /** By number. */
  readonly clients: Map<number, FakeClient>;
  /** Those that were made here. */
  readonly handedOut: string[];
  /** Our user may read and not delete. */
  isReader: boolean;
  /** A release before there were slots: it knows neither their calls nor their dates. */
  isOld: boolean;
  /** The documentation does not say how what is empty is shown. */
  leavesOutNulls: boolean;
  /** A date without a zone. */
  zone: string;
  /** Answers so, after it did what was asked. */
  status: number | null;
  /** What the search gives back whatever is searched for. */
  answer: object | null;
}

export const [stolen, sibling] = ['LVWTrlkpVAW7u-aLuAgJhg..', 'qXs8r6zYyJ0mCkP3dTnWvA..'];
export const base = '/ords/hr/_/db-api/stable';

const secretOf = (hoursAgo: number): Secret => ({ value: `ords-canary-${hoursAgo}`, issuedMs: Date.now() - hoursAgo * 3_600_000 });

/** OAuth clients of the schema `hr` at ORDS 25.3, as the book "ORDS REST API" describes the calls. It knows no undocumented query or path. */
export async function startOrds(user: string, password: string): Promise<FakeOrds> {
  const state = {
    clients: new Map<number, FakeClient>([
      [10041, { clientId: stolen, name: 'export', secrets: new Map([['1', secretOf(48)]]), sessions: 3 }],
      [10042, { clientId: sibling, name: 'export2', secrets: new Map([['1', secretOf(48)], ['2', secretOf(24)]]), sessions: 2 }],
    ]),
    handedOut: [] as string[], isReader: false, isOld: false, leavesOutNulls: false, zone: 'Z', status: null as number | null, answer: null as object | null,
  };
  type Handler = (received: Received, client: FakeClient, parts: readonly string[]) => Reply;
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const allowed = (handle: (received: Received, parts: readonly string[]) => Reply) => (received: Received, parts: readonly string[]): Reply => {
    if (received.headers['authorization'] !== basic) return { status: 401, body: { title: 'Unauthorized', message: received.headers['authorization'] } };
    noBody(received);
    const reply = handle(received, parts);
    return state.status === null ? reply : { status: state.status, body: { message: basic } };
  };
  const one = (handle: Handler) => allowed((received, parts) => {
    must(/^[1-9]\d*$/.test(parts[0]!), 400, `id ${parts[0]}`);
    const client = state.clients.get(Number(parts[0]));
    return client === undefined ? { status: 404, body: { title: 'Not Found' } } : handle(received, client, parts);
  });
  const slotIn = (name: string): Slot => {
    must(!state.isOld, 404, 'no such path');
    must(name === '1' || name === '2', 400, `slot ${name}`);
    return name;
  };
  const dateOf = (client: FakeClient, slot: Slot): string | null => {
    const secret = client.secrets.get(slot);
    return secret === undefined ? null : new Date(secret.issuedMs).toISOString().replace('Z', state.zone);
  };
  const shown = (id: number): object => {
    const client = state.clients.get(id)!;
    const { clientId: client_id, name, secrets } = client;
    const dates = state.isOld ? {} : { client_secret_issued_on: dateOf(client, '1'), client_secret_2_issued_on: dateOf(client, '2'), client_secret_2: null };
    const all = { id, name, client_id, auth_flow: 'CLIENT_CRED', client_secret: secrets.get('1')?.value ?? null, support_uri: null, ...dates };
    return state.leavesOutNulls ? Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) : all;
  };
  const search = (query: string): Reply => {
    const parameters = new URLSearchParams(query);
    must([...parameters.keys()].join() === 'q', 400, `query ${query}`);
    const { client_id: { $eq: searched } } = JSON.parse(parameters.get('q')!) as { client_id: { $eq: string } };
    const items = [...state.clients].filter(([, { clientId }]) => clientId === searched).map(([id]) => shown(id));
    return { status: 200, body: state.answer ?? { items, hasMore: false, limit: 25, offset: 0, count: items.length, links: [] } };
  };
  const fake = await startFake(routes({
    [`GET ${base}/ords/rest/clients/?*`]: allowed(({ query }) => search(query)),
    [`GET ${base}/ords/rest/clients/{}`]: one((_, _client, [id]) => ({ status: 200, body: shown(Number(id)) })),
    [`DELETE ${base}/ords/rest/clients/{}`]: one((_, _client, [id]) => {
      if (state.isReader) return { status: 409, body: { title: 'Conflict' } };
      state.clients.delete(Number(id));
      return { status: 204 };
    }),
    [`POST ${base}/ords/rest/clients/{}/secret/{}`]: one((_, client, [id, name]) => {
      const slot = slotIn(name!);
      const value = `ords-canary-${randomBytes(12).toString('base64url')}`;
      client.secrets.set(slot, { value, issuedMs: Date.now() });
      state.handedOut.push(value);
      return { status: 201, body: { id: Number(id), name: client.name, [slot === '1' ? 'client_secret' : 'client_secret_2']: value, links: [] } };
    }),
    [`DELETE ${base}/ords/rest/clients/{}/secret/{}?*`]: one(({ query }, client, [, name]) => {
      must(['', 'revoke_sessions=true', 'revoke_sessions=false'].includes(query), 400, `query ${query}`);
      client.secrets.delete(slotIn(name!));
      if (query === 'revoke_sessions=true') client.sessions = 0;
      return { status: 204 };
    }),
  }));
  return Object.assign(state, fake);
}
