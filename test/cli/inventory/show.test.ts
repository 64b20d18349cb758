import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../../src/config/csv.ts';
import { filterOf } from '../../../src/cli/inventory/filter.ts';
import { flawList } from '../../../src/cli/inventory/flaws.ts';
import { inventoryLines } from '../../../src/cli/inventory/lines.ts';
import { inventoryCsv, inventoryDocument, inventoryTable } from '../../../src/cli/inventory/show.ts';
import type { TokenEvent } from '../../../src/model/event.ts';
import { defaultPolicy } from '../../../src/posture/policy.ts';
import { Bench, startMs, use } from '../../correlate/support.ts';

const day = 24 * 3600;
const formulas = ['=HYPERLINK("http://192.0.2.1")', '+1+1', '-2', '@SUM(1)', '\tx', '\rx', '|calc'];

function answerOf(...events: TokenEvent[]) {
  const bench = new Bench({ inventory: [{ match: { client: 'rates' }, workload: 'w', kind: null, owner: 'logistics', vendor: 'Acme' }] });
  for (const event of events) {
    const { event: correlated } = bench.correlator.correlate(event);
    if (correlated !== null) bench.correlator.dependents.note(correlated);
  }
  return inventoryLines(bench.correlator, { policy: defaultPolicy, listings: [], vendorNetworks: new Map([['10.9.0.0/24', 'Beta']]), atMs: null });
}

const call = (name: string, at: number, more: Partial<TokenEvent> = {}): TokenEvent => use(name, at, {
  tokenKind: 'api_key', tokenHandle: name, tokenIssuer: 'keys', identityId: `id-${name}`, identityName: name, networkBlock: '10.1.0.0/24',
  resourceId: 'orders', ...more,
});

describe('CSV for spreadsheets', () => {
  test.each(formulas)('%j is a text, whoever chose it', (formula) => {
    const { lines, atMs } = answerOf(call('k', 0, { identityName: formula, resourceId: formula, tokenHandle: formula }));
    const csv = inventoryCsv(lines, atMs);
    for (const cell of Object.values(parseCsv(csv)[0] ?? {})) expect(cell).not.toMatch(/^[=+\-@\t\r|]/);
    expect(parseCsv(csv)[0]?.['identity']).toBe(`'${formula}`);
  });

  test('commas, quotes and line ends stay in their cell', () => {
    const { lines, atMs } = answerOf(call('k', 0, { identityName: 'a,"b"\r\nc' }));
    expect(parseCsv(inventoryCsv(lines, atMs))[0]?.['identity']).toBe('a,"b"\r\nc');
  });
});

describe('the table and the posture list', () => {
  test('obey nothing that a log says to a terminal', () => {
    const { lines, atMs } = answerOf(call('k', 0, { identityName: '\u001b[2Jgone\nline' }));
    for (const text of [inventoryTable(lines, atMs), flawList(lines)]) {
      expect(text).toContain('?[2Jgone?line');
      expect(text).not.toContain('\u001b');
    }
  });

  test('tell what is wrong, why, and what to do; what cannot be told is called unknown', () => {
    const { lines } = answerOf(call('k', 0), call('k', 100 * day));
    const text = flawList(lines);
    expect(text).toContain('over-ttl (NHI7:2025): 1');
    expect(text).toContain('has lived 100 d without a known end; the limit is 90 d');
    expect(text).toContain('shadow (NHI1:2025): 1 unknown');
    expect(inventoryDocument(lines[0]!)).toMatchObject({ tokenward: { posture: expect.arrayContaining([
      expect.objectContaining({ kind: 'orphaned', certainty: 'unknown', owasp_nhi: ['NHI1'] }), expect.objectContaining({ kind: 'over-ttl', certainty: 'fact' }),
    ]) } });
    expect(flawList([])).toBe('Nothing is wrong with any credential that is known.');
  });
});

describe('filters', () => {
  const other = call('other', day, { networkBlock: '10.9.0.0/24', tokenKind: 'jwt', expiresAtMs: startMs + 2 * day * 1000 });
  const { lines, atMs } = answerOf(call('rates', 0, { userName: 'rates' }), call('rates', 100 * day), other);
  const named = (options: Parameters<typeof filterOf>[0]): (string | null)[] => lines.filter(filterOf(options, atMs)).map(({ credential }) => credential.token.handle);

  test.each([
    [{ vendor: 'Acme' }, ['rates']], [{ vendor: 'Beta' }, ['other']], [{ owner: 'logistics' }, ['rates']],
    [{ workload: 'w' }, ['rates']], [{ kind: 'jwt' }, ['other']], [{ live: true }, ['rates']],
    [{ identity: 'other' }, ['other']], [{ posture: 'over-ttl' }, ['rates']], [{ unusedFor: '30d' }, ['other']], [{ vendor: 'Acme', kind: 'jwt' }, []],
    [{}, ['rates', 'other']],
  ] as const)('%j', (options, handles) => {
    expect(named(options)).toEqual(handles);
  });

  test('that can fit nothing are refused', () => {
    expect(() => filterOf({ posture: 'orphan' }, 0)).toThrow('no kind of posture is called orphan');
    expect(() => filterOf({ unusedFor: 'long' }, 0)).toThrow('duration');
  });
});
