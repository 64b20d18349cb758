import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { Accounts } from '../../src/server/accounts.ts';
import type { ChangeFeed, Desk, Insight, Reader, Triage } from '../../src/server/api/ports.ts';
import type { Message } from '../../src/server/api/shapes-live.ts';
import type { Role, Session, Status } from '../../src/server/api/shapes.ts';
import { roles as allRoles } from '../../src/server/api/shapes-service.ts';
import { startServer, type RunningServer, type ServerOptions } from '../../src/server/http.ts';
import type { LiveOptions } from '../../src/server/live.ts';
import type { RefusalNote } from '../../src/server/refusals.ts';

export const everyRole: readonly Role[] = allRoles;
export const tokenOf = (role: Role | 'other'): string => `token-of-the-${role}`;
export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** One account for each role, named like it, and a second responder. */
export const accounts = new Accounts([
  ...allRoles.map((role) => ({ account: { name: role, role }, hash: hashOf(tokenOf(role)) })),
  { account: { name: 'other', role: 'responder' }, hash: hashOf(tokenOf('other')) },
]);

export const status: Status = {
  version: '1', nowMs: 1, startedMs: 1, ready: true, reasons: [], mode: 'none', killSwitch: { on: false, state: 'off', changeable: true }, caps: [],
  waitingApproval: 0, openAlerts: 0, sources: [], sinks: [], canaries: [], quarantine: [], denyLists: [], intel: { source: 'none', builtAt: 'never' }, lastEventMs: null, dataAgeMs: null, cursor: 1,
};

const page = { total: 0, next: null, cursor: 1 };
const insight: Insight = {
  identity: () => Promise.resolve(null), exceptions: () => Promise.resolve({ exceptions: [] }), hidden: () => Promise.resolve({ alerts: [], total: 0, next: null }),
  readiness: (neededDays) => Promise.resolve({ neededDays, detectors: [] }), health: () => Promise.resolve({ budgets: [], tables: [], versions: [], identities: 0 }),
};
export const reader: Reader = {
  isReady: true, insight, alerts: () => ({ ...page, alerts: [], grouped: null }), alert: () => null, incidents: () => ({ ...page, incidents: [] }), incident: () => null,
  touchedOfAlert: () => null, touchedOfIncident: () => null,
  trends: () => Promise.resolve({ weeks: [], credentials: { total: 0, owned: 0, withinTtl: 0, attested: 0, ready: 0 } }),
  tokens: () => Promise.resolve({ total: 0, next: null, tokens: [], activity: null }), intents: () => ({ ...page, intents: [] }), intent: () => null,
  events: () => ({ events: [], total: 0, kept: 0 }), status: () => status,
};

/** Changes that a test makes; each is one status message of its own number, so that gaps are seen. */
export class TestFeed implements ChangeFeed {
  isReady = true;
  last = 0;
  /** Filler, to make messages long. */
  text = '';

  lastChange(): number {
    return this.last;
  }

  changes(since: number, upTo: number, limit: number): { cursor: number; messages: Message[] } {
    const cursor = Math.min(upTo, since + limit);
    const messages = Array.from({ length: cursor - since }, (_, place): Message => (
      { type: 'status', cursor: since + place + 1, status: { ...status, version: this.text, cursor: since + place + 1 } }));
    return { cursor, messages };
  }

  status(): Status {
    return status;
  }
}

/** What each changing route takes. */
export const bodies: Readonly<Record<string, object>> = {
  '/api/alerts/:id/close': { as: 'theft' }, '/api/alerts/:id/close-lineage': { as: 'benign' }, '/api/alerts/:id/note': { text: 'Asked the owner.' }, '/api/alerts/:id/claim': { text: 'x' },
  '/api/alerts/:id/assign': { owner: 'ann' }, '/api/alerts/:id/quiet': { hours: 2, reason: 'a drill' }, '/api/kill-switch': { on: true, reason: 'a drill' },
  '/api/incidents/:id/approve': { seen: 's' }, '/api/enforcement': { rule: 'r', seen: 'h' },
  '/api/enforcement/withdraw': { rule: 'r' },
};
/** What is to be asked for. */
export const queries: Readonly<Record<string, string>> = { '/api/identity': '?id=x1' };

