import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Origin } from '../../../src/ingest/record.ts';
import { Collector, type ReadItem } from '../../../src/ingest/split/collect.ts';
import { MessageSplitter } from '../../../src/ingest/split/message.ts';
import { Splitter } from '../../../src/ingest/split/splitter.ts';

const origin: Origin = { path: 'logs/0', place: 0, identity: 'kafka/logs/0', source: 'logs', modifiedMs: 0 };

function show(items: readonly ReadItem[]): string[] {
  return items.map((item) => ('reason' in item ? item.reason : Buffer.from(item.bytes).toString()));
}

/** What the same bytes give as a file. */
function asFile(text: string): string[] {
  const collector = new Collector(origin);
  const splitter = new Splitter(collector);
  splitter.push(Buffer.from(text));
  splitter.end();
  return show(collector.take());
}

/** The items of the last of some messages. */
function last(...messages: readonly string[]): readonly ReadItem[] {
  const splitter = new MessageSplitter(origin);
  return messages.map((message, offset) => splitter.split(Buffer.from(message), offset)).at(-1)!;
}

describe('one record to a message', () => {
  test.each([
    ['a text line', 'GET / HTTP/1.1 200', 'GET / HTTP/1.1 200'],
    ['with its line end', 'GET /\r\n', 'GET /'],
    ['JSON', ' {"a":1}\n', '{"a":1}'],
    ['JSON over several lines', '{\n"a":1\n}', '{\n"a":1\n}'],
    ['a line that begins as a list', '[2026-01-01] started', '[2026-01-01] started'],
    ['JSON that is not well-formed', '{"a":1', 'truncated'],
  ])('%s', (_, message, expected) => {
    for (const items of [last(message), last('{"first":1}', message)]) {
      expect(show(items)).toEqual([expected]);
      expect(items[0]).toMatchObject({ index: null });
    }
  });

  test('is at its message, and counted on', () => {
    const splitter = new MessageSplitter(origin);
    splitter.split(Buffer.from('{"n":0}'), 40);
    expect(splitter.split(Buffer.from('{"n":1}'), 41)).toMatchObject([{ offset: 41, index: null, ordinal: 1, origin }]);
  });
});

describe('several records to a message', () => {
  test.each([
    ['lines', '{"n":0}\n{"n":1}\n', ['{"n":0}', '{"n":1}']],
    ['a list', '[{"n":0},{"n":1}]', ['{"n":0}', '{"n":1}']],
    ['a document that encloses them', '{"Records":[{"n":0},{"n":1}]}', ['{"n":0}', '{"n":1}']],
    ['a list within an envelope', '{"schema":null,"payload":"[{\\"n\\":0},{\\"n\\":1}]"}', ['{"n":0}', '{"n":1}']],
    ['a broken one among good ones', '{"n":0}\n{"n":\n{"n":2}', ['{"n":0}', 'truncated', '{"n":2}']],
  ])('%s', (_, message, expected) => {
    for (const items of [last(message), last('{"first":1}', message)]) {
      expect(show(items)).toEqual(expected);
      expect(items.map(({ index }) => index)).toEqual(expected.map((__, i) => i));
    }
  });
});

test('nothing in a message without text', () => {
  for (const blank of ['', ' ', '\n', '\r\n \t']) expect(last(blank)).toEqual([]);
});

test('a record that is too long is refused, a long list of short ones is not', () => {
  const splitter = new MessageSplitter(origin, 1000);
  expect(show(splitter.split(Buffer.from(`{"a":"${'x'.repeat(2000)}"}`), 0))).toEqual(['too_large']);
  expect(splitter.split(Buffer.from(JSON.stringify(Array.from({ length: 500 }, (_, n) => ({ n })))), 1)).toHaveLength(500);
  expect(show(splitter.split(Buffer.from('x'.repeat(2000)), 2))).toEqual(['too_large']);
});

test('what a message gives is what the same bytes give in a file', () => {
  const pieces = fc.constantFrom('{"a":1}', '{"a":{"b":[1,2]}}', '\n', ' ', '[', ']', ',', 'text', '{', '}', '"', '\r\n', '{"Records":[{"n":1}]}');
  fc.assert(fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
    const text = parts.join('');
    const expected = asFile(text);
    expect(show(last(text))).toEqual(expected);
    // Once messages are known to be single objects, one line between braces is believed to be one, too: its reader will see.
    expect([expected, [text.trim()]]).toContainEqual(show(last('{"first":1}', text)));
  }), { numRuns: 2000 });
});

test('messages that lie one behind the other in a buffer are what each is by itself', () => {
  const messages = [
    '{"a":1}', '{"b":2}', '{"c":3}\n', '{"d":4}\n{"e":5}', '{"f":6}', 'GET /', '{"@timestamp":"2026-01-01T00:00:00Z","message":"GET /","log":{"offset":1}}', '[{"g":7}]', '{"h":8}',
  ];
  const alone = new MessageSplitter(origin), together = new MessageSplitter(origin);
  const buffer = Buffer.from(messages.join('\n@timestamp"\n'));
  let at = 0;
  for (const [offset, message] of messages.entries()) {
    const found = together.split(buffer, offset, at, at + message.length);
    expect(show(found)).toEqual(show(alone.split(Buffer.from(message), offset)));
    at += message.length + '\n@timestamp"\n'.length;
  }
});
