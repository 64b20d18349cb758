import { describe, expect, it } from 'vitest';
import { split } from '../split/splitting.ts';

const inner = '{"eventVersion":"1.08","userIdentity":{"type":"IAMUser"}}';
const quoted = JSON.stringify(inner);
const timeMs = Date.UTC(2025, 11, 31, 16, 37, 40, 493);

/** [text or !reason, index] of everything that came out. */
function opened(input: string): [string, number | null][] {
  return split(input).map((one) => [one.text ?? `!${one.reason}`, one.index]);
}

describe('one record inside', () => {
  it.each([
    ['Kafka Connect', `{"schema":{"type":"struct","fields":[]},"payload":${inner}}`],
    ['Kafka Connect with text', `{"schema":null,"payload":${quoted}}`],
    ['Filebeat', `{"@timestamp":"2025-12-31T16:37:40.493Z","@metadata":{"beat":"filebeat"},"message":${quoted},"agent":{"type":"filebeat"}}`],
    ['Filebeat with fields of its user', `{"team":"x","@timestamp":"2025-12-31T16:37:40.493Z","message":${quoted},"input":{"type":"log"}}`],
    ['Fluent Bit', `{"date":1767199060.493,"log":${quoted}}`],
    ['a container file', `{"log":${JSON.stringify(`${inner}\n`)},"stream":"stdout","time":"2025-12-31T16:37:40.493035218Z"}`],
    ['Vector', `{"file":"/a","host":"h","message":${quoted},"source_type":"file","timestamp":"2025-12-31T16:37:40.493Z"}`],
    ['EventBridge', '{"version":"0","id":"1","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","account":"1",'
      + `"time":"2025-12-31T16:37:40.493Z","region":"r","resources":[],"detail":${inner}}`],
    ['CloudEvents', `{"specversion":"1.0","id":"1","source":"/x","type":"t","data":${inner}}`],
    ['CloudEvents in base64', `{"specversion":"1.0","id":"1","source":"/x","type":"t","extension1":"y","data_base64":"${Buffer.from(inner).toString('base64')}"}`],
    ['CRI', `2025-12-31T17:37:40.493035218+01:00 stdout F ${inner}`],
    ['CRI in a container file in Filebeat', JSON.stringify({
      '@timestamp': '2025-12-31T16:37:40.493Z', agent: {},
      message: JSON.stringify({ log: `2025-12-31T17:37:40.493+01:00 stderr F ${inner}\n`, stream: 'stdout' }),
    })],
    ['a printed one', JSON.stringify({ schema: null, payload: inner }, null, 2)],
  ])('%s', (_, envelope) => {
    expect(opened(envelope)).toEqual([[inner, 0]]);
    expect(opened(`{"first":"line"}\n${envelope}\n{"last":"line"}`)).toEqual([['{"first":"line"}', null], [inner, 0], ['{"last":"line"}', null]]);
  });
  it('text inside is taken out of its escapes and trimmed', () => {
    expect(opened(String.raw`{"date":1,"log":"[2016-04-15T20:17:00.310Z] \"GET \/ \u00e9\"\r\n"}`)).toEqual([[Buffer.from('[2016-04-15T20:17:00.310Z] "GET / é"').toString('latin1'), 0]]);
  });
});

describe('many records inside', () => {
  it.each([
    `{"Records":[${inner},${inner}]}`, `{"records": [ ${inner} , ${inner} ] }`, `{"@odata.context":"x","value":[${inner},${inner}],"@odata.nextLink":"y"}`,
    `{"events":[${inner},${inner}]}`, `[${inner},${inner}]`, `[[${inner}],[${inner}]]`, `{"Records":[{"Records":[${inner}]},${inner}]}`,
    '{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":['
      + `{"id":"1","timestamp":1767199060493,"message":${quoted}},{"id":"2","timestamp":1,"message":${quoted}}]}`,
    `{"events":[{"timestamp":1767199060493,"message":${quoted},"ingestionTime":2},{"timestamp":1,"message":${quoted}}],"nextForwardToken":"f/1"}`,
    `{"records":[{"schema":null,"payload":${quoted}},${inner}]}`,
    `{"Events":[${inner},${inner}],"NextToken":"x"}`, `{"entries":[${inner},${inner}],"nextPageToken":"x"}`,
    // Pages of OneLogin, 1Password, authentik, Duo, PingOne and IBM Verify, and Okta's event hook.
    `{"status":{"code":200},"pagination":{"after_cursor":"x"},"data":[${inner},${inner}]}`, `{"cursor":"x","has_more":false,"items":[${inner},${inner}]}`,
    `{"pagination":{"count":2},"results":[${inner},${inner}],"autocomplete":{}}`, `{"response":{"authlogs":[${inner},${inner}],"metadata":{"next_offset":[1]}},"stat":"OK"}`,
    `{"_links":{"self":{}},"_embedded":{"activities":[${inner},${inner}]},"count":2,"size":2}`,
    `{"response":{"events":{"search_after":{"id":"x"},"events":[${inner},${inner}]}},"success":true}`,
    `{"eventType":"com.okta.event_hook","cloudEventsVersion":"0.1","source":"https://x/hooks/1","eventId":"1","data":{"events":[${inner},${inner}]},"eventTime":"x"}`,
  ])('%s', (envelope) => {
    expect(opened(envelope)).toEqual([[inner, 0], [inner, 1]]);
    expect(opened(`{"a":1}\n${envelope}\n${envelope}`).map(([, index]) => index)).toEqual([null, 0, 1, 0, 1]);
  });
  it('opens three, and leaves the fourth as a record', () => {
    expect(opened(`{"Records":[{"Records":[{"Records":[{"Records":[${inner}]}]}]}]}`)).toEqual([[`{"Records":[${inner}]}`, 0]]);
  });
  it('drops the message by which CloudWatch checks a delivery', () => {
    expect(opened('{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE"}]}')).toEqual([]);
  });
});

