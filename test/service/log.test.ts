import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog, type Log, type LogFields } from '../../src/service/log.ts';
import { root } from '../support/source.ts';

interface Written { readonly log: Log; readonly lines: string[]; parsed(): Record<string, unknown>[]; nowMs: number; suppressed: number }

function written(level: 'debug' | 'info' = 'info'): Written {
  const lines: string[] = [];
  const state = { nowMs: Date.UTC(2026, 0, 1), suppressed: 0 };
  const log = createLog({ write: (line) => lines.push(line), level, now: () => state.nowMs, onSuppressed: () => { state.suppressed++; } });
  return Object.assign(state, { log, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) });
}

describe('a line', () => {
  it('is one JSON object in the fields of ECS', () => {
    const { log, lines, parsed } = written();
    log.warn('source_stopped', 'A source has stopped.', { source: 'edge', count: 3 });
    expect(lines[0]).toMatch(/^\{[^\n]*\}\n$/);
    expect(parsed()).toEqual([{
      'log.level': 'warn', '@timestamp': '2026-01-01T00:00:00.000Z', 'ecs.version': '8.17.0', 'service.name': 'tokenward',
      'event.action': 'source_stopped', tokenward: { source: 'edge', count: 3 }, message: 'A source has stopped.',
    }]);
  });

  it('tells nothing but what the list allows', () => {
    const { log, lines } = written();
    const secret = 'eyJhbGciOiJIUzI1NiJ9.secret';
    const error = Object.assign(new Error(`bad header: ${secret}`, { cause: new Error(secret) }), { code: 'ECONNREFUSED', body: secret, headers: { authorization: secret } });
    log.error('delivery_failed', 'A sink did not take a document.', { error, event: { token: secret }, record: secret, source: { secret } } as unknown as LogFields);
    expect(lines[0]).not.toContain('secret');
    expect(JSON.parse(lines[0]!)).toMatchObject({ 'error.type': 'Error', 'error.code': 'ECONNREFUSED', message: 'A sink did not take a document.' });
  });

  it('of a lower level is left out', () => {
    const { log, lines } = written();
    log.debug('detail', 'A detail.');
    expect(lines).toEqual([]);
    const talkative = written('debug');
    talkative.log.debug('detail', 'A detail.');
    expect(talkative.lines).toHaveLength(1);
  });

  it('is bounded', () => {
    const { log, lines } = written();
    log.info('long', 'x'.repeat(10_000), { source: 'y'.repeat(10_000) });
    expect(lines[0]!.length).toBeLessThan(1000);
  });
});

describe('what somebody puts into a name', () => {
  // The larger lists stand beside the repository; without them only our own are tried.
  const shared = ['fuzzdb', 'naughty-strings', 'payloads-all-the-things', 'utf8'].flatMap((name) => {
    const folder = join(root, '../shared/data/hostile', name);
    if (!existsSync(folder)) return [];
    return readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
  });
  const own = [
    '\r\n{"log.level":"info"}', '\u001b[2J\u001b]0;title\u0007', 'a\u2028b\u2029c', '\u202emoc.elpmaxe', '\u0000', '\u0085', '\u009b31m', '\ufeff', '\ud800', '\u007f\b\b',
    '"}\n{"message":"forged"}', '\\u000a', '\u2066x\u2069', '\u200b',
  ];
  it('never ends a line or controls a terminal', () => {
    for (const text of [...own, ...shared]) {
      const { log, lines } = written();
      log.info('named', 'Something was named.', { source: text, feed: text, error: Object.assign(new Error(text), { code: text, name: text }) });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]*\n$/u);
      const { tokenward } = JSON.parse(lines[0]!) as { tokenward: { source: string } };
      expect(text.length > 256 || tokenward.source === text).toBe(true);
    }
  });
});

describe('too many lines of one kind', () => {
  it('are left out and counted, other kinds go on', () => {
    const state = written();
    for (let n = 0; n < 100; n++) state.log.warn('refused', 'Refused.', { count: n });
    state.log.warn('other_thing', 'Something else.');
    expect(state.lines).toHaveLength(11);
    expect(state.suppressed).toBe(90);
    state.nowMs += 60_000;
    state.log.warn('refused', 'Refused.', { count: 100 });
    state.log.warn('refused', 'Refused.', { count: 101 });
    expect(state.parsed().slice(-2).map((line) => line['tokenward'])).toEqual([{ count: 100, suppressed: 90 }, { count: 101 }]);
  });

  it('are told at the end', () => {
    const state = written();
    for (let n = 0; n < 15; n++) state.log.warn('refused', 'Refused.');
    state.log.flush();
    state.log.flush();
    expect(state.lines).toHaveLength(11);
    expect(state.parsed().at(-1)).toMatchObject({ 'event.action': 'refused', tokenward: { suppressed: 5 } });
  });

  it('of kinds without end share one limit', () => {
    const state = written();
    for (let n = 0; n < 2000; n++) state.log.info(`action ${n}`, 'Something.');
    expect(state.lines).toHaveLength(1010);
  });
});
