import type { Message } from 'kafkajs';
import { Chance } from '../../support/logs/random.ts';
import { cloudtrailRecord } from '../../support/logs/records.ts';
import { companyWithThefts } from '../../support/logs/thefts.ts';

export interface Size {
  readonly seed: number;
  readonly users: number;
  readonly days: number;
  readonly callsADay: number;
  readonly stolenCalls: number;
  /** Where the thief of a user's key is. Default: all at one VPN, which makes a campaign of them. */
  readonly thiefOf?: (user: number) => string;
}

/** Records of many users of a cloud, of whom most lose a key on some day, in the order of writing. */
export interface Records {
  readonly layout: Layout;
  readonly messages: readonly (Message & { readonly topic: number; readonly partition: number; readonly value: string })[];
}

/**
 * One user's records stand in one partition; each topic is a source of its own.
 */
export interface Layout { readonly topics: number; readonly partitions: number; /** Of each topic; without it all are CloudTrail. */ readonly formats?: readonly string[] }

const startMs = Date.UTC(2026, 0, 5);
const dayMs = 86_400_000;

const oneVpn = (user: number): string => `185.213.154.${2 + user % 250}`;

/** Nothing but the log's own order, and the network of their thieves, is shared by two users: neither addresses nor buckets. */
export function makeRecords({ seed, users, days, callsADay, stolenCalls, thiefOf = oneVpn }: Size, layout: Layout): Records {
  const chance = new Chance(seed);
  const all: { timeMs: number; user: number; record: object }[] = [];
  const put = (user: number, timeMs: number, address: string, bytes: number): void => {
    const record = cloudtrailRecord(chance.uuid(), timeMs, `user${user}`, `AKIAFREIGHT${String(user).padStart(9, '0')}`, address, bytes);
    all.push({ timeMs, user, record: { ...record, requestParameters: { bucketName: `labels-${user}`, key: 'labels/1.pdf' } } });
  };
  for (let user = 0; user < users; user++) {
    for (let call = 0; call < days * callsADay; call++) put(user, wholeSecond(startMs + chance.next() * days * dayMs), `52.${1 + (user >> 8)}.${user & 255}.14`, chance.around(20_000, 1.5));
    if (user % 5 === 4) continue;
    // From the second day on, so that alerts are raised all along.
    const fromMs = wholeSecond(startMs + (1 + chance.next() * (days - 1)) * dayMs);
    for (let call = 0; call < stolenCalls; call++) put(user, fromMs + call * 20_000, thiefOf(user), 4_000_000);
  }
  all.sort((a, b) => a.timeMs - b.timeMs || a.user - b.user);
  const { topics, partitions } = layout;
  const messages = all.map(({ user, record }) => (
    { topic: user % topics, partition: Math.floor(user / topics) % partitions, key: `user${user}`, value: JSON.stringify(record) }));
  return { layout, messages };
}

/** As precise as these logs are. */
function wholeSecond(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000;
}

/** A company's gateway, realm and cloud, each with a topic of its own; a shipper tells where in their files the gateway's lines stood. */
export function makeCompany(seed: number): Records {
  const { gateway, realm, cloud } = companyWithThefts({ seed, services: 6, days: 15, callsADay: 15, thefts: 3, stolenCalls: 120 });
  let offset = 0;
  const shipped = gateway.map((line) => {
    const log = { file: { path: '/var/log/envoy/access.log' }, offset };
    offset += line.length + 1;
    return JSON.stringify({ '@timestamp': (JSON.parse(line) as { start_time: string }).start_time, host: { name: 'edge-1' }, log, message: line });
  });
  const messages = [shipped, realm, cloud].flatMap((lines, topic) => lines.map((value) => ({ topic, partition: 0, value })));
  return { layout: { topics: 3, partitions: 1, formats: ['envoy.access', 'keycloak.events', 'aws.cloudtrail'] }, messages };
}
