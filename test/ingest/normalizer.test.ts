import { describe, expect, test } from 'vitest';
import { Fingerprinter, replayKey } from '../../src/ingest/fingerprint.ts';
import { defaultSource, defineFormat, quarantine, shape } from '../../src/ingest/formats/format.ts';
import { Normalizer } from '../../src/ingest/normalizer.ts';
import { each, path } from '../../src/ingest/paths.ts';
import type { Origin, RawRecord } from '../../src/ingest/record.ts';
import { emptyEvent } from '../../src/model/event.ts';

const origin: Origin = { path: 'a.log', place: 0, identity: 'x', source: null, modifiedMs: null };
const from = (source: string): Origin => ({ ...origin, source });
const timeMs = 1_700_000_000_000;

function record(content: string | Uint8Array | object, more: Partial<RawRecord> = {}): RawRecord {
  const bytes = content instanceof Uint8Array ? content : new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content));
  return { origin, bytes, offset: 7, index: null, ordinal: 0, originalPosition: null, envelopeTimeMs: null, ...more };
}

const asked: string[] = [];
const example = defineFormat({
  id: 'example', title: 'Example', describe: '', vantage: 'gateway', repeats: false, notes: [],
  shapes: [shape({
    kind: 'json',
    fields: {
      time: path('time'), end: path('end'), id: path('id'), ip: path('client', 'ip'), agent: path('agent'), handle: path('handle'), account: path('account'),
      issuer: path('issuer'), roles: each(['roles'], path('name')), skip: path('skip'), fail: path('fail'),
    },
    secrets: { rawToken: path('auth') },
    recognize({ time }) {
      asked.push('example');
      return time !== null;
    },
    normalize(values, context, secrets) {
      if (values.skip === true) return 'ignore';
      if (typeof values.fail === 'string') throw new Error(`quotes ${values.fail}`);
      if (typeof values.time !== 'number') return quarantine('no_time', 'The record has no time.');
      const event = emptyEvent('example', values.time);
      const text = (value: unknown) => (typeof value === 'string' ? value : null);
      event.endMs = typeof values.end === 'number' ? values.end : null;
      event.id = text(values.id) ?? '';
      event.sourceIp = text(values.ip);
      event.userAgent = text(values.agent);
      event.cloudAccount = text(values.account);
      event.tokenIssuer = text(values.issuer);
      event.roles = values.roles as string[] | null;
      event.token = secrets.rawToken?.fingerprint('issuer') ?? null;
      const handle = text(values.handle);
      event.tokenHandle = handle;
      if (handle !== null) event.aliases = [context.fingerprint('issuer', handle)];
      return event;
    },
  })],
});
const lines = defineFormat({
  id: 'lines', title: 'Lines', describe: '', vantage: 'edge', repeats: false, notes: [],
  shapes: [
    shape({
      kind: 'json', fields: { message: path('message'), nested: path('client') },
      recognize({ message }) {
        asked.push('lines');
        return message !== null;
      },
      normalize: (_values, context) => emptyEvent('lines', context.envelopeTimeMs ?? 0),
    }),
    shape({
      kind: 'text', fields: { agent: path('agent') },
      grammar: (line) => (line.startsWith('[line] ') ? { agent: line.slice(7) } : null),
      recognize: () => true,
      normalize: ({ agent }, context) => ({ ...emptyEvent('lines', context.referenceMs ?? timeMs), userAgent: agent as string }),
    }),
  ],
});
const fingerprinter = new Fingerprinter(replayKey);
const normalizer = new Normalizer([example, lines], {
  fingerprinter,
  sources: [
    { settings: { ...defaultSource, name: 'only-lines' }, formats: ['lines'] },
    { settings: { ...defaultSource, name: 'own', accounts: ['1'], issuers: ['https://id.example.com'], mapping: { ip: ['peer', 'address'] } }, formats: ['example'] },
  ],
});
const eventOf = (raw: RawRecord) => {
  const outcome = normalizer.normalize(raw);
  if (outcome.kind !== 'event') throw new Error(JSON.stringify(outcome));
  return outcome.event;
};
const refusalOf = (raw: RawRecord) => {
  const outcome = normalizer.normalize(raw);
  return outcome.kind === 'refused' ? outcome.refusal : outcome.kind;
};

