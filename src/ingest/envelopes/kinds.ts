/**
 * The envelopes that shippers and clouds put around records, told by their top-level keys.
 * Where several would fit, the first in this list wins.
 */
export interface EnvelopeKind {
  readonly name: EnvelopeName;
  /** The key under which the record, or the list of records, stands: exactly one of them. */
  readonly carriers: readonly string[];
  /** Keys that must be there too. */
  readonly needs: readonly string[];
  /** Keys that may be there. */
  readonly allows: readonly string[];
  /** Shippers let their users add keys at the top: others may then stand there too. */
  readonly open: boolean;
}

export type EnvelopeName =
  | 'list' | 'cloudWatch' | 'kafkaConnect' | 'eventBridge' | 'cloudEvent' | 'logEvent' | 'filebeat' | 'vector' | 'container'
  | 'resourceLogs' | 'scopeLogs' | 'logRecords' | 'logRecord' | 'kubernetesList' | 'ruleTest';

export const envelopeKinds: readonly EnvelopeKind[] = [
  {
    name: 'list', carriers: ['Records', 'records', 'value', 'events', 'decoratedAuditLogEntries'], needs: [], open: false,
    allows: ['continuationToken', 'hasMore',
      '@odata.context', '@odata.count', '@odata.nextLink', '@odata.deltaLink', 'odata.metadata', 'nextLink', 'nextToken', 'NextToken',
      'nextForwardToken', 'nextBackwardToken', 'searchedLogStreams'],
  },
  {
    name: 'cloudWatch', carriers: ['logEvents'], needs: ['messageType'], open: false,
    allows: ['owner', 'logGroup', 'logStream', 'subscriptionFilters', 'policyLevel'],
  },
  { name: 'kafkaConnect', carriers: ['payload'], needs: ['schema'], allows: [], open: false },
  {
    name: 'eventBridge', carriers: ['detail'], needs: ['detail-type', 'source'], open: false,
    allows: ['version', 'id', 'account', 'time', 'region', 'resources', 'replay-name'],
  },
  {
    name: 'cloudEvent', carriers: ['data', 'data_base64'], needs: ['specversion', 'type', 'source'], open: true,
    allows: ['id', 'time', 'subject', 'dataschema', 'datacontenttype'],
  },
  {
    name: 'logEvent', carriers: ['message'], needs: ['timestamp'], open: false,
    allows: ['id', 'eventId', 'ingestionTime', 'logStreamName', 'extractedFields'],
  },
  {
    name: 'filebeat', carriers: ['message'], needs: ['@timestamp'], open: true,
    allows: ['@metadata', '@version', 'agent', 'beat', 'ecs', 'host', 'input', 'log', 'source', 'offset', 'event'],
  },
  {
    name: 'vector', carriers: ['message'], needs: ['source_type', 'timestamp'], open: false,
    allows: ['file', 'host', 'offset', 'path', 'kubernetes', 'stream', 'container_id', 'container_name', 'image', 'label', 'topic', 'partition',
      'headers', 'message_key', 'port', 'source_id', 'pid'],
  },
  {
    name: 'container', carriers: ['log'], needs: [], open: false,
    allows: ['date', 'time', 'stream', '_p', 'logtag', 'attrs', 'tag', 'kubernetes', 'file', 'filename', 'filepath', 'path', 'offset', 'host', 'hostname',
      'source', 'container_id', 'container_name', 'docker_id', '@timestamp'],
  },
  // OpenTelemetry's three lists, one within the other, and the record inside.
  { name: 'resourceLogs', carriers: ['resourceLogs'], needs: [], allows: [], open: false },
  { name: 'scopeLogs', carriers: ['scopeLogs'], needs: [], allows: ['resource', 'schemaUrl'], open: false },
  { name: 'logRecords', carriers: ['logRecords'], needs: [], allows: ['scope', 'schemaUrl'], open: false },
  {
    name: 'logRecord', carriers: ['body'], needs: [], open: false,
    allows: ['timeUnixNano', 'observedTimeUnixNano', 'severityNumber', 'severityText', 'attributes', 'droppedAttributesCount', 'flags', 'traceId',
      'spanId', 'eventName'],
  },
  { name: 'kubernetesList', carriers: ['items'], needs: ['kind', 'apiVersion'], allows: ['metadata'], open: false },
  // Events by which collections of rules test themselves, under the rule's name.
  { name: 'ruleTest', carriers: ['log'], needs: ['rule_id', 'expected_alert'], allows: ['severity', 'attack', 'test'], open: false },
];

/** A key that an envelope may have at its top, with the kinds (as bits of their places above) that know it. */
export interface EnvelopeKey {
  readonly name: string;
  readonly id: number;
  readonly kinds: number;
}

export const envelopeKeys: ReadonlyMap<string, EnvelopeKey> = new Map(
  [...new Set(envelopeKinds.flatMap(keysOf))].map((name, id) => [name, { name, id, kinds: kindsKnowing(name) }]),
);

/** All kinds, and those that users may extend, as bits. */
export const allKinds = bitsOf(() => true);
export const openKinds = bitsOf((kind) => kind.open);

export function keysOf(kind: EnvelopeKind): string[] {
  return [...kind.carriers, ...kind.needs, ...kind.allows];
}

function kindsKnowing(name: string): number {
  return bitsOf((kind) => kind.open || keysOf(kind).includes(name));
}

export function bitsOf(holds: (kind: EnvelopeKind) => boolean): number {
  return envelopeKinds.reduce((bits, kind, place) => (holds(kind) ? bits | (1 << place) : bits), 0);
}
