import { jsonBody, must, noBody, routes, startFake, type Fake, type Received, type Reply } from './fake.ts';

export interface FakeKubernetes extends Fake {
  /** `kind/namespace/name` -> uid. */
  readonly objects: Map<string, string>;
  /** What our account may not do, as `verb resource namespace/name`. */
  readonly denied: Set<string>;
  /** A token bound to the pod `export-1`. */
  readonly token: string;
  /** A token that was found good is good for ten seconds more, whatever ends meanwhile: they are not over. */
  isKept: boolean;
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The API server's calls as its documentation describes them, and as 1.36 answered them. */
export async function startKubernetes(own: string): Promise<FakeKubernetes> {
  const objects = new Map([
    ['pods/jobs/export-1', 'uid-1'], ['pods/jobs/export-2', 'uid-2'], ['secrets/jobs/export-token', 'uid-3'], ['secrets/jobs/other', 'uid-4'],
    ['serviceaccounts/jobs/export', 'uid-5'], ['serviceaccounts/jobs/report', 'uid-6'],
  ]);
  const [denied, found] = [new Set<string>(), new Set<string>()];
  const bound = { namespace: 'jobs', serviceaccount: { name: 'export', uid: 'uid-5' }, pod: { name: 'export-1', uid: 'uid-1' } };
  const token = `${encoded({ alg: 'RS256' })}.${encoded({ aud: ['https://kubernetes.default.svc'], 'kubernetes.io': bound, jti: 'jti-1' })}.c2lnbmF0dXJl`;
  const isAlive = (): boolean => objects.get('pods/jobs/export-1') === 'uid-1' && objects.get('serviceaccounts/jobs/export') === 'uid-5';
  const status = (code: number, reason: string): Reply => ({ status: code, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code } });
  type Handler = (received: Received, parts: readonly string[]) => Reply;
  const allowed = (handle: Handler): Handler => (received, parts) =>
    (received.headers['authorization'] === `Bearer ${own}` ? handle(received, parts) : status(401, 'Unauthorized'));
  const deletion: Handler = (received, [namespace, kind, name]) => {
    const key = `${kind}/${namespace}/${name}`;
    must(['pods', 'secrets', 'serviceaccounts'].includes(kind!), 404, 'no such resource');
    if (!objects.has(key)) return status(404, 'NotFound');
    if (received.body !== '') {
      const { preconditions } = jsonBody(received, ['apiVersion', 'kind', 'gracePeriodSeconds', 'preconditions']) as { preconditions: { uid: string } };
      if (preconditions.uid !== objects.get(key)) return status(409, 'Conflict');
    }
    objects.delete(key);
    return { status: 200, body: { kind: 'Status', status: 'Success' } };
  };
  const shown: Handler = (received, [namespace, kind, name]) => {
    noBody(received);
    must(received.headers['accept'] === 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', 406, 'more than the metadata was asked for');
    const uid = objects.get(`${kind}/${namespace}/${name}`);
    return uid === undefined ? status(404, 'NotFound') : { status: 200, body: { kind: 'PartialObjectMetadata', metadata: { name, namespace, uid } } };
  };
  const fake: FakeKubernetes = Object.assign(await startFake(routes({
    'DELETE /api/v1/namespaces/{}/{}/{}': allowed(deletion),
    'GET /api/v1/namespaces/{}/{}/{}': allowed(shown),
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews': allowed((received) => {
      const { kind, spec } = jsonBody(received, ['kind', 'apiVersion', 'spec']) as { kind: string; spec: { resourceAttributes: Record<string, string> } };
      const { verb, resource, namespace, name } = spec.resourceAttributes;
      return { status: 201, body: { kind, status: { allowed: !denied.has(`${verb} ${resource} ${namespace}/${name}`) } } };
    }),
    'POST /apis/authentication.k8s.io/v1/selfsubjectreviews': allowed((received) => {
      const { kind, apiVersion } = jsonBody(received, ['kind', 'apiVersion']) as { kind: string; apiVersion: string };
      must(kind === 'SelfSubjectReview' && apiVersion === 'authentication.k8s.io/v1', 400, 'no SelfSubjectReview');
      return { status: 201, body: { kind, apiVersion, status: { userInfo: { username: 'oidc:responder', groups: ['system:authenticated'] } } } };
    }),
    'POST /apis/authentication.k8s.io/v1/tokenreviews': allowed((received) => {
      const { kind, apiVersion, spec } = jsonBody(received, ['kind', 'apiVersion', 'spec']) as { kind: string; apiVersion: string; spec: { token: string; audiences: string[] } };
      must(kind === 'TokenReview' && apiVersion === 'authentication.k8s.io/v1' && Array.isArray(spec.audiences), 400, 'no TokenReview');
      const isKnown = spec.token === token && isAlive() || fake.isKept && found.has(spec.token);
      if (isKnown) found.add(spec.token);
      return { status: 201, body: { kind, status: isKnown ? { authenticated: true, user: {} } : { user: {}, error: 'invalid bearer token' } } };
    }),
  })), { objects, denied, token, isKept: false });
  return fake;
}
