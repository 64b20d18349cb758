import { afterEach, beforeAll, expect, test } from 'vitest';
import { sharedElasticsearch, sharedKafka } from '../../support/servers/shared.ts';
import { clean } from './checker.ts';
import { makeRecords } from './records.ts';
import { Rig, type Servers } from './rig.ts';

let servers: Servers;
let rig: Rig | null = null;
beforeAll(async () => {
  servers = { broker: (await sharedKafka()).broker, elasticsearch: (await sharedElasticsearch()).url };
}, 300_000);
afterEach(() => rig?.close(), 30_000);

/** Each in a network of its own: when a campaign becomes one depends on the order in which its thefts are read, and with it how often they are told. */
const thiefOf = (user: number): string => `${31 + user}.10.20.30`;

test('partitions of one source that come days apart, each read to its end before the next begins: nothing of them is late', async () => {
  const records = makeRecords({ seed: 61, users: 30, days: 8, callsADay: 4, stolenCalls: 25, thiefOf }, { topics: 1, partitions: 3 });
  const parts = [2, 0, 1].map((wanted) => records.messages.filter(({ partition }) => partition === wanted));
  rig = await Rig.open(servers, { ...records, messages: parts.flat() });
  const service = rig.start();
  let from = 0;
  for (const part of parts) {
    await rig.produce(from, from += part.length);
    await service.settled();
  }
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
  const late = (await rig.searched()).filter(({ document }) => (document.tokenward as unknown as { alert: { late: boolean } }).alert.late);
  expect(late).toEqual([]);
}, 120_000);