describe('events', () => {
  test('hold what the format declares and where they stood', () => {
    const raw = record({ time: timeMs, client: { ip: '192.0.2.1' }, roles: [{ name: 'a' }, {}, { name: 'b' }], auth: 'Bearer secret', handle: 'h' }, { index: 3 });
    expect(eventOf(raw)).toMatchObject({
      sourceIp: '192.0.2.1', roles: ['a', 'b'], path: 'a.log', offset: 7, index: 3, source: 'example',
      token: fingerprinter.fingerprint('issuer', 'secret'), aliases: [fingerprinter.fingerprint('issuer', 'h')],
    });
  });
  test('are ordered by their end', () => {
    expect(eventOf(record({ time: timeMs, end: timeMs + 5 })).orderMs).toBe(timeMs + 5);
    expect(eventOf(record({ time: timeMs, end: timeMs - 5 })).orderMs).toBe(timeMs);
  });
  test('take time from the envelope or the year from the file', () => {
    expect(eventOf(record({ message: 'm' }, { envelopeTimeMs: timeMs })).timeMs).toBe(timeMs);
    expect(eventOf(record('[line] agent', { origin: { ...origin, modifiedMs: timeMs + 1 } })).timeMs).toBe(timeMs + 1);
  });
  test('of lines, those that open with a bracket too', () => {
    expect(eventOf(record('[line] curl/8')).userAgent).toBe('curl/8');
  });
  test('are ignored when the format says so', () => {
    expect(normalizer.normalize(record({ time: 1, skip: true }))).toEqual({ kind: 'ignored', format: 'example' });
  });
});

describe('derived ids', () => {
  const line = { time: timeMs };
  test('tell places and contents apart, and not readings', () => {
    const ids = [
      record(line), record({ time: timeMs, a: 1 }), record(line, { offset: 8 }), record(line, { index: 0 }), record(line, { index: 1 }),
      record(line, { origin: { ...origin, identity: 'y' } }), record(line, { originalPosition: 'host|file|7' }),
    ].map((raw) => eventOf(raw).id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[\w-]{38}$/.test(id))).toBe(true);
    expect(eventOf(record(line, { origin: { ...origin, path: 'b.log' } })).id).toBe(ids[0]);
    expect(eventOf(record(line, { originalPosition: 'host|file|7', offset: 99, index: 4 })).id).toBe(ids.at(-1));
  });
  test('give way to the provider\'s', () => expect(eventOf(record({ time: timeMs, id: 'theirs' })).id).toBe('theirs'));
});

describe('refusals', () => {
  test.each([
    ['{"other":1}', 'unknown_format'], ['some line', 'unknown_format'], ['', 'unknown_format'], ['123', 'unknown_format'], ['[1]', 'unknown_format'],
    ['{"time":1700000000000', 'truncated'], ['{"time":x}', 'invalid_json'], ['[not a line', 'invalid_json'], [`x${'y'.repeat(65_536)}`, 'too_large'],
    ['{"time":"yesterday"}', 'no_time'], ['{"time":1e400}', 'no_time'], ['{"time":5}', 'bad_time'], ['{"time":4200000000000}', 'bad_time'], ['{"time":-1}', 'bad_time'],
    ['{"time":1700000000000,"end":4200000000000}', 'bad_time'], ['{"time":1700000000000,"agent":"\\ud800"}', 'bad_field'],
    ['{"time":1700000000000,"time":1700000000000}', 'duplicate_field'], ['{"time":1700000000000,"fail":"secret"}', 'bad_field'],
    [`{"time":1700000000000,"handle":"${'h'.repeat(513)}"}`, 'bad_field'],
  ])('%.60s: %s', (text, reason) => expect(refusalOf(record(text))).toMatchObject({ reason, path: 'a.log', offset: 7, index: null, length: text.length }));

  test('of bytes that are no UTF-8, in JSON and in lines', () => {
    for (const head of ['{"time":1700000000000,"handle":"', '[line] ', 'line ']) {
      expect(refusalOf(record(Buffer.concat([Buffer.from(head), Uint8Array.of(0xff), Buffer.from('"}')])))).toMatchObject({ reason: 'invalid_utf8' });
    }
  });
  test('quote nothing of the record', () => {
    for (const text of ['{"time":1700000000000,"fail":"secret"}', '{"secret":secret}', 'secret', '{"secret":1}']) {
      expect(JSON.stringify(refusalOf(record(text)))).not.toContain('secret');
    }
  });
});

