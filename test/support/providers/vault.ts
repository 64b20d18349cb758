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
}

const errors = (status: number, ...words: string[]): Reply => ({ status, body: { errors: words } });

/** Vault's answers as 1.14 gave them, and as the documentation describes those of leases. */
export async function startVault(token: string, namespace?: string): Promise<FakeVault> {
  const state = {
    accessors: new Set(['AbCdEf0123456789', 'ZyXwVu9876543210']), leases: new Map([['aws/creds/export', 3], ['aws/creds/report', 2]]),
    secretIds: new Set(['billing/acc-1', 'billing/acc-2']), queues: false, own: { accessor: 'OwnAcc0123456789', entity_id: '', path: 'auth/token/create' }, capabilities: new Map<string, readonly string[]>(),
  };
  const { accessors, leases, secretIds } = state;
  type Handler = (received: Received, parts: readonly string[]) => Reply;
  const allowed = (handle: Handler): Handler => (received, parts) => {
    must(received.headers['x-vault-namespace'] === namespace, 400, 'another namespace');
    return received.headers['x-vault-token'] === token ? handle(received, parts) : errors(403, 'permission denied', String(received.headers['x-vault-token']));
  };
  const prefix: Handler = (received, parts) => {
    must(typeof jsonBody(received, ['sync'])['sync'] === 'boolean', 400, 'sync is a boolean');
    leases.delete(parts.join('/'));
    return { status: state.queues ? 202 : 204 };
  };
  const accessorIn = (received: Received, member: string): string => String(jsonBody(received, [member])[member]);
  const fake = await startFake(routes({
    'POST /v1/auth/token/revoke-accessor': allowed((received) => (accessors.delete(accessorIn(received, 'accessor'))
      ? { status: 204 }
      : { status: 200, body: { data: null, warnings: ['No token found with this accessor'] } })),
    'POST /v1/sys/capabilities-self': allowed((received) => {
      const paths = jsonBody(received, ['paths'])['paths'] as string[];
      const told = Object.fromEntries(paths.map((path) => [path, state.capabilities.get(path) ?? ['deny']]));
      return { status: 200, body: { ...told, data: told } };
    }),
    'GET /v1/auth/token/lookup-self': allowed((received) => {
      noBody(received);
      return { status: 200, body: { data: { ...state.own, id: token, display_name: 'token', policies: ['responder'] } } };
    }),
    'POST /v1/auth/token/lookup-accessor': allowed((received) => {
      const accessor = accessorIn(received, 'accessor');
      return accessors.has(accessor) ? { status: 200, body: { data: { accessor, ttl: 60 } } } : errors(403, 'invalid accessor');
    }),
    'POST /v1/sys/leases/revoke-prefix/{}/{}/{}': allowed(prefix),
    'POST /v1/auth/approle/role/{}/secret-id-accessor/destroy': allowed((received, [role]) =>
      (secretIds.delete(`${role}/${accessorIn(received, 'secret_id_accessor')}`) ? { status: 204 } : errors(500, 'failed to find accessor entry for secret_id_accessor'))),
    'POST /v1/auth/approle/role/{}/secret-id-accessor/lookup': allowed((received, [role]) => {
      const accessor = accessorIn(received, 'secret_id_accessor');
      return secretIds.has(`${role}/${accessor}`) ? { status: 200, body: { data: { secret_id_accessor: accessor } } } : errors(404, 'failed to find accessor entry');
    }),
  }));
  return Object.assign(state, fake);
}
