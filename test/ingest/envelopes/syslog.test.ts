import { describe, expect, it } from 'vitest';
import { split } from '../split/splitting.ts';
import { syslogLine } from '../../../src/ingest/envelopes/syslog.ts';
import { Fingerprinter, replayKey } from '../../../src/ingest/fingerprint.ts';
import { defaultSource } from '../../../src/ingest/formats/format.ts';
import { formats } from '../../../src/ingest/formats/index.ts';
import { Normalizer } from '../../../src/ingest/normalizer.ts';
import type { RawRecord } from '../../../src/ingest/record.ts';
import { MessageSplitter } from '../../../src/ingest/split/message.ts';

const inner = '{"eventVersion":"1.08","eventName":"GetObject"}';
const referenceMs = Date.UTC(2026, 10, 22, 12);

/** What stands behind the header, and the time in it; the whole line where it has no header. */
function behind(line: string, reference: number | null = referenceMs): [string, string | null] {
  const bytes = Buffer.from(line);
  const header = syslogLine(bytes, 0, bytes.length, reference);
  if (header === null) return [line, null];
  return [bytes.toString('utf8', header.start), header.timeMs === null ? null : new Date(header.timeMs).toISOString()];
}

describe('headers of syslog', () => {
  it.each([
    ['RFC 5424', `<165>1 2026-11-22T02:14:00.003Z host app 123 ID47 - ${inner}`, inner, '2026-11-22T02:14:00.003Z'],
    ['RFC 5424 with structured data', `<165>1 2026-11-22T02:14:00+01:00 host app - - [a@1 k="v] \\" "][b c="d"] ${inner}`, inner, '2026-11-22T01:14:00.000Z'],
    ['RFC 5424 with a byte order mark', `<165>1 2026-11-22T02:14:00Z host app - - - \ufeff${inner}`, inner, '2026-11-22T02:14:00.000Z'],
    ['RFC 5424 without a time', `<165>1 - host app - - - ${inner}`, inner, null],
    ['RFC 3164', `<34>Nov 22 02:14:00 host su[77]: ${inner}`, inner, '2026-11-22T02:14:00.000Z'],
    ['RFC 3164, day of one digit', `<34>Nov  2 02:14:00 host su: ${inner}`, inner, '2026-11-02T02:14:00.000Z'],
    ['RFC 3164, of the year before', `<34>Dec 31 23:59:59 host su: ${inner}`, inner, '2025-12-31T23:59:59.000Z'],
    ['in a file, without a priority', `Nov 22 02:14:00 host vault[77]: ${inner}`, inner, '2026-11-22T02:14:00.000Z'],
    ['in a file of rsyslog', `2026-11-22T02:14:00.123456+00:00 host vault: ${inner}`, inner, '2026-11-22T02:14:00.123Z'],
    ['before CEF', '<134>Nov 22 02:14:00 host CEF:0|a|b|1|x|y|3|', 'CEF:0|a|b|1|x|y|3|', '2026-11-22T02:14:00.000Z'],
    ['before LEEF, without a tag', '<134>Nov 22 2026 02:14:00 host LEEF:1.0|a|b|1|x|', 'LEEF:1.0|a|b|1|x|', '2026-11-22T02:14:00.000Z'],
    ['only a priority', `<13>${inner}`, inner, null],
    ['a priority and a tag', `<13>vault[1]: ${inner}`, inner, null],
    ['with the mark of JSON', `<34>Nov 22 02:14:00 host rsyslogd: @cee:${inner}`, inner, '2026-11-22T02:14:00.000Z'],
  ])('%s', (_, line, message, time) => {
    expect(behind(line)).toEqual([message, time]);
  });

  it('a time without a year is none where nothing gives one', () => {
    expect(behind(`<34>Nov 22 02:14:00 host su: ${inner}`, null)).toEqual([inner, null]);
  });

  it.each([
    '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073', 'Nov 22 is a day', 'Nov 22 02:14:00 nobody said anything',
    '<html>', '<1234>x', '<34>1 2026-11-22T02:14:00Z host app - - [unclosed', '<a href="x">', 'CEF:0|a|b|1|x|y|3|',
  ])('is no header: %s', (line) => {
    expect(behind(line)).toEqual([line, null]);
  });
});

it('a record behind a header is one in an envelope, and may be an envelope again', () => {
  const lines = [`<34>Nov 22 02:14:00 host app: ${inner}`, `<165>1 2026-11-22T02:14:00Z h a - - - {"Records":[${inner},${inner}]}`, 'plain'];
  expect(split(lines.join('\n')).map(({ text, index }) => [text, index])).toEqual([[inner, 0], [inner, 0], [inner, 1], ['plain', null]]);
});

it('takes linear time on long lines', () => {
  const bombs = ['<34>1 2026-11-22T02:14:00Z h a - - [', '<34>Nov 22 02:14:00 ', 'Nov 22 02:14:00 a'].flatMap((head) => ['"', '\\', ' ', 'a:', '[]'].map((part) => head + part.repeat(100_000)));
  expect(bombs.map((bomb) => behind(bomb)[0].length > 0)).toEqual(bombs.map(() => true));
});

describe('a time without a zone', () => {
  const line = 'CEF:0|Example|App|1|100|read|3|suser=ada';
  const eventOf = (header: string, timezone: string): string => {
    const origin = { path: 'a.log', identity: 'x', place: 0, source: null, modifiedMs: referenceMs };
    const [record] = new MessageSplitter(origin).split(Buffer.from(`${header}${line}`), 0);
    const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey), unconfigured: { settings: { ...defaultSource, timezone }, formats: null } });
    const outcome = normalizer.normalize(record as RawRecord);
    return outcome.kind === 'event' ? new Date(outcome.event.timeMs).toISOString() : outcome.kind;
  };

  it.each([
    ['<34>Nov 22 02:14:00 host ', 'UTC', '2026-11-22T02:14:00.000Z'], ['<34>Nov 22 02:14:00 host ', 'Europe/Berlin', '2026-11-22T01:14:00.000Z'],
    ['<34>Jul 22 2026 02:14:00 host ', 'Europe/Berlin', '2026-07-22T00:14:00.000Z'], ['<34>Nov 22 02:14:00 host ', 'Asia/Kolkata', '2026-11-21T20:44:00.000Z'],
    ['2026-11-22T02:14:00 host app: ', 'Europe/Berlin', '2026-11-22T01:14:00.000Z'], ['2026-11-22T02:14:00Z host app: ', 'Europe/Berlin', '2026-11-22T02:14:00.000Z'],
    ['<165>1 2026-11-22T02:14:00+05:00 host app - - - ', 'Europe/Berlin', '2026-11-21T21:14:00.000Z'],
  ])('%s in %s', (header, timezone, time) => {
    expect(eventOf(header, timezone)).toBe(time);
  });
});
