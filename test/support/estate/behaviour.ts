import { emptyEvent, type TokenEvent } from '../../../src/model/event.ts';
import { Random } from './random.ts';

export const behaviourEpochMs = Date.UTC(2026, 0, 5);
const [hourMs, dayMs] = [3_600_000, 86_400_000];

const subjects = [
  'Bucket', 'Object', 'Instance', 'Volume', 'Queue', 'Topic', 'Table', 'Stream', 'Function', 'Cluster', 'Alarm', 'Rule', 'Image', 'Subnet', 'Route', 'Role',
  'Policy', 'Parameter',
];
const reading = ['Describe', 'List', 'Get'];
const writing = ['Create', 'Update', 'Put', 'Tag', 'Delete'];

function integer(random: Random, least: number, most: number): number {
  return least + random.whole(most - least + 1);
}

function operation(random: Random, writes: boolean): string {
  return `${random.pick(writes && random.next() < 0.4 ? writing : reading)}${random.pick(subjects)}${random.pick(['', 's', 'Status', 'Attributes', 'Tags', 'Version', 'Config'])}`;
}

/** One identity of a company that does nothing wrong: what it does on a day. */
interface Member { readonly name: string; readonly kind: TokenEvent['identityKind']; readonly day: (day: number, emit: Emit) => void }
type Emit = (hour: number, fields: Partial<TokenEvent>) => void;

const api = (action: string, more: Partial<TokenEvent> = {}): Partial<TokenEvent> => ({ action, module: 'aws', outcome: 'success', ...more });
const call = (method: string, route: string, objectId: string, more: Partial<TokenEvent> = {}): Partial<TokenEvent> => ({
  method, route, objectId, urlPath: route, resourceId: `api.example/${route.split('/')[1] ?? ''}`, resourceKind: 'route', outcome: 'success', status: 200, ...more,
});
const missing: Partial<TokenEvent> = { outcome: 'failure', status: 404 };

/** A few operations, and a release every few months. */
function service(random: Random, name: string): Member {
  const own = Array.from({ length: integer(random, 3, 12) }, () => operation(random, true));
  return {
    name, kind: 'role',
    day(_, emit) {
      if (random.next() < 1 / 60) for (let count = integer(random, 1, 6); count > 0; count -= 1) own.push(operation(random, true));
      if (random.next() < 1 / 400) own.push('GetSecretValue');
      for (const action of own) emit(random.between(0, 24), api(action));
      if (random.next() < 0.02) emit(random.between(0, 24), api(random.pick(own), { outcome: 'failure', code: 'AccessDenied' }));
    },
  };
}

/** Grows each week, and clears away what it set up. */
function pipeline(random: Random, name: string): Member {
  const own = Array.from({ length: integer(random, 20, 60) }, () => operation(random, true));
  const size = integer(random, 10, 60);
  return {
    name, kind: 'role',
    day(day, emit) {
      if (day % 7 > 4) return;
      if (random.next() < 0.15) own.push(operation(random, true), operation(random, true));
      const hour = random.between(8, 18);
      for (const action of own) if (random.next() < 0.7) emit(hour + random.between(0, 0.2), api(action));
      if (day % 7 === 4) for (let count = Math.round(size * random.between(0.6, 1.4)); count > 0; count -= 1) emit(20 + count / 500, api('DeleteStack'));
    },
  };
}

/** People try things, and are refused now and then. */
function person(random: Random, name: string): Member {
  const own = Array.from({ length: 30 }, () => operation(random, true));
  return {
    name, kind: 'human',
    day(day, emit) {
      if (day % 7 > 4) return;
      const hour = random.between(8, 16);
      for (let count = integer(random, 5, 30); count > 0; count -= 1) {
        const action = random.next() < 0.1 ? operation(random, true) : random.pick(own);
        emit(hour + random.between(0, 2), api(action, random.next() < 0.04 ? { outcome: 'failure', code: 'AccessDenied' } : {}));
      }
    },
  };
}

