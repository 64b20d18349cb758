import { each, firstOf, jsonIn, path, subtree, type Json } from '../../paths.ts';
import { select } from '../../scan/select.ts';
import type { SecretView, Values } from '../format.ts';

const user = (...keys: string[]) => path('user', ...keys);
const extra = (key: string) => path('user', 'extra', key, '0');
const object = (key: string) => path('objectRef', key);
const note = (key: string) => path('annotations', key);

/** What is read of an audit event. Objects are read for what a TokenRequest asked and got; nothing else of them. */
export const kubernetesFields = {
  apiVersion: path('apiVersion'), kind: path('kind'), level: path('level'), stage: path('stage'), auditId: path('auditID'),
  verb: path('verb'), uri: path('requestURI'), userAgent: path('userAgent'),
  received: path('requestReceivedTimestamp'), completed: path('stageTimestamp'),
  addresses: each(['sourceIPs']),
  userName: user('username'), userId: user('uid'), groups: each(['user', 'groups']),
  credential: firstOf(extra('authentication.kubernetes.io/credential-id'), note('authentication.kubernetes.io/credential-id')),
  pod: extra('authentication.kubernetes.io/pod-name'), node: extra('authentication.kubernetes.io/node-name'),
  accessKey: extra('accessKeyId'), awsPrincipal: extra('principalId'), awsArn: firstOf(extra('canonicalArn'), extra('arn')),
  impersonated: path('impersonatedUser', 'username'),
  resource: object('resource'), subresource: object('subresource'), namespace: object('namespace'), name: object('name'),
  code: path('responseStatus', 'code'), reason: path('responseStatus', 'reason'), message: path('responseStatus', 'message'),
  stale: note('authentication.k8s.io/stale-token'), legacy: note('authentication.k8s.io/legacy-token'),
  issuedCredential: note('authentication.kubernetes.io/issued-credential-id'),
  expiration: path('responseObject', 'status', 'expirationTimestamp'), audiences: each(['requestObject', 'spec', 'audiences']),
  boundKind: path('requestObject', 'spec', 'boundObjectRef', 'kind'), boundName: path('requestObject', 'spec', 'boundObjectRef', 'name'),
};
/** At the level RequestResponse the token itself stands in the answer. */
export const kubernetesSecrets = { newToken: path('responseObject', 'status', 'token') };
export type KubernetesFields = Values<typeof kubernetesFields>;
export interface KubernetesSecrets { readonly newToken: SecretView | null }

/** Azure writes the audit event as text into `properties.log`: it is parsed once, and of it only the paths above are read. */
export const azureFields = { category: path('category'), event: jsonIn(['properties', 'log'], subtree([], 65_536)) };
export const azureSecrets = { newToken: jsonIn(['properties', 'log'], kubernetesSecrets.newToken) };
export type AzureFields = Values<typeof azureFields>;

/** The declared values in a tree, each looked up where it is asked for. */
export function valuesIn(event: Json): KubernetesFields {
  const values = {};
  for (const [name, at] of Object.entries(kubernetesFields)) {
    Object.defineProperty(values, name, { get: () => select(at, event, () => undefined) });
  }
  return values as KubernetesFields;
}