export interface Decided { readonly what: string; readonly by: string }

export interface LiveServer extends RunningServer {
  readonly url: string;
  readonly feed: TestFeed;
  readonly decided: Decided[];
  readonly audit: RefusalNote[];
}

/** A server with accounts whose readers and deciders are stand-ins. It is closed with the test. */
export async function liveServer(live: Partial<LiveOptions> = {}, options: Partial<ServerOptions> = {}): Promise<LiveServer> {
  const feed = new TestFeed();
  const decided: Decided[] = [];
  const audit: RefusalNote[] = [];
  const note = (what: string, by: string): { ok: true } => {
    decided.push({ what, by });
    return { ok: true };
  };
  const desk: Desk = {
    approve: (id, by, seen) => note(`approve ${id} ${seen ?? ''}`.trim(), by), reject: (id, by) => note(`reject ${id}`, by), undo: (id, by) => note(`undo ${id}`, by),
    killSwitch: (on, reason, by) => note(`kill switch ${on ? 'on' : 'off'} ${reason}`, by), close: (id, as, by) => note(`close ${id} ${as}`, by),
    reopen: (id, by) => note(`reopen ${id}`, by),
    acknowledge: (id, by) => note(`acknowledge ${id}`, by), covered: () => ({ seen: 's', intents: [{ id: 'n1' }] }),
    approveAll: (id, by, seen) => note(`approve all ${id} ${seen}`, by), enforced: () => [],
    agree: (rule, by, seen) => note(`agree ${rule} ${seen}`, by), withdraw: (rule, by) => note(`withdraw ${rule}`, by),
  };
  const triage: Triage = {
    note: (id, text, by) => note(`note ${id} ${text}`, by), assign: (id, owner, by) => note(`assign ${id} ${owner ?? 'nobody'}`, by),
    claim: (id, text, by) => note(`claim ${id} ${text}`, by),
    quiet: (id, hours, reason, by) => note(`quiet ${id} ${hours} ${reason}`, by), lineage: (id) => [id, `${id}-2`],
  };
  const server = await startServer({
    host: '127.0.0.1', port: 0, credentials: null, push: [], readiness: () => ({ ready: true, reasons: [], store: { writable: true, lastCheckpointAgeSeconds: null }, sources: [], sinks: [] }),
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    live: { version: '1', reader, desk, triage, feed, accounts, publicUrl: null, pageDir: null, audit: (refusal) => audit.push(refusal), ...live }, ...options,
  });
  onTestFinished(() => server.close());
  return { ...server, url: `http://127.0.0.1:${server.port}`, feed, decided, audit };
}

export function bearer(role: Role | 'other'): Record<string, string> {
  return { authorization: `Bearer ${tokenOf(role)}` };
}

export interface Browser { readonly headers: Record<string, string>; readonly session: Session }

/** What a browser has after it showed a token. */
export async function login(url: string, role: Role): Promise<Browser> {
  const answer = await fetch(`${url}/api/session`, { method: 'POST', body: JSON.stringify({ token: tokenOf(role) }), headers: { 'content-type': 'application/json' } });
  const session = await answer.json() as Session;
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return { session, headers: { cookie, 'x-csrf-token': session.csrf ?? '', origin: url } };
}

export async function ticketFor(url: string, headers: Record<string, string>): Promise<string> {
  return (await (await fetch(`${url}/api/ticket`, { method: 'POST', headers })).json() as { ticket: string }).ticket;
}

export interface Reading { readonly socket: WebSocket; readonly messages: Message[]; readonly closed: Promise<number>; until(count: number): Promise<void> }

/** Opens the stream; rejects with the HTTP status where it is refused. */
export function read(url: string, path: string, headers: Record<string, string>): Promise<Reading> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, { headers, perMessageDeflate: false });
  const messages: Message[] = [];
  let arrived = (): void => undefined;
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(String(data)) as Message);
    arrived();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => { socket.on('close', resolve); });
  const until = async (count: number): Promise<void> => {
    while (messages.length < count) await new Promise<void>((resolve) => { arrived = resolve; });
  };
  onTestFinished(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ socket, messages, closed, until }));
    socket.on('unexpected-response', (_, response) => {
      reject(new Error(String(response.statusCode)));
      socket.terminate();
    });
  });
}
