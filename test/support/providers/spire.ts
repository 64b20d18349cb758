/** A strict fake of SPIRE's server: what is documented, by message definitions of its own, so that a wrong number of ours does not go unnoticed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Metadata, Server, ServerCredentials, status, type handleUnaryCall, type ServerUnaryCall } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import { onTestFinished } from 'vitest';
import { makeFolder } from '../../store/support.ts';
import { root } from '../source.ts';
import { certificates, type Certificates } from './spire-certificates.ts';

export interface FakeId { readonly trust_domain: string; readonly path: string }

export interface FakeEntry {
  readonly id: string;
  readonly spiffe_id: FakeId;
  readonly parent_id: FakeId;
  readonly selectors: readonly { readonly type: string; readonly value: string }[];
  readonly [field: string]: unknown;
}

export interface FakeAgent { attestation_type: string; banned: boolean; can_reattest: boolean }

/** What is answered instead, in the call's name. */
export interface Refusing { readonly code: number; readonly retryMs?: number }

export interface FakeSpire {
  /** Where it listens: a socket, or a host with its port. */
  readonly address: string;
  readonly files: Certificates | null;
  readonly entries: Map<string, FakeEntry>;
  /** By path of the SPIFFE ID. */
  readonly agents: Map<string, FakeAgent>;
  readonly seen: string[];
  readonly faults: string[];
  /** Method -> what it answers until that is taken away. */
  readonly refusing: Map<string, Refusing>;
  /** Status codes of parts of the next batches, by id of the entry. */
  readonly parts: Map<string, number>;
  /** Ids that are given out instead of those that were asked for. */
  renames: boolean;
  /** It tells less than all. */
  cuts: boolean;
}

export const domain = 'prod.example';
export const idOf = (path: string): FakeId => ({ trust_domain: domain, path });
export const node = '/spire/agent/join_token/node-1';

/** One usable entry. */
export function entryOf(id: string, path = '/ns/jobs/sa/export', change: Readonly<Record<string, unknown>> = {}): FakeEntry {
  return { id, spiffe_id: idOf(path), parent_id: idOf(node), selectors: [{ type: 'unix', value: `uid:${id}` }], jwt_svid_ttl: 300, later: `of ${id}`, ...change };
}

class Refused extends Error {
  readonly code: number;
  constructor(code: number, why: string) {
    super(why);
    this.code = code;
  }
}

function must(holds: boolean, code: number, why: string): asserts holds {
  if (!holds) throw new Refused(code, why);
}

type Said = Readonly<Record<string, unknown>>;
type Handler = (request: Said) => object;

function isIn(id: unknown): asserts id is FakeId {
  const { trust_domain: trustDomain, path } = (id ?? {}) as Partial<FakeId>;
  must(trustDomain === domain && /^(?:\/[\w.-]+)+$/.test(path ?? ''), status.INVALID_ARGUMENT, 'no SPIFFE ID of the trust domain');
}

const sameness = ({ spiffe_id: id, parent_id: parent, selectors }: FakeEntry): string => JSON.stringify([id, parent, selectors]);

function entryService(fake: FakeSpire): Readonly<Record<string, Handler>> {
  const { entries, parts } = fake;
  return {
    ListEntries: ({ filter, page_size: size }) => {
      const by = (filter as { by_spiffe_id?: FakeId } | undefined)?.by_spiffe_id;
      if (by !== undefined) isIn(by);
      const all = [...entries.values()].filter(({ spiffe_id: id }) => by === undefined || id.path === by.path);
      const page = all.slice(0, Number(size) || all.length);
      // As the real one does it: a page that was asked for by its size names a next one, also where it is the last.
      return { entries: page, next_page_token: Number(size) > 0 ? page.at(-1)?.id ?? '' : fake.cuts ? 'more' : '' };
    },
    BatchDeleteEntry: ({ ids = [] }) => ({
      results: (ids as string[]).map((id) => {
        const code = parts.get(id) ?? (id === '' ? status.INVALID_ARGUMENT : entries.has(id) ? status.OK : status.NOT_FOUND);
        if (code === Number(status.OK)) entries.delete(id);
        return { id, status: { code, message: code === Number(status.OK) ? '' : `what stands here is never shown: ${id}` } };
      }),
    }),
    BatchCreateEntry: ({ entries: wanted = [] }) => ({
      results: (wanted as FakeEntry[]).map((entry) => {
        const known = [...entries.values()].find((one) => sameness(one) === sameness(entry));
        const isUsable = entry.selectors?.length > 0 && !entries.has(entry.id);
        const code = parts.get(entry.id) ?? (known !== undefined ? status.ALREADY_EXISTS : isUsable ? status.OK : status.INVALID_ARGUMENT);
        if (code === Number(status.ALREADY_EXISTS)) return { status: { code, message: 'similar entry already exists' }, entry: known };
        if (code !== Number(status.OK)) return { status: { code, message: 'failed' } };
        const made = fake.renames ? { ...entry, id: `new-${entry.id}` } : entry;
        entries.set(made.id, made);
        return { status: { code }, entry: made };
      }),
    }),
  };
}

