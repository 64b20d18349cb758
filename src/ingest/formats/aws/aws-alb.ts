import { path } from '../../paths.ts';
import type { TokenEvent } from '../../../model/event.ts';
import { hostOnly, instant, text } from '../../values.ts';
import { accessEvent, routeVerdict } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { loadBalancerLine } from './aws-alb-text.ts';
import { urlHost } from '../url.ts';
import { describeArn } from './aws-arn.ts';

const id = 'aws.alb';
const fields = {
  kind: path('kind'), time: path('time'), created: path('created'), src: path('src'), status: path('status'), bytes_out: path('bytes_out'),
  method: path('method'), path: path('path'), url: path('url'), user_agent: path('user_agent'), request_id: path('request_id'),
  service: path('service'), domain: path('domain'), group: path('group'), actions: path('actions'), error: path('error'),
};
type Fields = Values<typeof fields>;

/** A request that was open for longer has a wrong time of creation: samples and copies that someone edited have. */
const longestMs = 86_400_000;

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const endMs = instant(values.time) ?? context.envelopeTimeMs;
  if (endMs === null) return quarantine('no_time', 'A load balancer\'s line has no time.');
  const createdMs = instant(values.created);
  const isKnown = createdMs !== null && createdMs <= endMs && endMs - createdMs < longestMs;
  const event = accessEvent(id, 'aws', isKnown ? createdMs : endMs, isKnown ? endMs - createdMs : null, values, context);
  event.cloudProvider = 'aws';
  event.vantage = context.source.vantage ?? 'edge';
  if (text(values.domain) !== null || typeof values.url === 'string') nameHost(event, values);
  describeArn(event, values.group);
  event.code = event.outcome === 'failure' ? text(values.error) : null;
  event.authenticated = verdictOf(event, values, context);
  if (values.kind === 'tls') describeTls(event);
  return event;
}

/** The server name of the TLS handshake, else the host of the logged URL. */
function nameHost(event: TokenEvent, values: Fields): void {
  event.urlDomain = hostOnly(values.domain) ?? urlHost(text(values.url));
}

/** A connection, not a request: it tells no outcome of a call. */
function describeTls(event: TokenEvent): void {
  event.category = connection;
  event.type = connectionType;
  event.resourceId = event.service;
  event.resourceKind = 'load_balancer';
}
const connection: readonly string[] = ['network'];
const connectionType: readonly string[] = ['connection'];

/** The balancer itself signed the user in (`authenticate`) before it forwarded; it logs neither who nor which token. */
function verdictOf(event: TokenEvent, values: Fields, context: NormalizeContext): boolean | null {
  const didAuthenticate = text(values.actions)?.includes('authenticate,') === true && event.outcome === 'success';
  return didAuthenticate ? true : routeVerdict(event, context);
}

export const awsAlb = defineFormat({
  id,
  title: 'AWS Elastic Load Balancing access log',
  describe: 'Access logs of Application, Classic and (TLS) Network Load Balancers (Elastic Load Balancing user guides: Access log entries).',
  vantage: 'edge',
  repeats: false,
  notes: [
    'The log has no token. Where the action authenticate came before forward, the balancer checked the session: that is the verdict.',
    'sent_bytes counts headers for HTTP listeners; for TLS it is what went to the client after the handshake.',
    'Requests cannot be tied to tokens here: log the token\'s id at the target (see envoy.access, nginx.access), or use aws.apigateway.',
  ],
  shapes: [shape({ kind: 'text', grammar: loadBalancerLine, whole: true, fields, recognize: (values) => values.kind !== null, normalize })],
});
