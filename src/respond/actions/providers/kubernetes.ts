import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent, Target } from '../../../model/intent.ts';
import { asObject, objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer } from '../../../outbound/client.ts';
import type { Liveness } from '../../port.ts';
import { renewedHeaders, secretIn } from '../auth/authorizer.ts';
import { claimsOf } from '../auth/jws.ts';
import { httpVerdict, jsonRequest, path, standingOf } from '../http.ts';
import { goneIsDone, listed, parts, providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';
import { kubernetesToken, type AskOwnName } from '../own-name.ts';
import { saidRight, type RightQuestion } from '../rights.ts';

interface KubernetesSettings extends ProviderSettings { readonly issuer: string; readonly api: string; readonly ownName: AskOwnName }

const family: Family<SectionOf<'kubernetes'>, KubernetesSettings> = {
  type: 'kubernetes',
  configure({ api_server: server, issuer, token_file: file, identities, exposure }) {
    const api = server.replace(/\/+$/, '');
    return {
      issuer, api, identities, exposureMs: durationMs(exposure) as number, ownName: kubernetesToken({ api, issuer }, secretIn(file)),
      authorizer: renewedHeaders(file, (token) => ({ authorization: `Bearer ${token}` })),
    };
  },
  urls: ({ api }) => [api],
  ownName: ({ ownName }) => ownName,
};

const offline = 'A service that checks the JWT by itself sees nothing of it until the token expires.';
const delay = 'Within 10 s, for which each API server keeps that a token is good; while the object is ending, a minute more.';

const ownToken: Call<KubernetesSettings>['fits'] = ({ issuer, tokenKind }, _kind, settings) =>
  (tokenKind !== 'kubernetes' ? 'token_kind_not_supported' : issuer === settings.issuer ? null : 'other_issuer');

/** The object still stands, or no more; one that is ending may yet come to nothing. */
function existing(answer: OutboundAnswer): Liveness {
  return standingOf(answer, ({ metadata }) => (asObject(metadata) === null ? 'unknown' : 'alive'));
}

/** Nothing but the metadata: what a Secret holds is no business of ours. */
const metadataOnly = { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' };

const both = ['delete', 'get'] as const;

interface Resource { readonly group: string; readonly resource: string; readonly namespace?: string; readonly name?: string }

/** The cluster tells everybody what he may do himself; a review is answered and not kept. */
export function mayDo(...wanted: readonly { readonly verb: string; readonly what: Resource }[]): readonly RightQuestion<Pick<KubernetesSettings, 'api'>>[] {
  return wanted.map(({ verb, what: { group, resource, namespace = '', name = '' } }) => ({
    right: `${verb} on ${resource}${name === '' ? '' : ` ${namespace}/${name}`}`,
    request: ({ api }) => jsonRequest('POST', `${api}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`, {
      apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { verb, group, resource, namespace, name } },
    }),
    classify: (answer) => saidRight(answer, () => asObject(objectOf(answer)?.['status'])?.['allowed'] === true),
  }));
}

const deletion = { classify: goneIsDone, undo: null };

function accountUrl({ target }: Intent, { api }: KubernetesSettings): string {
  const [namespace, name] = accountOf(target)!;
  return `${api}${path`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`}`;
}

/** Of `<issuer>|system:serviceaccount:<namespace>:<name>`. */
function accountOf({ identityId, issuer }: Target): readonly [string, string] | null {
  const subject = identityId?.startsWith(`${issuer}|`) === true ? identityId.slice(`${issuer}|`.length) : '';
  const found = /^system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})$/.exec(subject);
  // The account that every pod without one of its own runs as is nobody's to delete.
  return found === null || found[2] === 'default' ? null : [found[1]!, found[2]!];
}

const serviceAccount: Call<KubernetesSettings> = {
  ...deletion,
  name: 'service_account',
  facts: {
    effect: `The service account is deleted, and all its tokens with it: pods that run as it can do nothing more. ${offline}`, delay, undo: null,
    rights: 'delete and get on the service account.',
  },
  rights: { ask: () => mayDo(...both.map((verb) => ({ verb, what: { group: '', resource: 'serviceaccounts' } }))) },
  fits: (target, kind, settings) => ownToken(target, kind, settings) ?? (accountOf(target) === null ? 'no_public_id' : null),
  request: (intent, settings) => jsonRequest('DELETE', accountUrl(intent, settings)),
  verify: {
    isPossible: () => true, request: (intent, settings) => jsonRequest('GET', accountUrl(intent, settings), undefined, metadataOnly), classify: existing,
  },
};

