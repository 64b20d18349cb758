import { emptyEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { amount, instant, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import type { LineValues } from '../line.ts';

const id = 'focus.billing';
const fields = {
  start: path('ChargePeriodStart'), end: path('ChargePeriodEnd'), billing: path('BillingAccountId'), account: path('SubAccountId'),
  provider: firstOf(path('ProviderName'), path('ServiceProviderName')), service: path('ServiceName'), region: path('RegionId'), resource: path('ResourceId'),
  kind: path('ResourceType'), charge: path('ChargeCategory'), cost: firstOf(path('BilledCost'), path('EffectiveCost')), usage: path('x_UsageType'),
  operation: path('x_Operation'), currency: path('BillingCurrency'), header: path('header-line'),
};
type Fields = Values<typeof fields>;

const clouds: ReadonlyMap<string, string> = new Map([
  ['AWS', 'aws'], ['Amazon Web Services', 'aws'], ['Microsoft', 'azure'], ['Google Cloud', 'gcp'], ['Oracle', 'oci'],
]);

/** The first line of an export in CSV. */
function headerLine(line: string): LineValues | null {
  const isHeader = line.length < 8192 && line.includes('BilledCost') && line.includes('ChargePeriodStart') && line.includes('BillingAccountId');
  return isHeader && /^["\w,]+$/.test(line) ? { 'header-line': true } : null;
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  if (values.header === true) return 'ignore';
  const timeMs = instant(values.start) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A FOCUS row has no ChargePeriodStart.');
  const event = emptyEvent(id, timeMs);
  event.endMs = instant(values.end);
  event.vantage = context.source.vantage ?? 'resource';
  event.module = 'focus';
  event.provider = text(values.provider);
  event.cloudProvider = event.provider === null ? null : clouds.get(event.provider) ?? null;
  event.action = text(values.operation) ?? text(values.charge);
  event.cloudAccount = text(values.account) ?? text(values.billing);
  event.cloudRegion = text(values.region);
  event.service = text(values.service);
  event.cost = amount(values.cost);
  event.costCurrency = event.cost === null ? null : text(values.currency);
  event.resourceId = text(values.resource) ?? text(values.usage);
  event.resourceKind = text(values.resource) === null ? event.resourceId === null ? null : 'usage_type' : text(values.kind);
  return event;
}

export const focusBilling = defineFormat({
  id,
  title: 'FOCUS billing export',
  describe: 'Rows of a cost and usage export in FOCUS (FinOps Open Cost and Usage Specification, versions 1.x), as JSON by the names of its columns.',
  vantage: 'resource',
  repeats: false,
  notes: [
    'A row names an account, a service and a resource, no token and no caller; there is no verdict and no outcome.',
    'No bytes: quantities have units of their own.',
    'A line of CSV cannot be read without its header, whose columns differ. Turn the export into JSON lines first, for instance:',
    'duckdb -c "COPY (SELECT * FROM \'focus/*.parquet\') TO \'focus.ndjson\' (FORMAT JSON)"',
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize: (values) => values.start !== null && values.billing !== null && values.cost !== null, normalize }),
    shape({ kind: 'text', grammar: headerLine, fields, recognize: (values) => values.header === true, normalize }),
  ],
});
