import { jsonBody, must, noBody, routes, startFake, type Fake, type Received, type Reply } from './fake.ts';

export interface FakeVault extends Fake {
  readonly accessors: Set<string>;
  /** Prefix -> how many leases. */
  readonly leases: Map<string, number>;
  readonly secretIds: Set<string>;
  /** Path -> what our token may do there. */
  readonly capabilities: Map<string, readonly string[]>;
  /** What our token is. */
  own: { accessor: string; entity_id: string; path: string };
  /** Leases are only put into a queue. */
  queues: boolean;
  /** Nothing is mounted there. */
  isAbsent: boolean;
}

/** As the cluster itself refuses, and as what is mounted there does. */
const errors = (status: number, ...words: string[]): Reply => ({ status, body: { errors: words } });
const told = (status: number, words: string): Reply => errors(status, `1 error occurred:\n\t* ${words}\n\n`);

/** The answers of OpenBao 2.6; an accessor in another namespace ends with a dot and that one's id. */
export async function startVault(token: string, namespace?: string): Promise<FakeVault> {
  const state = {
    accessors: new Set(['AbCdEf0123456789', 'ZyXwVu9876543210']), leases: new Map([['aws/creds/export', 3], ['aws/creds/report', 2]]),
    secretIds: new Set(['billing/acc-1', 'billing/acc-2']), queues: false, isAbsent: false, own: { accessor: 'OwnAcc0123456789', entity_id: '', path: 'auth/token/create' },
    capabilities: new Map<string, readonly string[]>(),
  };
  const { accessors, leases, secretIds } = state;
  type Handler = (received: Received, parts: readonly string[]) => Reply;
  const allowed = (handle: Handler): Handler => (received, parts) => {
    must(received.headers['x-vault-namespace'] === namespace, 400, 'another namespace');
    if (state.isAbsent) return errors(404, `no handler for route "${received.path}". route entry not found.`);
    return received.headers['x-vault-token'] === token ? handle(received, parts) : errors(403, 'permission denied', String(received.headers['x-vault-token']));
  };
  const prefix: Handler = (received, parts) => {
    must(typeof jsonBody(received, ['sync'])['sync'] === 'boolean', 400, 'sync is a boolean');
    leases.delete(parts.join('/'));
    return { status: state.queues ? 202 : 204 };
  };
  const accessorIn = (received: Received, member: string): string => String(jsonBody(received, [member])[member]);
  const noSecretId = (accessor: string): string => `failed to find accessor entry for secret_id_accessor: "${accessor}"`;
  const fake = await startFake(routes({
    'POST /v1/auth/token/revoke-accessor': allowed((received) => {
      const accessor = accessorIn(received, 'accessor');
      if (accessor.includes('.')) return told(500, 'cannot lookup token in different namespace');
      return accessors.delete(accessor) ? { status: 204 } : { status: 200, body: { data: null, warnings: ['No token found with this accessor'] } };
    }),
    'POST /v1/sys/capabilities-self': allowed((received) => {
      const paths = jsonBody(received, ['paths'])['paths'] as string[];
      const known = Object.fromEntries(paths.map((path) => [path, state.capabilities.get(path) ?? ['deny']]));
      return { status: 200, body: { ...known, data: known } };
    }),
    'GET /v1/auth/token/lookup-self': allowed((received) => {
      noBody(received);
      return { status: 200, body: { data: { ...state.own, id: token, display_name: 'token', policies: ['responder'] } } };
    }),
    'POST /v1/auth/token/lookup-accessor': allowed((received) => {
      const accessor = accessorIn(received, 'accessor');
      if (accessor.includes('.')) return told(500, 'cannot lookup token in different namespace');
      return accessors.has(accessor) ? { status: 200, body: { data: { accessor, ttl: 60 } } } : told(400, 'invalid accessor');
    }),
    'POST /v1/sys/leases/revoke-prefix/{}/{}/{}': allowed(prefix),
    'POST /v1/auth/approle/role/{}/secret-id-accessor/destroy': allowed((received, [role]) => {
      const accessor = accessorIn(received, 'secret_id_accessor');
      return secretIds.delete(`${role}/${accessor}`) ? { status: 204 } : told(500, noSecretId(accessor));
    }),
    'POST /v1/auth/approle/role/{}/secret-id-accessor/lookup': allowed((received, [role]) => {
      const accessor = accessorIn(received, 'secret_id_accessor');
      if (secretIds.has(`${role}/${accessor}`)) return { status: 200, body: { data: { secret_id_accessor: accessor, secret_id_num_uses: 0 } } };
      return { status: 404, body: { data: { error: noSecretId(accessor) }, warnings: null, auth: null } };
    }),
  }));
  return Object.assign(state, fake);
}