/** Looks at everything each day, and is refused the same each day. */
function auditor(random: Random, name: string): Member {
  const own = Array.from({ length: 100 }, () => operation(random, false));
  return {
    name, kind: 'role',
    day(_, emit) {
      own.forEach((action, at) => emit(3 + at / 200, api(action, at % 12 === 0 ? { outcome: 'failure', code: 'AccessDenied', resourceId: `b-${at}` } : {})));
    },
  };
}

/** An interface's caller: reads, writes a little, asks for what is not there, clears away what is old. */
function caller(random: Random, name: string): Member {
  const routes = Array.from({ length: integer(random, 2, 6) }, (_, at) => `/v1/${random.pick(['orders', 'carts', 'items', 'rates', 'labels'])}${at}/{id}`);
  const clearing = random.next() < 0.3 ? integer(random, 3, 30) : 0;
  const absent = random.pick([0, 0, 0.01, 0.05]);
  return {
    name, kind: 'client',
    day(_, emit) {
      if (random.next() < 1 / 200) for (let count = 0; count < 40; count += 1) emit(12 + count / 300, call('GET', '/v1/prices/{id}', `${count * 37}`, missing));
      if (random.next() < 1 / 80) routes.push(`/v1/${random.pick(['refunds', 'quotes', 'notes', 'prices'])}${integer(random, 0, 9)}/{id}`);
      for (let count = integer(random, 20, 60); count > 0; count -= 1) {
        emit(random.between(0, 24), call(random.next() < 0.1 ? 'POST' : 'GET', random.pick(routes), String(integer(random, 1, 50_000)), random.next() < absent ? missing : {}));
      }
      for (let count = Math.round(clearing * random.around(1, 0.4)); count > 0; count -= 1) emit(2 + count / 200, call('DELETE', '/v1/carts/{id}', String(integer(random, 1, 50_000))));
    },
  };
}

/** Works for one customer, for some that become more, or for all. */
function agency(random: Random, name: string): Member {
  const customers = Array.from({ length: random.pick([1, 1, 2, 3, 400]) }, () => integer(random, 1, 9_000));
  return {
    name, kind: 'client',
    day(_, emit) {
      if (random.next() < 1 / 60) customers.push(integer(random, 1, 9_000));
      for (let count = integer(random, 10, 30); count > 0; count -= 1) {
        emit(random.between(0, 24), call('GET', '/v1/customers/{id}/orders/{id}', `${random.pick(customers)}/${integer(random, 1, 90_000)}`));
      }
    },
  };
}

/** A batch that reads page after page each night, or once a month. */
function exporter(random: Random, name: string): Member {
  const [everyDays, size] = [random.pick([1, 7, 30]), integer(random, 50, 200)];
  return {
    name, kind: 'client',
    day(day, emit) {
      for (let count = 0; count < 5; count += 1) emit(random.between(6, 20), call('GET', '/v1/orders/{id}', String(integer(random, 1, 90_000))));
      if (day % everyDays === 0) for (let at = 0; at < size * random.between(0.8, 1.2); at += 1) emit(1 + at / 2_000, call('GET', '/v1/orders/{id}', String(day * 500 + at)));
    },
  };
}

const kinds = [service, service, service, pipeline, person, person, auditor, caller, caller, caller, agency, agency, exporter];

export function makeCompany(size: number, seed: number): Member[] {
  return Array.from({ length: size }, (_, at) => (kinds[at % kinds.length] ?? service)(new Random(seed * 7_919 + at), `member-${at}`));
}

/** What the members do on a day, in order. */
export function behaviourOfDay(members: readonly Member[], day: number): TokenEvent[] {
  const events: TokenEvent[] = [];
  for (const { name, kind, day: live } of members) {
    live(day, (hour, fields) => {
      const timeMs = Math.floor(behaviourEpochMs + day * dayMs + hour * hourMs);
      events.push({
        ...emptyEvent('ecs', timeMs), identityId: name, identityName: name, identityKind: kind, token: `t-${name}`, tokenHandle: name, authenticated: true,
        cloudAccount: `account-${name.charCodeAt(name.length - 1) % 4}`, networkBlock: '198.51.100.0/24', sourceIp: '198.51.100.7', id: `${name}-${timeMs}-${events.length}`, ...fields,
      });
    });
  }
  return events.sort((a, b) => a.orderMs - b.orderMs);
}
