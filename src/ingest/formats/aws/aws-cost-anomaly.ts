import { emptyEvent, type TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { amount, instant, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';

const id = 'aws.cost_anomaly';
const dayMs = 86_400_000;
/** Notifications write names small, `GetAnomalies` writes them with a capital. */
const either = (name: string) => firstOf(path(name), path(capital(name)));
const cause = (name: string) => firstOf(path('rootCauses', '0', name), path('RootCauses', '0', capital(name)));
function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const fields = {
  id: either('anomalyId'), start: either('anomalyStartDate'), end: either('anomalyEndDate'), account: path('accountId'),
  linked: cause('linkedAccount'), service: cause('service'), region: cause('region'), usage: cause('usageType'), dimension: either('dimensionValue'),
  impact: firstOf(path('impact', 'totalImpact'), path('Impact', 'TotalImpact'), path('impact', 'maxImpact'), path('Impact', 'MaxImpact')),
};
type Fields = Values<typeof fields>;

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = day(values.start) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A cost anomaly has no start date.');
  const event = emptyEvent(id, timeMs);
  describeEnd(event, day(values.end), context.envelopeTimeMs);
  event.vantage = context.source.vantage ?? 'resource';
  event.module = event.cloudProvider = 'aws';
  event.provider = 'ce.amazonaws.com';
  event.action = 'Anomaly Detected';
  event.category = threat;
  event.type = indicator;
  event.cloudAccount = text(values.linked) ?? text(values.account);
  event.cloudRegion = text(values.region);
  event.service = text(values.service) ?? text(values.dimension);
  event.cost = amount(values.impact);
  event.costCurrency = event.cost === null ? null : 'USD';
  event.resourceId = text(values.usage);
  event.resourceKind = event.resourceId === null ? null : 'usage_type';
  return event;
}
const threat: readonly string[] = ['threat'];
const indicator: readonly string[] = ['indicator'];

/** The date of the end is the last day of the anomaly, which is told while that day lasts or later. */
function describeEnd(event: TokenEvent, lastDayMs: number | null, toldMs: number | null): void {
  const endMs = lastDayMs === null ? null : lastDayMs % dayMs === 0 ? lastDayMs + dayMs - 1 : lastDayMs;
  event.endMs = endMs === null || toldMs !== null && toldMs >= event.timeMs && toldMs < endMs ? toldMs : endMs;
  if (toldMs !== null && toldMs > event.timeMs) event.orderMs = toldMs;
}

/** A date alone is its first moment. */
function day(value: Value): number | null {
  return instant(typeof value === 'string' && value.length === 10 ? `${value}T00:00:00Z` : value);
}

export const awsCostAnomaly = defineFormat({
  id,
  title: 'AWS Cost Anomaly Detection',
  describe: 'Anomalies of AWS Cost Anomaly Detection (Cost Management user guide), as sent to SNS and EventBridge or given by GetAnomalies.',
  vantage: 'resource',
  repeats: false,
  notes: [
    'An anomaly of costs names an account, a service and a kind of usage, no token and no caller; there is no verdict.',
    'No bytes; the cost is the whole impact so far, in US dollars, and the last day counts to its end.',
    'One anomaly is reported again as it grows: every report is an event of its own.',
    'Deliver them: an EventBridge rule for {"source":["aws.ce"],"detail-type":["Anomaly Detected"]} with your log topic as its target.',
  ],
  shapes: [shape({ kind: 'json', fields, recognize: (values) => values.id !== null && values.start !== null && values.impact !== null, normalize })],
});
