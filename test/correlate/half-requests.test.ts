import { describe, expect, it } from 'vitest';
import type { TokenEvent } from '../../src/model/event.ts';
import { Bench, startMs, use } from './support.ts';

const half = (type: 'start' | 'end', id: string, at: number, more: Partial<TokenEvent> = {}): TokenEvent =>
  use('t', at, { id: `${type}/${id}`, dataset: 'vault.audit', type: [type], requestId: id, path: 'audit.log', ...more });

describe('request and response', () => {
  it('are one event, the response, with what only the request told', () => {
    const { correlator } = new Bench();
    expect(correlator.correlate(half('start', 'r', 0, { sourceIp: '10.0.0.1', urlPath: 'secret/db' })).event).toBeNull();
    const { event, released } = correlator.correlate(half('end', 'r', 1, { urlPath: 'secret/other' }));
    expect(event).toMatchObject({ id: 'end/r', sourceIp: '10.0.0.1', urlPath: 'secret/other', timeMs: startMs + 1000 });
    expect(released).toEqual([]);
    expect(correlator.tick(startMs + 200_000).released).toEqual([]);
  });

  it('in the wrong order are one event too', () => {
    const { correlator } = new Bench();
    expect(correlator.correlate(half('end', 'r', 0)).event?.id).toBe('end/r');
    expect(correlator.correlate(half('start', 'r', 0)).event).toBeNull();
    expect(correlator.tick(startMs + 200_000).released).toEqual([]);
  });

  it('a request whose response stays out stands for itself after a minute', () => {
    const { correlator } = new Bench();
    correlator.correlate(half('start', 'r', 0, { identityId: 'vault/etl' }));
    expect(correlator.correlate(use('u', 60)).released).toEqual([]);
    const { released } = correlator.correlate(use('t', 61));
    expect(released).toMatchObject([{ id: 'start/r', identityId: 'vault/etl' }]);
    expect(correlator.correlate(half('end', 'r', 90)).event?.id).toBe('end/r');
  });

  it('a tick releases too', () => {
    const { correlator } = new Bench();
    correlator.correlate(half('start', 'r', 0));
    expect(correlator.tick(startMs + 61_000)).toMatchObject({ event: null, released: [{ id: 'start/r' }] });
  });

  it('of two audit devices stay apart, of a rotated log come together', () => {
    const { correlator } = new Bench();
    correlator.correlate(half('start', 'r', 0, { path: 'a.log', userAgent: 'a' }));
    correlator.correlate(half('start', 'r', 0, { path: 'b.log', userAgent: 'b' }));
    expect(correlator.correlate(half('end', 'r', 0, { path: 'b.log' })).event?.userAgent).toBe('b');
    expect(correlator.correlate(half('end', 'r', 0, { path: 'a.log.1' })).event?.userAgent).toBe('a');
    expect(correlator.tick(startMs + 200_000).released).toEqual([]);
  });

  it('waiting beyond the bound are released oldest first', () => {
    const { correlator } = new Bench({ halfRequests: 2 });
    for (const id of ['p', 'q']) correlator.correlate(half('start', id, 0));
    expect(correlator.correlate(half('start', 'r', 1)).released).toMatchObject([{ id: 'start/p' }]);
    expect(correlator.counts().halvesReleasedEarly).toBe(1);
  });

  it('wait through a restart, and so does an answer that came first', async () => {
    const bench = new Bench();
    bench.correlator.correlate(half('start', 'p', 0, { sourceIp: '10.0.0.1' }));
    bench.correlator.correlate(half('end', 'q', 0));
    await bench.restart();
    expect(bench.correlator.correlate(half('end', 'p', 1)).event?.sourceIp).toBe('10.0.0.1');
    expect(bench.correlator.correlate(half('start', 'q', 1)).event).toBeNull();
    expect(bench.correlator.tick(startMs + 200_000).released).toEqual([]);
  });

  it('of other formats are left alone', () => {
    const { correlator } = new Bench();
    expect(correlator.correlate(half('start', 'r', 0, { dataset: 'other' })).event?.id).toBe('start/r');
  });
});
