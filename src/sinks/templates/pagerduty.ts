import type { AlertFacts } from '../alert-facts.ts';
import { clip } from '../formats/text.ts';
import type { Template } from '../template.ts';
import { details, headline, jsonRequest } from './message.ts';

export interface PagerDutyOptions {
  /** `https://events.pagerduty.com`, or that of another region. */
  readonly url: string;
  readonly routingKey: string;
}

/** PagerDuty's Events API v2: `dedup_key` makes all tellings one alert there; acknowledged and closed here is so there. */
export function pagerDutyTemplate({ url, routingKey }: PagerDutyOptions): Template {
  return {
    urls: [url],
    create: (alert) => jsonRequest('POST', new URL('/v2/enqueue', url).href, {
      routing_key: routingKey, event_action: actionOf(alert), dedup_key: alert.key, client: 'Tokenward', payload: payloadOf(alert),
      ...(alert.url === null ? {} : { client_url: alert.url, links: [{ href: alert.url, text: 'The alert in Tokenward' }] }),
    }),
  };
}

function actionOf({ status, isTest }: AlertFacts): 'trigger' | 'acknowledge' | 'resolve' {
  if (isTest || status === 'open') return 'trigger';
  return status === 'closed' ? 'resolve' : 'acknowledge';
}

function payloadOf(alert: AlertFacts): object {
  return {
    summary: headline(alert, 1024), source: clip(alert.identityId ?? alert.sourceIp ?? 'tokenward', 255), timestamp: new Date(alert.toldMs).toISOString(),
    severity: { critical: 'critical', high: 'error', medium: 'warning', low: 'info' }[alert.severityName], class: alert.detector,
    component: alert.workload ?? alert.detectorTitle, custom_details: { ...Object.fromEntries(details(alert)), version: alert.version },
  };
}
