import { expect, test } from 'vitest';
import { stdoutSink } from '../../src/sinks/stdout.ts';
import { outgoingOf } from './support.ts';

const signal = new AbortController().signal;

test('a line of JSON for each alert', async () => {
  let written = '';
  const sink = stdoutSink('out', (text) => {
    written += text;
    return Promise.resolve();
  });
  const documents = [outgoingOf('a', { document: { text: 'two\nlines' } }), outgoingOf('b')];
  const { prepared: [prepared] } = sink.build(documents);
  expect(sink.classify(documents, await sink.send(prepared!.request, signal))).toEqual({ kind: 'each', verdicts: [{ kind: 'done' }, { kind: 'done' }] });
  expect(written).toBe('{"text":"two\\nlines"}\n{"id":"b"}\n');
});

test('when nobody reads any more it stops, and keeps what waits', async () => {
  const sink = stdoutSink('out', () => Promise.reject(new Error('write EPIPE')));
  expect(sink.classify([outgoingOf('a')], await sink.send('x', signal))).toEqual({ kind: 'stop', reason: 'closed' });
});
