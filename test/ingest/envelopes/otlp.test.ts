import { describe, expect, it } from 'vitest';
import { split } from '../split/splitting.ts';

const inner = '{"eventVersion":"1.08","eventName":"GetObject"}';
const text = (value: string) => ({ stringValue: value });
const attribute = (key: string, value: string) => ({ key, value: text(value) });
const lineRecord = { timeUnixNano: '1795313640123456789', observedTimeUnixNano: '1', severityNumber: 9, body: text(inner), attributes: [attribute('log.file.name', 'a.log')] };
const eventRecord = { timeUnixNano: '1795313640123456789', body: text('GET /v1/orders 200'), attributes: [attribute('http.request.method', 'GET')] };

function document(...records: object[]): string {
  return JSON.stringify({
    resourceLogs: [
      { resource: { attributes: [attribute('service.name', 'orders')] }, scopeLogs: [{ scope: { name: 'x' }, logRecords: records }], schemaUrl: 'u' },
      { scopeLogs: [{ logRecords: records }, { logRecords: [] }] },
    ],
  });
}

describe('OpenTelemetry logs', () => {
  it('come out one by one, numbered through', () => {
    const found = split(document(eventRecord, lineRecord));
    expect(found.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(found.map((one) => one.text)).toEqual([JSON.stringify(eventRecord), inner, JSON.stringify(eventRecord), inner]);
  });

  it('a line that a collector picked up is the record, at the time that was told', () => {
    expect(split(document(lineRecord)).map(({ timeMs }) => timeMs)).toEqual([1_795_313_640_123, 1_795_313_640_123]);
    const other = { ...lineRecord, timeUnixNano: '0', observedTimeUnixNano: '1795313641000000000', body: { kvlistValue: { values: [] } } };
    expect(split(document(other))[0]!.text).toBe(JSON.stringify(other));
  });

  it('the inner lists alone are records, however deep somebody nests them', () => {
    const alone = JSON.stringify({ scopeLogs: [{ logRecords: [lineRecord] }] });
    expect(split(alone).map((one) => one.text)).toEqual([alone]);
    const deep = `${'{"resourceLogs":['.repeat(50)}1${']}'.repeat(50)}`;
    expect(split(deep)).toHaveLength(1);
    const nested = `{"resourceLogs":[${'{"scopeLogs":['.repeat(50)}{}${']}'.repeat(50)}]}`;
    expect(split(nested)).toHaveLength(1);
  });

  it('of a body that is not text only the record itself is left', () => {
    const bodies = [{ intValue: '1' }, { stringValue: 1 }, 'bare', null, [], { stringValue: '' }];
    const records = bodies.map((body) => ({ timeUnixNano: '1795313640123456789', body }));
    const texts = records.map((record) => split(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }))[0]);
    expect(texts.slice(0, 5).map((one) => one!.text)).toEqual(records.slice(0, 5).map((record) => JSON.stringify(record)));
    expect(texts[5]!.reason).toBe('bad_envelope');
  });
});

describe('other lists', () => {
  it.each([
    ['batches of the Kubernetes audit webhook', `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${inner},${inner}]}`],
    ['pages of the Azure DevOps audit log', `{"decoratedAuditLogEntries":[${inner},${inner}],"continuationToken":"x","hasMore":false}`],
  ])('%s', (_, envelope) => {
    expect(split(envelope).map((one) => [one.text, one.index])).toEqual([[inner, 0], [inner, 1]]);
  });

  it('a list of other objects of Kubernetes is one record', () => {
    const pods = '{"kind":"PodList","apiVersion":"v1","items":[{},{}]}';
    expect(split(pods).map((one) => one.text)).toEqual([pods]);
  });

  it('the event of a rule\'s test stands under log', () => {
    const test = `{"rule_id":"a","severity":"Low","attack":null,"test":"t","expected_alert":true,"log":${inner}}`;
    expect(split(test).map((one) => [one.text, one.index])).toEqual([[inner, 0]]);
  });
});
