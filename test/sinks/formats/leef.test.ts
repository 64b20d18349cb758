import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leefLine } from '../../../src/sinks/formats/leef.ts';
import { facts, hostileTexts, startMs } from '../alerts.ts';

/** Read as IBM's guide says: six parts of the header, then pairs between tabs; each key once. */
function readLeef(line: string): { header: string[]; attributes: Map<string, string> } {
  if (/[\r\n]/.test(line)) throw new Error('more than one line');
  const parts = line.split('|');
  if (parts.length !== 7) throw new Error(`${parts.length} parts`);
  const attributes = new Map<string, string>();
  for (const pair of parts[6]!.split('\t')) {
    const equals = pair.indexOf('=');
    if (equals < 1 || attributes.has(pair.slice(0, equals))) throw new Error(`not a pair, or twice: ${pair}`);
    attributes.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  return { header: parts.slice(0, 6), attributes };
}

test('an alert, with what QRadar knows first', () => {
  const { header, attributes } = readLeef(leefLine(facts(), '0.1.0', 8192));
  expect(header).toEqual(['LEEF:2.0', 'Tokenward', 'Tokenward', '0.1.0', 'unfamiliar-ip', 'x09']);
  expect([...attributes.keys()].slice(0, 6)).toEqual(['devTime', 'devTimeFormat', 'cat', 'sev', 'src', 'usrName']);
  expect(Object.fromEntries(attributes)).toMatchObject({
    devTime: 'Nov 22 2026 02:14:01.000 GMT', sev: '7', src: '203.0.113.7', usrName: 'svc-billing', alertId: 'alert-1', tokenHandle: 'AKIAIOSFODNN7EXAMPLE',
    firstSeen: new Date(startMs).toISOString(), policy: 'unfamiliar-ip',
  });
});

test('what the logs hold adds no attribute and ends no line', () => {
  const text = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z=|\\\n\t ]{0,40}$/));
  const names = [...readLeef(leefLine(facts(), '0.1.0', 8192)).attributes.keys()];
  fc.assert(fc.property(text, text, (name, reason) => {
    const { attributes } = readLeef(leefLine(facts({ reason: `x${reason}x` }, { identityName: `x${name}x`, userAgent: `x${name}` }), '0.1.0', 65_000));
    expect([...attributes.keys()]).toEqual(names);
  }), { numRuns: 300 });
});

test('a bar becomes a slash, and an equals sign stays', () => {
  expect(readLeef(leefLine(facts({}, { identityName: 'auth0|7=x' }), '0.1.0', 8192)).attributes.get('usrName')).toBe('auth0/7=x');
});

test('a line that would be too long loses its last pairs whole', () => {
  const line = leefLine(facts(), '0.1.0', 480);
  expect([Buffer.byteLength(line) <= 480, readLeef(line).attributes.get('alertId')]).toEqual([true, 'alert-1']);
});
