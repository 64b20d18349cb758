import { describe, expect, it } from 'vitest';
import type { TokenEvent, Vantage } from '../../src/model/event.ts';
import { emptyEvent } from '../../src/model/event.ts';
import { Vantages, type VantageTables } from '../../src/engine/vantages.ts';
import { EntityMap } from '../../src/state/entities.ts';

const startMs = Date.UTC(2026, 0, 5, 9);
const addresses: Record<string, string> = { cdn: '203.0.113.9', gateway: '203.0.113.9', database: '10.0.0.4' };

/** A record of the request `r` of token `t`, `atMs` after the start. */
function seen(vantage: Vantage, source: string, atMs: number, more: Partial<TokenEvent> = {}): TokenEvent {
  const event = emptyEvent('test', startMs + atMs);
  const ip = addresses[source] ?? '10.0.0.5';
  return Object.assign(event, {
    id: `${source}/${atMs}`, source, vantage, requestId: 'r', token: 't', identityId: 'svc', outcome: 'success', authenticated: true, bytesOut: 1_000, sourceIp: ip,
    networkBlock: `${ip}/32`, networkClass: ip.startsWith('10.') ? 'private' : 'isp',
  }, more);
}

/** A decider with its tables, which can be stopped and started again. */
class Bench {
  readonly marked: string[] = [];
  readonly tables: VantageTables = { requests: new EntityMap('requests'), book: new EntityMap('book'), fronts: new EntityMap('fronts') };
  vantages: Vantages;
  readonly #configured: readonly Vantage[];

  constructor(configured: readonly Vantage[] = ['edge', 'gateway', 'resource']) {
    this.#configured = configured;
    this.vantages = this.#open();
  }

  restart(): void {
    for (const table of Object.values(this.tables) as EntityMap<unknown>[]) {
      for (const [key, value] of table.all()) table.set(key, structuredClone(value));
    }
    this.vantages = this.#open();
  }

  /** What is judged in full, and what as a hop, in order. */
  run(events: readonly TokenEvent[], afterEach: () => void = () => undefined): { judged: string[]; hops: string[] } {
    const placed = events.flatMap((event) => {
      const now = this.vantages.place(event) ?? [{ event, isHop: false }];
      afterEach();
      return now;
    });
    placed.push(...this.vantages.release(Number.MAX_SAFE_INTEGER));
    return { judged: placed.filter(({ isHop }) => !isHop).map(({ event }) => event.id), hops: placed.filter(({ isHop }) => isHop).map(({ event }) => event.id) };
  }

  #open(): Vantages {
    return new Vantages(this.tables, this.#configured, (token) => this.marked.push(token));
  }
}

const three = (): TokenEvent[] => [
  seen('edge', 'cdn', 0, { token: null, identityId: null, orderMs: startMs + 90 }), seen('gateway', 'gateway', 5, { orderMs: startMs + 80 }), seen('resource', 'database', 20),
];
const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

describe('one request through a CDN, a gateway and a database', () => {
  it.each(orders)('counts once, by the gateway, which is the outermost that names the token: order %d %d %d', (...order) => {
    const { judged, hops } = new Bench().run(order.map((i) => three()[i] as TokenEvent));
    expect(judged).toEqual(['gateway/5']);
    expect(hops.toSorted()).toEqual(['cdn/0', 'database/20']);
  });

  it.each(orders)('also with a restart after each record: order %d %d %d', (...order) => {
    const bench = new Bench();
    expect(bench.run(order.map((i) => three()[i] as TokenEvent), () => bench.restart()).judged).toEqual(['gateway/5']);
  });

  it('is the same by trace, where ids differ', () => {
    const traced = three().map((event, i) => Object.assign(event, { requestId: `r${i}`, traceId: 'trace' }));
    expect(new Bench().run(traced.toReversed()).judged).toEqual(['gateway/5']);
  });

  it('is the same by token, path and time where the logs have no ids', () => {
    const bare = three().slice(1).map((event) => Object.assign(event, { requestId: null, urlPath: '/orders' }));
    expect(new Bench().run(bare.toReversed()).judged).toEqual(['gateway/5']);
    const apart = three().slice(1).map((event, i) => Object.assign(event, { requestId: null, urlPath: '/orders', orderMs: startMs + i * 4_000 }));
    expect(new Bench().run(apart).judged).toHaveLength(2);
  });

  it('with a record missing counts by the best that is left', () => {
    const [cdn, gateway, database] = three() as [TokenEvent, TokenEvent, TokenEvent];
    expect(new Bench().run([database, cdn]).judged).toEqual(['database/20']);
    expect(new Bench().run([database]).judged).toEqual(['database/20']);
    expect(new Bench().run([cdn]).judged).toEqual(['cdn/0']);
    expect(new Bench().run([cdn, gateway]).judged).toEqual(['gateway/5']);
  });

  it('counts once from the second vantage on where nothing was configured', () => {
    const bench = new Bench([]);
    const requests = Array.from({ length: 5 }, (_, n) => three().toReversed().map((event) => Object.assign(event, { requestId: `r${n}`, timeMs: event.timeMs + n * 1_000,
      orderMs: event.orderMs + n * 1_000 })));
    expect(bench.run(requests.flat()).judged).toHaveLength(5);
  });
});