function secretUrl({ target }: Intent, settings: KubernetesSettings): string {
  const [namespace, name] = parts(listed(target, settings)!, 2);
  return `${settings.api}${path`/api/v1/namespaces/${namespace!}/secrets/${name!}`}`;
}

const secret: Call<KubernetesSettings> = {
  ...deletion,
  name: 'secret',
  isListed: true,
  facts: {
    effect: `The Secret is deleted, and the tokens that stand in it or are bound to it are refused. ${offline}`, delay, undo: null,
    rights: 'delete and get on the Secret.',
  },
  rights: {
    ask: ({ identities }) => Object.values(identities).flatMap((value) => {
      const [namespace, name] = parts(value, 2);
      return mayDo(...both.map((verb) => ({ verb, what: { group: '', resource: 'secrets', namespace: namespace!, name: name! } })));
    }),
  },
  fits: ownToken,
  request: (intent, settings) => jsonRequest('DELETE', secretUrl(intent, settings)),
  verify: {
    isPossible: () => true, request: (intent, settings) => jsonRequest('GET', secretUrl(intent, settings), undefined, metadataOnly), classify: existing,
  },
};

interface BoundPod { readonly namespace: string; readonly name: string; readonly uid: string }

/** The pod that the token says it is bound to. */
function podIn(token: string | null): BoundPod {
  const claims = asObject(claimsOf(token)?.['kubernetes.io']);
  const pod = asObject(claims?.['pod']);
  const [namespace, name, uid] = [claims?.['namespace'], pod?.['name'], pod?.['uid']];
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof uid !== 'string') throw new Error('the token is bound to no pod');
  return { namespace, name, uid };
}

/** What pods have to end in by default. A token is good for a minute beyond it, so a pod that would take an hour is not given that. */
const graceSeconds = 30;

const pod: Call<KubernetesSettings> = {
  // Another pod has the name by now.
  classify: (answer) => httpVerdict(answer, { 404: { kind: 'already' }, 409: { kind: 'already' } }),
  undo: null,
  name: 'pod',
  needsToken: true,
  facts: {
    effect: `The pod that the token is bound to is deleted, and no other of that name; its controller starts a new one, with new tokens. ${offline}`,
    delay: `${delay} A pod has 30 s to end.`, undo: null, rights: 'delete on pods; create on tokenreviews.',
  },
  rights: {
    ask: () => mayDo(
      { verb: 'delete', what: { group: '', resource: 'pods' } }, { verb: 'create', what: { group: 'authentication.k8s.io', resource: 'tokenreviews' } },
    ),
  },
  fits: ownToken,
  request: (_intent, { api }, { token }) => {
    const { namespace, name, uid } = podIn(token);
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: graceSeconds, preconditions: { uid } };
    return jsonRequest('DELETE', `${api}${path`/api/v1/namespaces/${namespace}/pods/${name}`}`, options);
  },
  verify: {
    isPossible: () => true,
    request: (_intent, { api }, { token }) => jsonRequest('POST', `${api}/apis/authentication.k8s.io/v1/tokenreviews`, {
      apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences: audiencesIn(token) },
    }),
    classify: (answer) => {
      const isAnswered = answer.kind === 'answered' && (answer.status === 200 || answer.status === 201);
      const status = isAnswered ? asObject(objectOf(answer)?.['status']) : null;
      // `authenticated` is left out where it is false.
      return status === null ? 'unknown' : status['authenticated'] === true ? 'alive' : 'dead';
    },
  },
};

function audiencesIn(token: string | null): readonly string[] {
  const aud = claimsOf(token)?.['aud'];
  return (Array.isArray(aud) ? aud : [aud]).filter((one): one is string => typeof one === 'string');
}

export const kubernetes = {
  secret: providerOf(family, secret), service_account: providerOf(family, serviceAccount), pod: providerOf(family, pod),
};
