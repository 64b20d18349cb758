import { ecsFields, type EcsField } from '../../../model/ecs.ts';
import { emptyEvent, type TokenEvent } from '../../../model/event.ts';
import { parseAddress } from '../../address.ts';
import { each, firstOf, path, type Path } from '../../paths.ts';
import { amount, count, flag, instant, oneOf, pathOnly, text, texts } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value } from '../format.ts';

const id = 'ecs';

/** The allowed words of the fields that have some: anything else counts as absent. */
const allowed: { readonly [field: string]: readonly string[] } = {
  outcome: ['success', 'failure', 'unknown'],
  tokenKind: [
    'access_key', 'temporary_key', 'jwt', 'opaque', 'refresh', 'api_key', 'session', 'service_account_key', 'vault', 'kubernetes',
    'certificate', 'none',
  ],
  issuedKind: [
    'access_key', 'temporary_key', 'jwt', 'opaque', 'refresh', 'api_key', 'session', 'service_account_key', 'vault', 'kubernetes',
    'certificate',
  ],
  vantage: ['edge', 'gateway', 'resource', 'flow', 'iam'],
  lifecycle: ['issued', 'used', 'rotated', 'revoked', 'expired', 'refused', 'leaked', 'granted'],
  identityKind: ['human', 'service', 'role', 'client', 'workload', 'provider', 'unknown'],
  workloadEvidence: ['event', 'registry', 'inventory'],
  networkClass: ['private', 'hosting', 'vpn', 'tor', 'isp', 'provider', 'unknown'],
};

type Found = Value | readonly Value[] | null;
type Read = (value: Found, context: NormalizeContext) => unknown;

/** Where the record stands is told by this input, not by the one it was written from. */
const ofThisInput: ReadonlySet<keyof TokenEvent> = new Set(['path', 'offset', 'index']);
const readBack = ecsFields.filter(({ field }) => !ofThisInput.has(field));

const scalar = (value: Found): Value => (typeof value === 'object' ? null : value);

function readerOf({ field, kind }: EcsField): Read {
  if (field === 'urlPath') return (value) => pathOnly(scalar(value));
  const words = Object.hasOwn(allowed, field) ? allowed[field]! : null;
  if (words !== null) return (value) => oneOf(scalar(value), words, null);
  switch (kind) {
    case 'texts': return texts;
    case 'time': return (value, context) => instant(scalar(value), context.source.timezone);
    case 'number': return (value) => count(scalar(value));
    case 'amount': return (value) => amount(scalar(value));
    case 'boolean': return (value) => flag(scalar(value));
    case 'text': return (value) => text(scalar(value));
  }
}

function pathOf({ path: keys, kind }: EcsField): Path<Found> {
  if (kind !== 'texts') return path(...keys) as Path<Found>;
  return firstOf<Found>(each(keys) as Path<Found>, path(...keys) as Path<Found>);
}

const readersOf = (fields: readonly EcsField[]): readonly (readonly [keyof TokenEvent, Read])[] => fields.map((field) => [field.field, readerOf(field)]);
const readers = readersOf(readBack);
/** From a source that is not Tokenward itself: what anybody may say, without our own words. */
const foreignReaders = readersOf(readBack.filter(({ path: keys }) => keys[0] !== 'tokenward'));
const fields: Readonly<Record<string, Path<Found>>> = {
  kind: path('event', 'kind') as Path<Found>, version: path('ecs', 'version') as Path<Found>,
  own: path('tokenward', 'vantage') as Path<Found>,
  ...Object.fromEntries(readBack.map((field) => [field.field, pathOf(field)])),
};

function normalize(values: Readonly<Record<string, Found>>, context: NormalizeContext): Normalized {
  const timeMs = instant(scalar(values['timeMs'] ?? null), context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'The @timestamp is no time.');
  const event = emptyEvent(text(scalar(values['dataset'] ?? null)) ?? id, timeMs);
  const untyped = event as unknown as Record<string, unknown>;
  for (const [field, read] of context.source.internal ? readers : foreignReaders) {
    const value = values[field];
    if (value === null || value === undefined) continue;
    const found = read(value, context);
    if (found !== null) untyped[field] = found;
  }
  event.timeMs = timeMs;
  if (values['orderMs'] === null) event.orderMs = event.endMs ?? timeMs;
  if (values['own'] === null || context.source.vantage !== null) event.vantage = context.source.vantage ?? event.vantage;
  describeSource(event);
  return event;
}

/** One canonical form of the address, whoever wrote the document. */
function describeSource(event: TokenEvent): void {
  const given = parseAddress(event.sourceIp ?? event.sourceAddress);
  event.sourceIp = given?.ip ?? null;
  event.sourceAddress = event.sourceAddress ?? given?.address ?? null;
  event.sourcePort ??= given?.port ?? null;
}

export const ecs = defineFormat({
  id,
  title: 'Elastic Common Schema',
  describe: 'Events in ECS (Elastic Common Schema reference), Tokenward\'s own output of --events included.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'tokenward.* is taken over as it stands, verdicts and fingerprints included, '
      + 'but only from files without a configured source and from sources marked internal.',
    'A foreign event.dataset is kept. Whether http.response.bytes counts headers is up to whoever wrote the document.',
    'Requests are tied to tokens by tokenward.token.fingerprint: let the writer of the documents set handle, kind and issuer too.',
  ],
  shapes: [shape({
    kind: 'json', fields,
    recognize: ({ kind, timeMs, version, own }) => kind === 'event' && timeMs !== null && (version !== null || own !== null),
    normalize,
  })],
});