function agentService({ agents }: FakeSpire): Readonly<Record<string, Handler>> {
  const known = ({ id }: Said): [string, FakeAgent] => {
    isIn(id);
    must(id.path.startsWith('/spire/agent/'), status.INVALID_ARGUMENT, 'no agent');
    const agent = agents.get(id.path);
    if (agent === undefined) throw new Refused(status.NOT_FOUND, 'agent not found');
    return [id.path, agent];
  };
  return {
    CountAgents: () => ({ count: agents.size }),
    GetAgent: (request) => { const [path, agent] = known(request); return { id: idOf(path), ...agent }; },
    BanAgent: (request) => { known(request)[1].banned = true; return {}; },
    DeleteAgent: (request) => { agents.delete(known(request)[0]); return {}; },
  };
}

const protos = join(root, 'test', 'data', 'spire');
const loaded = loadSync(['entry.proto', 'agent.proto'], { includeDirs: [protos], keepCase: true, longs: String });

/** Fields that are not documented are noted: they are lost where the message is written again. */
function strict(definition: ServiceDefinition, faults: string[]): ServiceDefinition {
  return Object.fromEntries(Object.entries(definition).map(([name, method]): [string, MethodDefinition<object, object>] => [name, {
    ...method,
    requestDeserialize: (bytes) => {
      const message = method.requestDeserialize(bytes);
      if (method.requestSerialize(message).length !== bytes.length) faults.push(`${name}: fields that are not documented`);
      return message;
    },
  }]));
}

/** `RetryInfo` as `google.rpc.Status` carries it. */
function withDelay(milliseconds: number | undefined): Metadata {
  const metadata = new Metadata();
  if (milliseconds === undefined) return metadata;
  const inside = (number: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([number << 3 | 2, bytes.length]), bytes]);
  const duration = Buffer.from([0x08, Math.floor(milliseconds / 1000)]);
  const any = Buffer.concat([inside(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')), inside(2, inside(1, duration))]);
  metadata.set('grpc-status-details-bin', Buffer.concat([Buffer.from([0x08, status.UNAVAILABLE]), inside(3, any)]));
  return metadata;
}

function answering(fake: FakeSpire, name: string, handle: Handler): handleUnaryCall<Said, object> {
  return (call, done) => {
    fake.seen.push(name);
    const refusing = fake.refusing.get(name);
    try {
      must(isAdmin(call), status.PERMISSION_DENIED, 'authorization denied for method');
      if (refusing !== undefined) done({ code: refusing.code, details: 'what stands here is never shown', metadata: withDelay(refusing.retryMs) });
      else done(null, handle(call.request));
    } catch (error) {
      if (!(error instanceof Refused)) fake.faults.push(`${name} is broken: ${String(error)}`);
      else if (error.code === Number(status.INVALID_ARGUMENT)) fake.faults.push(`${name}: ${error.message}`);
      done({ code: error instanceof Refused ? error.code : status.INTERNAL, details: 'refused' });
    }
  };
}

/** Somebody on the socket, or with the certificate of an administrator. */
function isAdmin(call: ServerUnaryCall<Said, object>): boolean {
  const context = call.getAuthContext();
  if (context.transportSecurityType === undefined) return true;
  return context.sslPeerCertificate?.subjectaltname === `URI:spiffe://${domain}/ns/soc/sa/tokenward`;
}

/** Answers until the test ends: on a socket, or over TLS. */
export async function startSpire({ tls = false, server: serverPath = '/spire/server' }: { tls?: boolean; server?: string } = {}): Promise<FakeSpire> {
  const files = tls ? certificates(domain, serverPath) : null;
  const socket = join(makeFolder(), 'api.sock');
  const fake: FakeSpire = {
    address: socket, files, entries: new Map(), agents: new Map(), seen: [], faults: [], refusing: new Map(), parts: new Map(), renames: false, cuts: false,
  };
  const server = new Server();
  for (const [name, handlers] of Object.entries({ 'entry.v1.Entry': entryService(fake), 'agent.v1.Agent': agentService(fake) })) {
    const definition = loaded[`spire.api.server.${name}`] as ServiceDefinition;
    server.addService(strict(definition, fake.faults), Object.fromEntries(Object.entries(handlers).map(([method, handle]) => [method, answering(fake, method, handle)])));
  }
  const credentials = files === null
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(files.ca, [{ private_key: files.server.key, cert_chain: files.server.certificate }], true);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(files === null ? `unix:${socket}` : '127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  onTestFinished(() => server.forceShutdown());
  if (files === null && !existsSync(socket)) throw new Error('the fake does not listen');
  return Object.assign(fake, files === null ? {} : { address: `127.0.0.1:${port}` });
}
