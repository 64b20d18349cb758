import { describe, expect, test } from 'vitest';
import { configurationFile } from './support.ts';

const detectors = [{ id: 'unfamiliar-ip', parameters: {} }, { id: 'egress-spike', parameters: {} }, { id: 'honeytoken', parameters: {}, neverHidden: true as const }];

const { load, problems } = configurationFile(detectors);

const right: Readonly<Record<string, string>> = {
  name: 'new-datacentre', kind: 'migration', match: '{ client: rates }', detectors: '[unfamiliar-ip]', networks: '[192.0.2.0/24]', reason: 'CHG-1733',
  author: 'ann', approver: 'ben', from: '2026-03-01', expires: '2026-05-30',
};

/** One setting a line, so that a place is told by its line. */
function written(changed: Readonly<Record<string, string | null>>): string {
  const lines = Object.entries({ ...right, ...changed }).filter(([, value]) => value !== null).map(([key, value]) => `    ${key}: ${value}`);
  return `exceptions:\n  -\n${lines.join('\n')}\n`;
}

test('an exception that two people agreed on, with its times in milliseconds', () => {
  expect(load(written({})).exceptions).toEqual([{
    name: 'new-datacentre', kind: 'migration', match: { client: 'rates' }, detectors: ['unfamiliar-ip'], networks: ['192.0.2.0/24'], reason: 'CHG-1733',
    author: 'ann', approver: 'ben', fromMs: Date.UTC(2026, 2, 1), untilMs: Date.UTC(2026, 4, 30),
  }]);
});

test('times within a day, and one that lasts exactly 90 days', () => {
  expect(problems(written({ from: '2026-03-01T06:00:00+01:00', expires: '2026-03-01T05:30:00Z' }))).toEqual([]);
  expect(problems(written({ from: '2026-03-01T12:00:00Z', expires: '2026-05-30T12:00:00Z' }))).toEqual([]);
});

describe('what is refused, with its place and what to do', () => {
  test.each<[string, Readonly<Record<string, string | null>>, readonly string[]]>([
    ['one person', { approver: '" Ann"' }, ['f:10:15: " Ann" is also its author', '  hint: somebody else must agree']],
    ['nobody else', { approver: null }, ['f:3:5: "approver" is missing', '  hint: approver: a text']],
    ['no reason', { reason: null }, ['f:3:5: "reason" is missing', '  hint: reason: a text']],
    ['a day too long', { expires: '2026-05-31' }, ['f:12:14: it lasts 91 days', '  hint: 90 at most: 2026-05-30']],
    ['an hour too long', { expires: '2026-05-30T01:00:00Z' }, ['f:12:14: it lasts 91 days', '  hint: 90 at most: 2026-05-30']],
    ['an end before the beginning', { expires: '2026-02-28' }, ['f:12:14: it ends before it begins']],
    ['no end', { expires: null }, ['f:3:5: "expires" is missing', '  hint: expires: a date such as 2026-03-31, or a time such as 2026-03-31T12:00:00Z']],
    ['a wildcard', { match: '{ client: "rates*" }' }, ['f:5:22: expected an exact name, without *, found "rates*"']],
    ['everybody', { match: '{}' }, ['f:5:12: expected at least one of identity, handle, client, found a map']],
    ['every detector', { detectors: '["*"]' }, ['f:6:17: expected an exact name, without *, found "*"']],
    ['no detector', { detectors: '[]' }, ['f:6:16: expected a list of ids of detectors, found a list']],
    ['a detector that does not exist', { detectors: '[unfamiliar-ipp]' }, ['f:6:17: unknown detector "unfamiliar-ipp"', '  hint: did you mean "unfamiliar-ip"?']],
    ['one that is never silent', { detectors: '[egress-spike, honeytoken]' }, ['f:6:31: what "honeytoken" finds is never hidden', '  hint: leave it out']],
    ['a move from nowhere', { networks: null }, ['f:4:11: a migration needs "networks"', '  hint: networks: [old/24, new/24]']],
    ['half the world', { networks: '[0.0.0.0/1]' }, ['f:7:16: "0.0.0.0/1" is no place but a range', '  hint: name its subnets, each /16 or narrower']],
    ['the world of version 6', { networks: '["2000::/3"]' }, ['f:7:16: "2000::/3" is no place but a range', '  hint: name its subnets, each /32 or narrower']],
    ['another kind', { kind: 'legazy' }, ['f:4:11: expected one of break-glass, migration, legacy, found "legazy"', '  hint: did you mean "legacy"?']],
  ])('%s', (_, changed, expected) => expect(problems(written(changed))).toEqual(expected));

  test('two of one name', () => {
    expect(problems(written({}) + written({}).replace('exceptions:\n', ''))).toEqual(['f:14:11: "new-datacentre" is used twice', '  hint: names must be unique']);
  });
});
