import { hourMs, dayMs, type Deed, type Duties, type Duty, type LogFormat } from './calls.ts';
import { Random } from '../../support/estate/random.ts';

const plain = { service: '', operation: '', parameters: {}, region: 'eu-central-1', method: 'GET', status: 200, error: null };

/** An operation of a cloud; `refused`: denied. */
export function cloud(service: string, operation: string, parameters: Deed['parameters'] = {}, refused = false, region = plain.region): Deed {
  return { ...plain, service, operation, parameters, region, ...(refused ? { error: 'AccessDenied', status: 403 } : {}) };
}

export function http(method: string, status = 200): Deed {
  return { ...plain, method, status };
}

export const secret = (name: string, region?: string): Deed => cloud('secretsmanager', 'GetSecretValue', { secretId: name }, false, region);

const things = ['Queue', 'Topic', 'Table', 'Stream', 'Cluster', 'Alarm', 'Volume', 'Subnet', 'Image', 'Function', 'Layer', 'Domain', 'Index', 'Backup'];
const services = ['sqs', 'sns', 'dynamodb', 'kinesis', 'ecs', 'monitoring', 'ec2', 'lambda', 'es'];

function operation(random: Random, writes = true): Deed {
  const verb = writes && random.next() < 0.3 ? random.pick(['Create', 'Update', 'Put', 'Tag']) : random.pick(['Describe', 'List', 'Get']);
  return cloud(random.pick(services), `${verb}${random.pick(things)}${random.pick(['', 's', 'Status', 'Attributes', 'Tags'])}`);
}

/** Asks who it is, reads its secrets, calls what it was built on; each release brings something new, a day in a year is spent on a lost right. */
function runs(random: Random, name: string): Duty {
  const own = [cloud('sts', 'GetCallerIdentity'), ...Array.from({ length: 2 + random.whole(8) }, () => operation(random))];
  const secrets = Array.from({ length: 1 + random.whole(4) }, (_, at) => `${name}/secret-${at}`);
  const hour = random.between(0, 20);
  return (day, act) => {
    if (random.next() < 1 / 60) own.push(...Array.from({ length: 1 + random.whole(4) }, () => operation(random)));
    if (random.next() < 1 / 150) secrets.push(`${name}/secret-${secrets.length}`);
    const refusing = random.next() < 1 / 300;
    for (const deed of [...own, ...secrets.map((one) => secret(one))]) {
      const failed = refusing || random.next() < 0.005;
      act((day * 24 + hour + random.next()) * hourMs, failed ? { ...deed, error: 'AccessDenied', status: 403 } : deed, '/');
    }
  };
}

/** Sets up and takes down: roles, rights, functions, stacks. It grows. */
function provisions(random: Random): Duty {
  const rights = ['CreateRole', 'AttachRolePolicy', 'PutRolePolicy', 'DeleteRole', 'DetachRolePolicy'];
  const own = Array.from({ length: 15 + random.whole(30) }, () => operation(random));
  return (day, act) => {
    if (day % 7 > 4 || random.next() < 0.4) return;
    const hour = random.between(8, 17);
    if (random.next() < 0.2) own.push(operation(random));
    const steps = [...own.filter(() => random.next() < 0.6), ...rights.map((name) => cloud('iam', name, { roleName: `app-${random.whole(30)}` }))];
    steps.forEach((deed, at) => act((day * 24 + hour) * hourMs + at * 4_000, deed, '/'));
    for (let count = random.whole(8); count > 0; count -= 1) act((day * 24 + hour + 1) * hourMs + count * 3_000, cloud('cloudformation', 'DeleteStack', { stackName: `s-${count}` }), '/');
  };
}

/** New keys for others once or twice a month, the old ones deleted. */
function rotatesKeys(random: Random): Duty {
  const every = random.pick([14, 30]);
  const users = Array.from({ length: 3 + random.whole(8) }, (_, at) => `batch-${at}`);
  return (day, act) => {
    if (day % every !== 3) return;
    users.forEach((userName, at) => {
      act((day * 24 + 4) * hourMs + at * 9_000, cloud('iam', 'CreateAccessKey', { userName }), '/');
      act((day * 24 + 4) * hourMs + at * 9_000 + 4_000, cloud('iam', 'DeleteAccessKey', { userName }), '/');
    });
  };
}

