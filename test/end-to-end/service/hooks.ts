/**
 * Preloaded into `tokenward run`, and by it into its threads: the process kills itself when it passes a named point for
 * the n-th time. What to do stands in the query of this module's own URL, so that nothing in the program knows of it.
 */
import { registerHooks } from 'node:module';
import { DatabaseSync } from 'node:sqlite';
import { isMainThread } from 'node:worker_threads';
import type { EffectsBatch } from '../../../src/store/port.ts';

const { searchParams } = new URL(import.meta.url);
const wanted = searchParams.get('point');
/** Work that each record costs beside its own. */
const burnMs = Number(searchParams.get('burn') ?? 0);
let passesLeft = Number(searchParams.get('pass') ?? 1);

/** Between reading a record and telling Kafka that it is done with. */
export const killPoints = [
  'after fetch', 'mid batch', 'before effects', 'after effects', 'after delivery', 'before checkpoint', 'mid checkpoint', 'before advisory commit',
  'during restore',
] as const;
export type KillPoint = typeof killPoints[number];

function pass(point: KillPoint): void {
  if (point === wanted && --passesLeft === 0) process.kill(process.pid, 'SIGKILL');
}

interface Hook<Self, Values extends unknown[]> { before?(self: Self, ...values: Values): void; after?(self: Self, ...values: Values): void }

/** Puts something before or after a method of a class. */
function around<Self extends object, Values extends unknown[]>(owner: { readonly prototype: Self }, name: keyof Self & string, hook: Hook<Self, Values>): void {
  const original = owner.prototype[name] as (this: Self, ...values: Values) => unknown;
  Object.defineProperty(owner.prototype, name, {
    value: function wrapped(this: Self, ...values: Values): unknown {
      hook.before?.(this, ...values);
      const result = original.apply(this, values);
      hook.after?.(this, ...values);
      return result;
    },
  });
}

const constants: readonly (readonly [string, RegExp, string])[] = [
  // A member that was killed stays in its group until its session is over.
  ['/src/ingest/kafka/source.ts', /const defaultSessionTimeoutMs = [\d_]+;/, 'const defaultSessionTimeoutMs = 1200;'],
  // A sink that was given up is tried again after half a minute.
  ['/src/outbound/breaker.ts', /const probeEveryMs = [\d_]+;/, 'const probeEveryMs = 500;'],
  ['/src/service/service.ts', /const workMs = \d+;/, `const workMs = ${searchParams.get('work') ?? 50};`],
  ['/src/service/service.ts', /const leastEvents = \d+;/, `const leastEvents = ${searchParams.has('work') || burnMs > 0 ? 1 : 256};`],
];
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    let source: string | null = null;
    for (const [file, constant, replacement] of constants) {
      if (!url.endsWith(file)) continue;
      source ??= Buffer.from(loaded.source as Uint8Array).toString();
      if (!constant.test(source)) throw new Error(`${file} has no ${constant} any more: these hooks must follow it`);
      source = source.replace(constant, replacement);
    }
    return source === null ? loaded : { ...loaded, source };
  },
});

if (!isMainThread) {
  around(DatabaseSync, 'exec', { before: (_, sql: string) => { if (sql === 'COMMIT') pass('mid checkpoint'); } });
} else if (wanted !== null || burnMs > 0) {
  const source = '../../../src';
  const load = async <Module>(path: string): Promise<Module> => await import(`${source}/${path}`) as Module;
  const { Service } = await load<typeof import('../../../src/service/service.ts')>('service/service.ts');
  const { Loop } = await load<typeof import('../../../src/engine/loop.ts')>('engine/loop.ts');
  const { SqliteEffects } = await load<typeof import('../../../src/store/effects.ts')>('store/effects.ts');
  const { SqliteOutbox } = await load<typeof import('../../../src/store/outbox.ts')>('store/outbox.ts');
  const { SqliteState } = await load<typeof import('../../../src/store/state.ts')>('store/state.ts');
  const { KafkaSource } = await load<typeof import('../../../src/ingest/kafka/source.ts')>('ingest/kafka/source.ts');
  around(Service, 'deliver', { before: () => pass('after fetch') });
  around(Loop, 'takeAll', {
    before: (loop) => {
      if (loop.expected !== null) pass('during restore');
      const untilMs = performance.now() + burnMs;
      while (performance.now() < untilMs);
    },
    after: () => pass('mid batch'),
  });
  // The journal then holds all that the life took.
  if (searchParams.has('hold')) Object.defineProperty(Loop.prototype, 'checkpoint', { value: () => Promise.resolve() });
  around(SqliteEffects, 'commit', {
    before: (_, batch: EffectsBatch) => { if (batch.journal.length > 0) pass('before effects'); },
    after: (_, batch: EffectsBatch) => { if (batch.alerts.length > 0) pass('after effects'); },
  });
  around(SqliteOutbox, 'settle', { before: () => pass('after delivery') });
  around(SqliteState, 'write', { before: () => pass('before checkpoint') });
  around(KafkaSource, 'checkpointed', { before: () => pass('before advisory commit') });
}
