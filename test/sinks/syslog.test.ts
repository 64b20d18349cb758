import { expect, test } from 'vitest';
import { buildSyslog, syslogMessage, syslogSink, type SyslogOptions } from '../../src/sinks/syslog.ts';
import { facts, fullAlert, outgoing } from './alerts.ts';

const options: SyslogOptions = { name: 'siem', protocol: 'tls', format: 'cef', facility: 13, hostname: 'detector01', productVersion: '0.1.0', maxBytes: 8192 };

test('the header of RFC 5424, with the time at which it was told and the detector as the message\'s id', () => {
  expect(syslogMessage(facts(), options)!.toString()).toMatch(/^<107>1 2026-11-22T02:14:01\.000Z detector01 tokenward - unfamiliar-ip - CEF:0\|Tokenward\|/);
  const priority = (severity: number, facility: number): string => /^<(\d+)>/.exec(syslogMessage(facts({ severity }), { ...options, facility })!.toString())![1]!;
  expect([priority(99, 13), priority(73, 13), priority(47, 13), priority(21, 13), priority(99, 0)]).toEqual(['106', '107', '108', '109', '2']);
});

test('names that no header may hold are made plain', () => {
  const message = syslogMessage({ ...facts(), detector: 'meine regel-ä]"\n' }, { ...options, hostname: 'bad host\n' })!.toString();
  expect(message.split(' ').slice(2, 6)).toEqual(['bad_host_', 'tokenward', '-', 'meine_regel-_]"_']);
});

test('over a stream each message is preceded by its length in bytes', () => {
  const documents = [outgoing(), outgoing(fullAlert({ id: 'alert-2', reason: 'Schlüssel 🔑 kopiert' }))];
  const { prepared } = buildSyslog(documents, options);
  expect(prepared).toHaveLength(1);
  let rest = Buffer.concat([...prepared[0]!.request]);
  const messages: string[] = [];
  while (rest.length > 0) {
    const blank = rest.indexOf(' ');
    const length = Number(rest.subarray(0, blank).toString());
    messages.push(rest.subarray(blank + 1, blank + 1 + length).toString());
    rest = rest.subarray(blank + 1 + length);
  }
  expect(messages.map((message) => /externalId=(\S+)/.exec(message)![1])).toEqual(['alert-1', 'alert-2']);
  expect(buildSyslog(documents, { ...options, protocol: 'udp' }).prepared[0]!.request.map((message) => message.subarray(0, 4).toString())).toEqual(['<107', '<107']);
});

test('a message keeps to its length, header and all; what cannot be made to fit is refused', () => {
  for (const format of ['cef', 'leef', 'ocsf'] as const) {
    for (const maxBytes of [2048, 8192]) {
      const message = syslogMessage(facts({ reason: 'ä'.repeat(5000) }), { ...options, format, maxBytes });
      expect([format, maxBytes, message!.length <= maxBytes]).toEqual([format, maxBytes, true]);
    }
  }
  const { prepared, unfit } = buildSyslog([outgoing()], { ...options, format: 'ocsf', maxBytes: 480 });
  expect([prepared, unfit.map(({ reason }) => reason)]).toEqual([[], ['too_large']]);
});

test('what did not get there is tried again, all of it', () => {
  const sink = syslogSink(options, () => Promise.resolve({ kind: 'failed', reason: 'unreachable' }));
  const documents = [outgoing()];
  expect(sink.classify(documents, { kind: 'failed', reason: 'unreachable' })).toEqual({ kind: 'retry', reason: 'unreachable' });
  expect(sink.classify(documents, { kind: 'sent' })).toEqual({ kind: 'each', verdicts: [{ kind: 'done' }] });
});
