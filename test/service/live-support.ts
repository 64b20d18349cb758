import { onTestFinished } from 'vitest';
import { assemble, type Assembly } from '../../src/assemble.ts';
import type { Proposal } from '../../src/model/intent.ts';
import type { Desk, Triage } from '../../src/server/api/ports.ts';
import { startServer, type RunningServer } from '../../src/server/http.ts';
import type { LiveOptions } from '../../src/server/live.ts';
import type { Readiness } from '../../src/server/readiness.ts';
import type { ServiceApi } from '../../src/service/api.ts';
import { unmeasured } from '../../src/service/health.ts';
import { makeLive, type Acting, type Knowing } from '../../src/service/live.ts';
import { configure } from '../end-to-end/support.ts';
import { accounts } from '../server/live-support.ts';

export const agreeable: Desk = {
  approve: () => ({ ok: true }), reject: () => ({ ok: true }), undo: () => ({ ok: false, reason: 'nothing_to_undo' }), killSwitch: () => ({ ok: true }),
  close: () => ({ ok: true }), reopen: () => ({ ok: true }), acknowledge: () => ({ ok: false, reason: 'unknown_alert' }),
  covered: () => 'no_vendor', approveAll: () => ({ ok: true }), enforced: () => [], agree: () => ({ ok: true }), withdraw: () => ({ ok: true }),
};
const facts = { effect: 'Gateways refuse it.', delay: 'a minute', undo: 'taken off the list', rights: 'none', exposureMs: 60_000 };
const never = () => Promise.reject(new Error('never'));
const action = { name: 'gateways', type: 'deny_list', kinds: ['deny'], facts, fits: () => null, perform: never, undo: never, probe: null } as const;
const triage: Triage = { note: () => ({ ok: true }), claim: () => ({ ok: true }), assign: () => ({ ok: true }), quiet: () => ({ ok: true }), lineage: (id) => [id] };
const acting: Acting = { desk: agreeable, triage, killSwitch: { state: () => null }, actions: new Map([[action.name, action]]) };
const readiness: Readiness = {
  ready: true, reasons: [], store: { writable: true, lastCheckpointAgeSeconds: 1 }, sinks: [{ name: 'siem', condition: 'ok', waiting: 0, waitingMs: 0, detail: 'delivers' }],
  sources: [{ name: 'memory', ok: true, lastFetchAgeSeconds: 1, lagRecords: 0, detail: 'reads' }],
};

export interface LiveLife { readonly assembly: Assembly; readonly api: ServiceApi; readonly server: RunningServer; readonly url: string; end(): Promise<void> }

/** API and live stream over a real store, without a loop that reads. */
export async function liveLife(dataDir: string, port = 0, live: Partial<LiveOptions> = {}, yaml = '', known: Partial<Knowing> = {}, act: Partial<Acting> = {}): Promise<LiveLife> {
  const configuration = configure(yaml);
  const assembly = assemble({ configuration, dataDir, format: null, onEvent: (event) => api.seen(event), warn: () => undefined });
  const { api, options } = makeLive(configuration, assembly, { ...acting, ...act }, { readiness: () => readiness, measures: unmeasured, canaries: () => [], ...known });
  const server = await startServer({
    host: '127.0.0.1', port, credentials: null, push: [], readiness: () => readiness, metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    live: { ...options, accounts, pageDir: null, ...live },
  });
  api.start(() => server.changed());
  let hasEnded = false;
  const end = async (): Promise<void> => {
    if (hasEnded) return;
    hasEnded = true;
    api.stop();
    await server.close();
    await assembly.store.close();
  };
  onTestFinished(end);
  return { assembly, api, server, url: `http://127.0.0.1:${server.port}`, end };
}

export function proposalOf(id: string, part: Partial<Proposal> = {}): Proposal {
  return {
    id, planId: 'p', step: 0, kind: 'deny', action: 'gateways', mode: 'approve', rule: 'stolen', policyHash: 'h', incidentId: 'i1', alertId: 'a1', severity: 73,
    reason: 'It was stolen.', keepNetworks: [], keepWorkloads: [], provenMs: 1000, lowered: null, refused: null, decidedMs: 1000,
    dependents: [{ workloadId: null, name: 'curl in 192.0.2.0/24', networks: ['192.0.2.0/24'], resources: [], callsPerDay: 3, firstSeenMs: 1, lastSeenMs: 2, suspect: true }],
    target: { token: 't', handle: 'h', tokenKind: 'jwt', issuer: null, identityId: 'x', identityName: null, userId: null, client: null, sha256: null, expiresAtMs: null },
    ...part,
  };
}
