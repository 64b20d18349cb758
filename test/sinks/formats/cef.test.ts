import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cefLine } from '../../../src/sinks/formats/cef.ts';
import { facts, fullEvent, hostileTexts, startMs } from '../alerts.ts';

/** Read as the standard says, written apart from what is tested. Throws on what a strict reader would not take. */
function readCef(line: string): { header: string[]; extension: Map<string, string> } {
  if (/[\r\n]/.test(line)) throw new Error('more than one line');
  const header: string[] = [''];
  let at = 0;
  for (; header.length < 8; at++) {
    const char = line[at];
    if (char === undefined) throw new Error('short header');
    if (char === '\\') header[header.length - 1] += line[++at]!;
    else if (char === '|') header.push('');
    else header[header.length - 1] += char;
  }
  const rest = line.slice(at);
  header.pop();
  // A key is a word before an equals sign that is not escaped, at the start or after a blank.
  const keys = [...rest.matchAll(/(?:^| )([A-Za-z0-9]+)=/g)];
  const extension = new Map<string, string>();
  keys.forEach((key, place) => {
    const value = rest.slice(key.index + key[0].length, keys[place + 1]?.index ?? rest.length);
    if (/(?<!\\)(?:\\\\)*=/.test(value)) throw new Error(`bare = in ${key[1]}`);
    if (extension.has(key[1]!)) throw new Error(`${key[1]} twice`);
    extension.set(key[1]!, value.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char === 'r' ? '\r' : char)));
  });
  return { header, extension };
}

test('an alert, with the names of the dictionary', () => {
  const { header, extension } = readCef(cefLine(facts(), '0.1.0', 8192));
  expect(header).toEqual(['CEF:0', 'Tokenward', 'Tokenward', '0.1.0', 'unfamiliar-ip', 'Token used from an unfamiliar network', '7']);
  expect(Object.fromEntries(extension)).toMatchObject({
    rt: String(startMs + 1000), externalId: 'alert-1', src: '203.0.113.7', suid: fullEvent.identityId, suser: 'svc-billing', cnt: '412',
    cs1Label: 'tokenFingerprint', cs1: 'a1b2c3', cs2Label: 'tokenHandle', cs2: 'AKIAIOSFODNN7EXAMPLE', cn1Label: 'riskScore', cn1: '81', cn3: '84700000', cs6: 'open',
    requestMethod: 'GET', request: '/v1/export', act: 'GetObject', start: String(startMs), end: String(startMs + 60_000),
  });
});

test('an address of the newer kind has a field of its own', () => {
  const { extension } = readCef(cefLine(facts({}, { sourceIp: '2001:db8::7' }), '0.1.0', 8192));
  expect([extension.get('src'), extension.get('c6a2'), extension.get('c6a2Label')]).toEqual([undefined, '2001:db8::7', 'Source IPv6 Address']);
});

test('what the logs hold adds no field, ends no line and is read back as it was', () => {
  const text = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z=|\\\n\r ]{0,40}$/));
  const names = [...readCef(cefLine(facts(), '0.1.0', 8192)).extension.keys()];
  fc.assert(fc.property(text, text, text, (name, reason, path) => {
    const { header, extension } = readCef(cefLine(facts({ reason: `x${reason}x` }, { identityName: `x${name}x`, urlPath: `/${path}x` }), '0.1.0', 65_000));
    expect([header.length, [...extension.keys()]]).toEqual([7, names]);
    const clean = (raw: string): string => raw.toWellFormed().replaceAll('\r\n', '\n').replaceAll(/[\p{Cc}\u2028\u2029 ]+/gu, ' ');
    if (name.length < 500) expect(clean(extension.get('suser')!).replaceAll(' ', '')).toBe(clean(`x${name}x`).replaceAll(' ', ''));
  }), { numRuns: 300 });
});

test('in the header a bar and a backslash are escaped', () => {
  const { header } = readCef(cefLine({ ...facts(), detector: 'my|rule\\', title: 'a=b\nc' }, '0|1', 8192));
  expect(header.slice(3, 6)).toEqual(['0|1', 'my|rule\\', 'a=b c']);
});

test('a line that would be too long loses its last pairs whole, never the ids', () => {
  fc.assert(fc.property(fc.integer({ min: 480, max: 3000 }), fc.constantFrom(...hostileTexts), (maxBytes, text) => {
    const line = cefLine(facts({ reason: text.repeat(3) }, { userAgent: text }), '0.1.0', maxBytes);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxBytes);
    expect(readCef(line).extension.get('externalId')).toBe('alert-1');
  }));
});
