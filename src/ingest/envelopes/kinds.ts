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
  | 'resourceLogs' | 'scopeLogs' | 'logRecords' | 'logRecord' | 'kubernetesList' | 'ruleTest' | 'page' | 'wrapper' | 'hook';

export const envelopeKinds: readonly EnvelopeKind[] = [
  {
    name: 'list', carriers: ['Records', 'records', 'value', 'events', 'Events', 'entries', 'decoratedAuditLogEntries'], needs: [], open: false,
    allows: ['continuationToken', 'hasMore', 'nextPageToken', 'search_after',
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
  // Pages of providers' interfaces: a list beside the mark of a page (OneLogin, 1Password, authentik), or one or two objects down (Duo, PingOne,
  // IBM Verify); and the message by which Okta calls a hook.
  {
    name: 'page', carriers: ['data', 'items', 'results', 'authlogs', 'activities'], needs: [], open: false,
    allows: ['status', 'pagination', 'cursor', 'has_more', 'metadata', 'autocomplete'],
  },
  { name: 'wrapper', carriers: ['response', '_embedded'], needs: [], allows: ['stat', 'success', '_links', 'count', 'size'], open: false },
  {
    name: 'hook', carriers: ['data'], needs: ['eventType', 'cloudEventsVersion'], open: false,
    allows: ['eventTypeVersion', 'source', 'eventId', 'eventTime', 'contentType'],
  },
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

const lists: ReadonlySet<EnvelopeName> = new Set(['list', 'cloudWatch', 'resourceLogs', 'scopeLogs', 'logRecords', 'kubernetesList', 'page']);
/** Objects around a list, or around another of these. */
export const wraps: ReadonlySet<EnvelopeName> = new Set(['wrapper', 'hook', 'list']);

/** Do records stand in it as a list? */
export function isList(kind: EnvelopeKind): boolean {
  return lists.has(kind.name);
}

/** OpenTelemetry's inner lists. */
export function isInnerList(kind: EnvelopeKind): boolean {
  return kind.name === 'scopeLogs' || kind.name === 'logRecords';
}

/** What the elements of a list are told of it: only some lists give their elements a meaning. */
export function parentName(kind: EnvelopeKind, hasEvents: boolean): EnvelopeName | null {
  if (kind.name === 'list') return hasEvents ? 'cloudWatch' : null;
  return kind.name === 'kubernetesList' ? null : kind.name;
}