describe('what an envelope tells', () => {
  it('its time', () => {
    const times = [
      '{"date":1767199060.493,"log":"x"}', '{"log":"x","stream":"stdout","time":"2025-12-31T16:37:40.493035218Z"}',
      '2025-12-31T17:37:40.493035218+01:00 stdout F x', '{"schema":null,"payload":"x"}',
      '{"events":[{"timestamp":1767199060493,"message":"x"},"y"]}', '{"log":"x","stream":"stdout","time":"2025-12-31T16:37:40.493"}',
    ].map((line) => split(line).map((one) => one.timeMs));
    expect(times).toEqual([[timeMs], [timeMs], [timeMs], [null], [timeMs, null], [timeMs]]);
  });
  it('the original position, where host, file and offset are all there', () => {
    const position = (value: object): unknown => split(JSON.stringify(value))[0]?.position;
    const filebeat = { '@timestamp': '2025-12-31T16:37:40.493Z', log: { offset: 7, file: { path: '/v/a.log' } }, message: 'x', agent: { hostname: 'old' }, host: { name: 'h' } };
    expect(position(filebeat)).toBe('h|/v/a.log|7');
    expect(position({ ...filebeat, host: undefined })).toBe('old|/v/a.log|7');
    expect(position({ ...filebeat, log: { file: { path: 'x' } } })).toBe(null);
    expect(position({ message: 'x', file: '/f', host: 'h', offset: 0, source_type: 'file', timestamp: '2025-12-31T16:37:40.493Z' })).toBe('h|/f|0');
    expect(position({ date: 1, log: 'x', file: '/f', host: 'h', offset: 12 })).toBe('h|/f|12');
    expect(position({ date: 1, log: 'x', file: '/f', offset: 12 })).toBe(null);
  });
});

describe('what only looks like an envelope stays whole', () => {
  it.each([
    '{"timestamp":"2026-11-22T04:09:19Z","sequence":3126,"loggerName":"org.keycloak.events","message":"type=\\"LOGIN\\"","hostName":"h"}',
    '{"@timestamp":"2020-01-01T00:00:00Z","ecs":{"version":"8"},"event":{"kind":"event"},"message":"x","agent":{"name":"y"}}',
    '{"@timestamp":"2020-01-01T00:00:00Z","message":"x","level":"INFO"}', '{"timestamp":1,"message":"x"}', '{"message":"x"}', '{"log":"x"}', '{"log":{"a":1},"stream":"s"}',
    '{"kind":"admin#reports#activity","actor":{},"events":[{"type":"login"}]}', '{"events":[{"type":"login"}],"id":{"time":"x"}}', '{"value":5}', '{"value":[1,2]}',
    '{"records":{"a":1}}', '{"Records":[{"a":1}],"records":[{"b":1}]}', '{"data":{"a":1},"type":"t","source":"s"}', '{"payload":{"a":1}}', '{"schema":1,"payload":{},"x":1}',
    '{"specversion":"1.0","id":"1","type":"com.oraclecloud.ComputeApi.GetInstance","source":"x","data":{"identity":{}}}', '{"detail":{"a":1},"source":"x"}',
    '{"data":[{"a":1}]}', '{"status":"ok","data":[{"a":1}]}', '{"items":[{"a":1}]}', '{"results":[{"a":1}],"pagination":{},"took":5}', '{"response":{"authlogs":[]}}',
    '{"_embedded":{"activities":[{"a":1}]}}', '{"activities":[{"a":1}]}', '{"eventType":"x","data":{"events":[{"a":1}]}}',
    '{"rule_id":"x","test":"y","event":{"Records":[{"a":1}]}}', '{"message":"x","source_type":"file"}', '{}',
  ])('%s', (record) => {
    expect(opened(record)).toEqual([[record, null]]);
    expect(opened(`{"first":1}\n${record}`)[1]).toEqual([record, null]);
  });
});

describe('what an envelope should hold and does not', () => {
  it.each([
    ['{"schema":null,"payload":null}', ['!bad_envelope']], ['{"date":1,"log":""}', ['!bad_envelope']], ['{"date":1,"log":" \\n"}', ['!bad_envelope']],
    [String.raw`{"date":1,"log":"\ud800"}`, ['!bad_envelope']], [String.raw`{"date":1,"log":"\x"}`, ['!bad_envelope']],
    ['{"specversion":"1.0","type":"t","source":"s","data_base64":"!"}', ['!bad_envelope']],
    [`{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":""},{"id":"2","timestamp":1,"message":"x"}]}`, ['!bad_envelope', 'x']],
  ])('%s', (envelope, out) => {
    expect(opened(envelope)).toEqual(out.map((text, index) => [text, index]));
  });
});