describe('what shows the id of a request is a request of its own', () => {
  const gateway = (): TokenEvent => seen('gateway', 'gateway', 0, { orderMs: startMs + 100 });
  it.each<[string, Partial<TokenEvent>]>([
    ['when it comes at another time', { timeMs: startMs + 5_000, orderMs: startMs + 5_000 }],
    ['when it takes away more than the request did', { bytesOut: 50_000_000 }],
    ['when it comes from elsewhere', { sourceIp: '198.51.100.66', networkBlock: '198.51.100.0/24', networkClass: 'hosting' }],
    ['when it is somebody else', { token: 'stolen', identityId: 'victim' }],
  ])('%s', (_, more) => {
    for (const order of [[0, 1], [1, 0]]) {
      const events = [gateway(), seen('resource', 'database', 50, more)];
      expect(new Bench().run(order.map((i) => events[i] as TokenEvent)).judged).toHaveLength(2);
    }
  });

  it('when the same log has it twice', () => {
    const again = [0, 10, 20].map((atMs) => seen('gateway', 'gateway', atMs));
    expect(new Bench().run(again).judged).toHaveLength(3);
  });

  it('when many small records add up to more', () => {
    const many = Array.from({ length: 10 }, (_, i) => seen('resource', 'database', 50 + i, { bytesOut: 500_000 }));
    expect(new Bench().run([gateway(), ...many]).hops).toHaveLength(2);
  });
});

describe('a gateway\'s own credential', () => {
  const request = (caller: string, n: number): TokenEvent[] => [
    seen('resource', 'database', n * 1_000 + 20, { requestId: `r${n}`, token: 'shared', identityId: 'gateway' }),
    seen('gateway', 'gateway', n * 1_000, { requestId: `r${n}`, token: `token-${caller}`, identityId: caller, orderMs: startMs + n * 1_000 + 80 }),
  ];

  it('is marked with the first request under it, and its records are hops from the second caller on', () => {
    for (const turned of [false, true]) {
      const bench = new Bench();
      const events = ['a', 'a', 'b', 'c'].flatMap((caller, n) => (turned ? request(caller, n).toReversed() : request(caller, n)));
      const { hops } = bench.run(events);
      expect(bench.marked).toContain('shared');
      expect(new Set(bench.marked)).toEqual(new Set(['shared']));
      expect(hops).toEqual(['database/2020', 'database/3020']);
    }
  });

  it('is not made of a token that somebody shows from the place of his own calls, or that nobody verified', () => {
    for (const more of [{ sourceIp: '203.0.113.9' }, { authenticated: null }]) {
      const bench = new Bench();
      bench.run(['a', 'b', 'c'].flatMap((caller, n) => request(caller, n).map((event) => Object.assign(event, event.source === 'database' ? more : {}))));
      expect(bench.marked).toEqual([]);
    }
  });
});

describe('bounds', () => {
  it('nobody waits for a vantage that brings nothing', () => {
    const bench = new Bench();
    for (let n = 0; n < 60; n++) bench.vantages.place(seen('resource', 'database', n * 1_000, { requestId: `r${n}` }));
    bench.vantages.release(startMs + 3_600_000);
    expect(bench.vantages.place(seen('resource', 'database', 4_000_000, { requestId: 'next' }))?.map(({ event }) => event.id)).toEqual(['database/4000000']);
  });

  it('requests are forgotten beyond the bound, and what waited is judged', () => {
    const bench = new Bench();
    const events = Array.from({ length: 20_010 }, (_, n) => seen('resource', `database${n % 500}`, n, { requestId: `r${n}` }));
    expect(bench.run(events).judged).toHaveLength(20_010);
    expect(bench.tables.requests.size).toBeLessThanOrEqual(20_000);
  });
});
