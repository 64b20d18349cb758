import type { StoreSection } from '../../../config/rotation-schema.ts';
import { asObject, objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest, Send } from '../../../outbound/client.ts';
import { renewedHeaders, secretIn } from '../auth/authorizer.ts';
import { httpVerdict, jsonRequest, path } from '../http.ts';
import { kubernetesToken } from '../own-name.ts';
import { parts } from '../provider.ts';
import { mayDo } from '../providers/kubernetes.ts';
import { rightsAt } from '../rights.ts';
import { ask, nothing, type Answered, type Part } from './part.ts';
import type { SecretStore, Value, Write } from './store.ts';

/** A Secret has one version: what was there is kept beside it until the old credential is cut. */
const former = 'tokenward-former.';
const annotation = 'tokenward/rotation';

/**
 * Secrets of Kubernetes (API concepts: JSON merge patch with the `resourceVersion` that was read, which is refused with 409 where somebody else wrote
 * meanwhile). Pods that hold it as environment get it at their next start only.
 */
export function kubernetesSecret(section: StoreSection<'kubernetes_secret'>): Part<SecretStore> {
  const server = section.api_server.replace(/\/+$/, '');
  return {
    ...(section.account === undefined ? { ownName: kubernetesToken({ api: server, issuer: section.issuer }, secretIn(section.token_file)) } : {}),
    urls: [server], authorizer: renewedHeaders(section.token_file, (token) => ({ authorization: `Bearer ${token}` })), make: (send) => store(send, server),
    rights: rightsAt({ ask: () => Object.values(section.secrets).flatMap(mayWrite) }, { api: server }),
  };
}

function mayWrite(where: string): ReturnType<typeof mayDo> {
  const [namespace, name] = parts(where, 2) as [string, string];
  return mayDo(...['get', 'patch'].map((verb) => ({ verb, what: { group: '', resource: 'secrets', namespace, name } })));
}

function store(send: Send, server: string): SecretStore {
  const url = (where: string): string => {
    const [namespace, name] = parts(where, 2);
    return `${server}${path`/api/v1/namespaces/${namespace!}/secrets/${name!}`}`;
  };
  const read: SecretStore['read'] = async (where, signal, version) => {
    const value = await ask(send, jsonRequest('GET', url(where)), signal, valueIn);
    return version === undefined || value.kind !== 'ok' ? value : { kind: 'ok', value: formerOf(value.value) };
  };
  const patch = (where: string, over: Value, changes: object, mark: string | null): OutboundRequest => {
    const metadata = { resourceVersion: over.version, annotations: { [annotation]: mark } };
    return jsonRequest('PATCH', url(where), { metadata, data: changes }, { 'content-type': 'application/merge-patch+json' });
  };
  return {
    read,
    write: (where, write, signal) =>
      ask(send, patch(where, write.over, changesOf(write), write.isUndo ? null : write.mark), signal, nothing, writeVerdict),
    async tidy(where, signal): Promise<Answered<true>> {
      const now = await read(where, signal);
      if (now.kind !== 'ok') return now;
      const kept = Object.keys(now.value.content).filter((key) => key.startsWith(former));
      if (kept.length === 0) return { kind: 'ok', value: true };
      return ask(send, patch(where, now.value, Object.fromEntries(kept.map((key) => [key, null])), null), signal, nothing, writeVerdict);
    },
  };
}

function changesOf({ content, over, isUndo }: Write): Readonly<Record<string, string | null>> {
  const [next, now] = [content, over.content] as Readonly<Record<string, string>>[];
  const changes: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(next!)) {
    if (value === now![key] || key.startsWith(former)) continue;
    changes[key] = encoded(value);
    // The first is what was there before ours.
    if (!isUndo && now![former + key] === undefined) changes[former + key] = encoded(now![key] ?? '');
  }
  if (isUndo) for (const key of Object.keys(now!)) if (key.startsWith(former)) changes[key] = null;
  return changes;
}

/** As it was before ours. */
function formerOf(value: Value): Value {
  const members = value.content as Readonly<Record<string, string>>;
  const kept = Object.entries(members).filter(([key]) => key.startsWith(former)).map(([key, text]) => [key.slice(former.length), text] as const);
  return { ...value, content: { ...members, ...Object.fromEntries(kept) } };
}

function writeVerdict(answer: OutboundAnswer): ReturnType<typeof httpVerdict> {
  return httpVerdict(answer, { 409: { kind: 'retry', reason: 'written_meanwhile' } });
}

function valueIn(answer: OutboundAnswer): Value | null {
  const { data, metadata } = objectOf(answer) ?? {};
  const { resourceVersion: version, annotations } = asObject(metadata) ?? {};
  const mark = asObject(annotations)?.[annotation];
  if (typeof version !== 'string') return null;
  const content = Object.fromEntries(Object.entries(asObject(data) ?? {}).map(([key, value]) => [key, decoded(String(value))]));
  return { content, version, mark: typeof mark === 'string' ? mark : null };
}

/** Byte by byte: what else stands there need not be text. */
function decoded(value: string): string {
  return Buffer.from(value, 'base64').toString('latin1');
}

function encoded(value: string): string {
  return Buffer.from(value, 'latin1').toString('base64');
}