describe('bounds', () => {
  test('long texts are cut, not between the halves of a surrogate pair', () => {
    expect(eventOf(record({ time: timeMs, agent: 'x'.repeat(5000) })).userAgent).toHaveLength(2048);
    expect(eventOf(record({ time: timeMs, agent: `x${'\u{1f600}'.repeat(2000)}` })).userAgent).toBe(`x${'\u{1f600}'.repeat(1023)}`);
    expect(eventOf(record({ time: timeMs, roles: [{ name: 'r'.repeat(3000) }, { name: 's' }] })).roles).toEqual(['r'.repeat(2048), 's']);
  });
  test('an id of 512 passes', () => expect(eventOf(record({ time: timeMs, handle: 'h'.repeat(512) })).tokenHandle).toHaveLength(512));
});

describe('sources', () => {
  test('carry only their formats', () => {
    expect(refusalOf(record({ time: timeMs }, { origin: from('only-lines') }))).toMatchObject({ reason: 'not_authorised' });
    expect(refusalOf(record({ other: 1 }, { origin: from('only-lines') }))).toMatchObject({ reason: 'unknown_format' });
    expect(eventOf(record('[line] x', { origin: from('only-lines') })).source).toBe('only-lines');
  });
  test('speak only for their accounts and issuers', () => {
    const own = { origin: from('own') };
    expect(refusalOf(record({ time: timeMs, account: '2' }, own))).toMatchObject({ reason: 'not_authorised' });
    expect(refusalOf(record({ time: timeMs, issuer: 'https://evil.example' }, own))).toMatchObject({ reason: 'not_authorised' });
    expect(eventOf(record({ time: timeMs, account: '1', issuer: 'https://id.example.com' }, own)).cloudAccount).toBe('1');
  });
  test('use the operator\'s own keys', () => {
    expect(eventOf(record({ time: timeMs, peer: { address: '192.0.2.9' } }, { origin: from('own') })).sourceIp).toBe('192.0.2.9');
    expect(eventOf(record({ time: timeMs, peer: { address: '192.0.2.9' } })).sourceIp).toBeNull();
  });
});

test('the shape that claimed the last record of an input is asked first', () => {
  const one = from('nobody-knows-it');
  const other = { ...one };
  normalizer.normalize(record({ message: 'm' }, { origin: one, envelopeTimeMs: timeMs }));
  normalizer.normalize(record({ time: timeMs }, { origin: other }));
  asked.length = 0;
  normalizer.normalize(record({ message: 'm' }, { origin: one, envelopeTimeMs: timeMs }));
  normalizer.normalize(record({ time: timeMs }, { origin: other }));
  expect(asked).toEqual(['lines', 'example']);
});

test('pairs of different invalid UTF-8 never become one event', () => {
  for (let byte = 0x80; byte < 0x100; byte += 1) {
    const bytes = Buffer.concat([Buffer.from(`{"time":${timeMs},"handle":"`), Uint8Array.of(byte), Buffer.from('"}')]);
    expect(refusalOf(record(bytes))).toMatchObject({ reason: 'invalid_utf8' });
  }
});

describe('where the secret itself stood', () => {
  const read = (fields: object) => {
    const outcome = new Normalizer([example], { fingerprinter: new Fingerprinter(replayKey) }).normalize(record({ time: timeMs, ...fields }));
    return outcome.kind === 'event' ? outcome.event.tokenSeenIn : outcome.kind;
  };

  test('is told by its field, and only where it was the token that was presented', () => {
    expect(read({ auth: 'Bearer s3cret' })).toBe('auth');
    expect(read({ handle: 'public' })).toBe(null);
  });

  test.each(['-', '[REDACTED]', 'Bearer ***', 'hmac-sha256:0f1e2d'])('%s is no secret', (auth) => {
    expect(read({ auth })).toBe(null);
  });
});
