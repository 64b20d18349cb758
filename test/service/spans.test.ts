import { ROOT_CONTEXT, trace, type Context, type Span, type SpanOptions, type Tracer } from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import type { Action, Verdict } from '../../src/respond/port.ts';
import { Service } from '../../src/service/service.ts';
import { tracedAction, watchDelivery } from '../../src/service/spans.ts';
import { configure, temporaryFolder } from '../end-to-end/support.ts';
import { MemorySource } from './memory-source.ts';
import { giveWay, silent, steppingClock, unasked, unchanging, uncommanded } from './support.ts';

interface Told { readonly name: string; readonly parent: string | null; readonly attributes: Record<string, unknown>; failed: boolean }

// The part of an SDK that an operator would bring.
const told: Told[] = [];
const names = new WeakMap<object, string>();
const tracer = {
  startSpan(name: string, options: SpanOptions = {}, context: Context = ROOT_CONTEXT): Span {
    const above = trace.getSpan(context);
    const one: Told = { name, parent: above === undefined ? null : names.get(above) ?? null, attributes: { ...options.attributes }, failed: false };
    const span = {
      setAttribute: (key: string, value: unknown) => { one.attributes[key] = value; return span; },
      setStatus: () => { one.failed = true; return span; },
      end: () => { told.push(one); },
    };
    names.set(span, name);
    return span as unknown as Span;
  },
} as Tracer;

beforeAll(() => { trace.setGlobalTracerProvider({ getTracer: () => tracer }); });
afterAll(() => trace.disable());
beforeEach(() => { told.length = 0; });

test('each stretch of work with its commit is told, idleness is not', async () => {
  const lines = Array.from({ length: 40 }, (_, n) => JSON.stringify({ start_time: new Date(1_780_000_000_000 + n * 1000).toISOString(), n }));
  const assembly = assemble({ configuration: configure(''), dataDir: temporaryFolder(), format: null, onEvent: () => undefined, warn: () => undefined });
  let taken = 0;
  const source = new MemorySource([{ name: 'gateway/0', lines }], () => 10, 1_780_000_000_000);
  const service = new Service({
    loop: assembly.loop, effects: assembly.effects, positions: assembly.positions, normalizer: assembly.normalizer, sources: [source],
    clock: steppingClock(1_780_000_000_000, 3), settings: unchanging, commands: uncommanded, restarts: unasked, checkpointEveryMs: 2_000,
    observer: { ...silent, taken: (_, { events, ignored, refusals }) => { taken += events.length + ignored + refusals.length; } }, isFull: () => false,
  });
  const running = service.run();
  while (taken < lines.length) await giveWay();
  for (let idle = 0; idle < 20; idle++) await giveWay();
  service.stop();
  await running;
  await assembly.store.close();
  const batches = told.filter(({ name }) => name === 'tokenward.batch');
  expect(batches.length).toBeGreaterThan(0);
  expect(batches.reduce((sum, { attributes }) => sum + (attributes['tokenward.parcels'] as number), 0)).toBe(lines.length);
  expect(told.filter(({ name, parent }) => name === 'tokenward.commit' && parent === 'tokenward.batch')).toHaveLength(batches.length);
});

test('requests to sinks are told with the sink and the number of documents; what failed is marked, and its reason is not told', async () => {
  expect(await watchDelivery('siem', 3, () => Promise.resolve({ kind: 'answered' }))).toEqual({ kind: 'answered' });
  await watchDelivery('siem', 1, () => Promise.resolve({ kind: 'failed', reason: 'unreachable' }));
  await expect(watchDelivery('siem', 1, () => Promise.reject(new Error('quotes a document')))).rejects.toThrow('quotes');
  expect(told.map(({ name, failed, attributes }) => [name, failed, attributes['tokenward.sink'], attributes['tokenward.documents']])).toEqual([
    ['tokenward.delivery', false, 'siem', 3], ['tokenward.delivery', true, 'siem', 1], ['tokenward.delivery', true, 'siem', 1],
  ]);
  expect(JSON.stringify(told)).not.toContain('quotes');
});

test('calls of actions are told, also those that take back', async () => {
  const answer = (verdict: Verdict) => () => Promise.resolve(verdict);
  const action = { name: 'gateways', type: 'deny_list', perform: answer({ kind: 'done' }), undo: answer({ kind: 'failed', reason: 'http_403' }) } as unknown as Action;
  const traced = tracedAction(action);
  const signal = new AbortController().signal;
  expect(await traced.perform({} as never, signal)).toEqual({ kind: 'done' });
  expect(await traced.undo!({} as never, signal)).toEqual({ kind: 'failed', reason: 'http_403' });
  expect(told.map(({ attributes, failed }) => [attributes['tokenward.action'], attributes['tokenward.undo'], failed])).toEqual([['gateways', false, false], ['gateways', true, true]]);
  expect(tracedAction({ ...action, undo: null }).undo).toBeNull();
});
