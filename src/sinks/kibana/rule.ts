import type { Document } from '../sink.ts';

/** By this id our rule is found again, and with it the statuses that people set in Kibana. */
export const ruleId = 'tokenward-alerts';

const severities = { 21: 'low', 47: 'medium', 73: 'high', 99: 'critical' } as const;

/**
 * The one rule that makes Kibana's security alerts of ours. Alerts change, and to Kibana each version is a document of its own: so what it has
 * once promoted is suppressed for a day, which Elastic's licences allow from Platinum on. It looks a day back, since logs may be late.
 */
export function promotionRule(index: string): Document {
  return {
    rule_id: ruleId, name: 'Tokenward', type: 'query', language: 'kuery', index: [`${index}-*`], query: 'event.kind : alert', enabled: true,
    description: 'Promotes the alerts of Tokenward. A status that is set here comes back to Tokenward as a note and changes nothing there.',
    author: ['Tokenward'], tags: ['Tokenward'], interval: '1m', from: 'now-1d', to: 'now', max_signals: 1000,
    timestamp_override: 'event.created', rule_name_override: 'message',
    severity: 'medium', risk_score: 47,
    severity_mapping: Object.entries(severities).map(([value, severity]) => ({ field: 'event.severity', operator: 'equals', value, severity })),
    risk_score_mapping: [{ field: 'event.risk_score', operator: 'equals', value: '' }],
    alert_suppression: { group_by: ['event.id'], duration: { value: 1, unit: 'd' }, missing_fields_strategy: 'doNotSuppress' },
    false_positives: ['Close the alert in Tokenward: only there it is learned from.'],
    note: 'What happened stands in event.reason, what was usual and what was seen in tokenward.alert.baseline and .observed. '
      + '"tokenward explain ID", with the alert\'s event.id, tells the rest: the evidence, who else depends on the token, and what is to be done.',
  };
}

export interface KeyOptions {
  readonly index: string;
  /** Every event goes to the data stream as well, in this namespace. */
  readonly eventsNamespace: string | null;
  /** Statuses are read back from this space. */
  readonly statusSpace: string | null;
}

/** The least that the sink needs: it reads nothing but statuses, deletes nothing and administers nothing. */
export function keyRequest({ index, eventsNamespace, statusSpace }: KeyOptions): Document {
  const indices: Document[] = [{ names: [`${index}-*`], privileges: ['auto_configure', 'index'] }];
  if (eventsNamespace !== null) indices.push({ names: [`logs-tokenward.event-${eventsNamespace}`], privileges: ['auto_configure', 'create_doc'] });
  if (statusSpace !== null) indices.push({ names: [statusIndex(statusSpace)], privileges: ['read'] });
  // `monitor` is for "validate --connect", which asks how the cluster is.
  return { name: 'tokenward', role_descriptors: { tokenward: { cluster: ['monitor'], indices } } };
}

/** Where Kibana keeps what its rules raised. */
export function statusIndex(space: string): string {
  return `.alerts-security.alerts-${space}`;
}
