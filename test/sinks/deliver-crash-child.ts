/**
 * Commits a fixed script of alert changes and delivers them to two receivers, until both outboxes are empty; then ends with 0.
 * Kills itself at the n-th pass of a named point. Arguments: folder, URL, secret's file, point, n.
 */
import { alertOf, batchOf } from '../store/alerts.ts';
import { Delivery, type Timing } from '../../src/sinks/deliver.ts';
import { outgoingAlert } from '../../src/sinks/outgoing.ts';
import type { Sink } from '../../src/sinks/sink.ts';
import { webhookSink } from '../../src/sinks/webhook.ts';
import { openStore } from '../../src/store/open.ts';
import type { Outbox } from '../../src/store/port.ts';
import { announcementsAt, changeAt, scriptLength } from './deliver-crash-script.ts';

const [dir = '', url = '', secretFile = '', point = '', count = '0'] = process.argv.slice(2);
let passes = 0;

function pass(name: string): void {
  if (name === point && ++passes === Number(count)) process.kill(process.pid, 'SIGKILL');
}

/** The machine's clock, fifty times as fast. */
const timing: Timing = {
  now: () => Date.now() * 50,
  random: Math.random,
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs / 50);
    return () => clearTimeout(timer);
  },
};

function watched<Request, Answer>(sink: Sink<Request, Answer>, name: string, wants: 'every' | 'told'): Sink<Request, Answer> {
  return {
    ...sink, name, wants,
    send: async (request, signal) => {
      pass(`${name}: before sending`);
      const answer = await sink.send(request, signal);
      pass(`${name}: after the answer`);
      return answer;
    },
  };
}

const store = openStore(dir);
const { effects } = store;
const outbox: Outbox = {
  subscribe: (subscribers) => effects.outbox.subscribe(subscribers),
  retire: (sink) => effects.outbox.retire(sink),
  take: (...args) => effects.outbox.take(...args),
  settle: (sink, settled) => {
    effects.outbox.settle(sink, settled);
    pass(`${sink}: after noting it`);
  },
  nextDueMs: (sink) => effects.outbox.nextDueMs(sink),
  waiting: (sink) => effects.outbox.waiting(sink),
  isFull: () => effects.outbox.isFull(),
  deadLetters: (sink) => effects.outbox.deadLetters(sink),
  deadCount: (sink) => effects.outbox.deadCount(sink),
  revive: (sink) => effects.outbox.revive(sink),
};

const deliveries = (['every', 'told'] as const).map((wants) => {
  const sink = watched(webhookSink({ name: wants, url: `${url}/${wants}`, secretFile, allowPrivate: true, timeoutMs: 5000 }), wants, wants);
  const delivery = new Delivery(sink, {
    outbox, timing, report: () => undefined,
    outgoing: outgoingAlert((alert) => ({ id: alert.id, version: alert.version, announced: alert.announced.length })),
  });
  return { sink, delivery };
});
outbox.subscribe(deliveries.map(({ sink, delivery }) => ({ sink: sink.name, wants: sink.wants, lane: sink.lane, wake: delivery.wake })));
const running = deliveries.map(({ delivery }) => delivery.start());

for (let at = effects.lastChange(); at < scriptLength; at++) {
  const { id, version } = changeAt(at);
  effects.commit(batchOf({ alerts: [alertOf(id, version, { announced: announcementsAt(at) })] }));
  pass('after the commit');
  if (at % 3 === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
}
while (deliveries.some(({ sink }) => effects.outbox.waiting(sink.name) > 0)) await new Promise((resolve) => { setTimeout(resolve, 5); });
await Promise.all(deliveries.map(({ delivery }) => delivery.stop(1000)));
await Promise.all(running);
await store.close();