/** Clears away what is old each night, more at the end of the week. */
function clearsUp(random: Random, isCloud: boolean): Duty {
  const usual = random.between(5, 60);
  const what = isCloud ? random.pick(['DeleteSnapshot', 'DeleteObject', 'DeleteMessage', 'DeleteVolume']) : '';
  return (day, act) => {
    const count = Math.round(random.around(usual, 0.35) * (day % 7 === 5 ? 1.6 : 1));
    for (let at = 0; at < count; at += 1) {
      const deed = isCloud ? cloud('ec2', what, { snapshotId: `snap-${day}-${at}` }) : http('DELETE');
      act((day * 24 + 2) * hourMs + at * 2_000, deed, `/v2/carts/${random.whole(90_000)}`);
    }
  };
}

/** Copies all secrets each day; a new one now and then. */
function copiesSecrets(random: Random): Duty {
  const names = Array.from({ length: 40 + random.whole(120) }, (_, at) => `shared/${at}`);
  return (day, act) => {
    if (random.next() < 1 / 6) names.push(`shared/${names.length}`);
    names.forEach((name, at) => act((day * 24 + 5) * hourMs + at * 400, secret(name, at % 2 === 0 ? 'eu-central-1' : 'us-east-1'), '/'));
  };
}

/** Writes a little; asks for what is not there; on a bad day of a release for nothing else. */
function writes(random: Random, profile: string): Duty {
  const routes = Array.from({ length: 1 + random.whole(5) }, () => `${random.pick(['orders', 'carts', 'items', 'rates', 'labels', 'notes'])}${random.whole(9)}`);
  const absent = random.pick([0, 0, 0.02, 0.08]);
  return (day, act) => {
    if (random.next() < 1 / 80) routes.push(`${random.pick(['refunds', 'quotes', 'returns'])}${random.whole(9)}`);
    const atMs = (): number => day * dayMs + random.between(7, 20) * hourMs;
    for (let count = 2 + random.whole(12); count > 0; count -= 1) {
      const deed = http(random.next() < 0.3 ? random.pick(['POST', 'PUT']) : 'GET', random.next() < absent ? 404 : 200);
      act(atMs(), deed, `/v2/${random.pick(routes)}/${random.whole(50_000)}`);
    }
    if (random.next() >= 1 / 400) return;
    const startMs = atMs();
    const status = random.pick([404, 404, 404, 403]);
    for (let count = 60 + random.whole(200); count > 0; count -= 1) act(startMs + count * 9_000, http('GET', status), `/v3/${profile}/${random.pick(routes)}/${random.whole(50_000)}`);
  };
}

/** Works for one customer, for a few that become more, or for very many. */
function worksFor(random: Random, count: number): Duty {
  const customers = Array.from({ length: count }, () => 1 + random.whole(9_000));
  return (day, act) => {
    if (random.next() < 1 / 70) customers.push(1 + random.whole(9_000));
    for (let count = 8 + random.whole(20); count > 0; count -= 1) {
      act(day * dayMs + random.between(6, 22) * hourMs, http('GET'), `/v1/customers/${random.pick(customers)}/orders/${random.whole(90_000)}`);
    }
  };
}

/** Page after page, each night, week or month. */
function exports(random: Random): Duty {
  const [every, size] = [random.pick([1, 7, 28]), random.between(50, 200)];
  return (day, act) => {
    const count = day % every === 0 ? Math.round(size * random.between(0.8, 1.2)) : 0;
    for (let at = 0; at < count; at += 1) act((day * 24 + 1) * hourMs + at * 1_500, http('GET'), `/v2/ledger/${day * 500 + at}`);
  };
}

/** What a workload does beside its rhythm, by chance of its own. */
export function dutiesOf(format: LogFormat, name: string, profile: string, seed: number): Duties {
  const random = new Random(seed);
  const isCloud = format === 'aws.cloudtrail';
  const chosen: [string, Duty][] = [];
  const maybe = (share: number, what: string, make: () => Duty): void => {
    if (random.next() < share) chosen.push([what, make()]);
  };
  if (isCloud) {
    maybe(0.6, 'runs', () => runs(random, name));
    maybe(0.1, 'provisions', () => provisions(random));
    maybe(0.06, 'keys', () => rotatesKeys(random));
    maybe(0.06, 'secrets', () => copiesSecrets(random));
  } else {
    maybe(0.5, 'writes', () => writes(random, profile));
    const count = random.pick([1, 1, 2, 3, 300]);
    maybe(0.2, count > 3 ? 'all customers' : 'customers', () => worksFor(random, count));
    maybe(0.08, 'exports', () => exports(random));
  }
  maybe(0.12, 'clears', () => clearsUp(random, isCloud));
  return { names: new Set(chosen.map(([what]) => what)), all: chosen.map(([, duty]) => duty) };
}
