import type { TokenEvent } from '../../../model/event.ts';
import { count, instant, pathOnly, shortText, text } from '../../values.ts';
import { answered, api, auditEvent, authentication, fromChain, iam, typeOfVerb } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized } from '../format.ts';
import {
  azureFields, azureSecrets, kubernetesFields, kubernetesSecrets, valuesIn, type KubernetesFields, type KubernetesSecrets,
} from './kubernetes-fields.ts';
import { describeCaller, describeIssue, describeToken } from './kubernetes-token.ts';

const id = 'kubernetes.audit';

function recognize(values: KubernetesFields): boolean {
  if (typeof values.apiVersion === 'string' && values.apiVersion.startsWith('audit.k8s.io/')) return values.auditId !== null || values.userName !== null;
  if (values.auditId !== null && values.stage !== null && values.uri !== null) return true;
  return values.kind === 'Event' && values.verb !== null && values.resource !== null;
}

function normalize(values: KubernetesFields, context: NormalizeContext, secrets: KubernetesSecrets): Normalized {
  // The same request comes again with its answer.
  if (values.stage === 'RequestReceived') return 'ignore';
  const completedMs = instant(values.completed, context.source.timezone);
  const timeMs = instant(values.received, context.source.timezone) ?? completedMs ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Kubernetes audit event has no timestamp.');
  const event = auditEvent(id, 'kubernetes', timeMs, 'resource', context);
  const auditId = text(values.auditId);
  event.id = auditId === null ? '' : `${auditId}:${text(values.stage) ?? 'ResponseComplete'}`;
  event.requestId = auditId;
  event.endMs = completedMs !== null && completedMs >= timeMs ? completedMs : null;
  describeCall(event, values, context);
  // Of a request without a valid credential nothing else is written.
  event.partial = values.stage === 'ResponseStarted' && event.status !== 401;
  const issuer = describeCaller(event, values, context);
  describeToken(event, values, issuer, context);
  describeIssue(event, values, secrets, issuer, context);
  return event;
}

/** Objects that come and go (pods, leases, events) are known by their kind and namespace; these by their names. */
const named: ReadonlySet<string> = new Set(['secrets', 'configmaps', 'serviceaccounts', 'clusterrolebindings', 'rolebindings', 'namespaces']);

function describeCall(event: TokenEvent, values: KubernetesFields, context: NormalizeContext): void {
  const verb = text(values.verb);
  const resource = text(values.resource);
  const subresource = text(values.subresource);
  event.action = verb;
  event.category = subresource === 'token' || resource === 'tokenreviews' ? authentication : resource?.endsWith('bindings') === true ? iam : api;
  event.type = typeOfVerb(verb ?? 'get');
  answered(event, values.code);
  // An upgrade of the connection (exec, attach) is written as a switch of protocols.
  if (count(values.code) === 101) event.outcome = 'success';
  event.reason = event.outcome === 'failure' ? shortText(values.message) ?? shortText(values.reason) : null;
  event.urlPath = pathOnly(values.uri);
  event.userAgent = text(values.userAgent);
  fromChain(event, values.addresses, context);
  if (resource === null) return;
  const place = [text(values.namespace), resource, named.has(resource) ? text(values.name) : null].filter((part) => part !== null).join('/');
  event.resourceId = subresource === null ? place : `${place}/${subresource}`;
  event.resourceKind = resource === 'secrets' ? 'secret' : resource;
}

export const kubernetesAudit = defineFormat({
  id,
  title: 'Kubernetes audit log',
  describe: 'Audit events of the Kubernetes API server (documentation: Auditing), from the log or webhook backend, EKS, and AKS (properties.log).',
  vantage: 'resource',
  repeats: false,
  notes: [
    'A named user is the verdict; system:anonymous and 401 are false, 403 is a refusal of the action.',
    'The token is the JTI in user.extra authentication.kubernetes.io/credential-id (from version 1.29), under the issuer of service account tokens: '
      + 'configure it as the source\'s issuer (kubectl get --raw /.well-known/openid-configuration). On EKS the AWS access key in user.extra is the token.',
    'TokenRequest issues by authentication.kubernetes.io/issued-credential-id, or by the jti of the answer where the policy logs it. Stale and '
      + 'legacy tokens are told in reason. Of sourceIPs all but the last can be forged: the client is what the trusted proxies leave.',
    'The log tells no bytes. The policy needs: rules: [{level: Metadata, omitStages: [RequestReceived]}].',
  ],
  shapes: [
    shape({ kind: 'json', fields: kubernetesFields, secrets: kubernetesSecrets, recognize, normalize }),
    shape({
      kind: 'json', fields: azureFields, secrets: azureSecrets,
      recognize: ({ category, event }) => typeof category === 'string' && category.startsWith('kube-audit') && event !== null && recognize(valuesIn(event)),
      normalize: ({ event }, context, secrets) => normalize(valuesIn(event), context, secrets),
    }),
  ],
});
