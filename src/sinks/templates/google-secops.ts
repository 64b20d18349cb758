import { isIP } from 'node:net';
import type { AlertFacts } from '../alert-facts.ts';
import type { Template } from '../template.ts';
import { details, jsonRequest } from './message.ts';

export interface GoogleSecOpsOptions {
  /** Of the region, such as `https://europe-chronicle.googleapis.com`. */
  readonly url: string;
  readonly project: string;
  /** Such as `eu` or `us`. */
  readonly location: string;
  /** UUID of the instance. */
  readonly instance: string;
  readonly productVersion: string;
}

/**
 * A UDM event for each telling by `events.import` of the Chronicle API, which only adds: of those with one `productLogId` the one told last holds.
 * `send` must show a token of a service account that may import events.
 */
export function googleSecOpsTemplate(options: GoogleSecOpsOptions): Template {
  const { url, project, location, instance } = options;
  const segments = [project, location, instance].map(encodeURIComponent) as [string, string, string];
  const path = `/v1alpha/projects/${segments[0]}/locations/${segments[1]}/instances/${segments[2]}/events:import`;
  return {
    urls: [url],
    create: (alert) => jsonRequest('POST', new URL(path, url).href, { inlineSource: { events: [{ udm: udmOf(alert, options.productVersion) }] } }),
  };
}

function udmOf(alert: AlertFacts, productVersion: string): object {
  const { identityId, identityName, sourceIp, resource } = alert;
  const user = defined({ userid: identityId, userDisplayName: identityName });
  return {
    metadata: {
      eventType: 'GENERIC_EVENT', eventTimestamp: new Date(alert.toldMs).toISOString(), productLogId: alert.id, productEventType: alert.detector,
      vendorName: 'Tokenward', productName: 'Tokenward', productVersion, ...defined({ urlBackToProduct: alert.url }),
    },
    principal: defined({
      user: Object.keys(user).length === 0 ? null : user, ip: sourceIp === null || isIP(sourceIp) === 0 ? null : [sourceIp],
      application: alert.workload, location: alert.country === null ? null : { countryOrRegion: alert.country },
    }),
    ...(resource === null ? {} : { target: { resource: { name: resource } } }),
    securityResult: [{
      category: ['POLICY_VIOLATION'], summary: alert.title, description: alert.reason, ruleId: alert.detector, ruleName: alert.detectorTitle,
      severity: alert.severityName.toUpperCase(), alertState: alert.status === 'closed' ? 'NOT_ALERTING' : 'ALERTING', riskScore: alert.riskScore,
    }],
    additional: { ...Object.fromEntries(details(alert)), version: String(alert.version) },
  };
}

function defined(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
