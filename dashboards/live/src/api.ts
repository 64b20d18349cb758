import type {
  AlertDetail, AlertPage, CoveredAnswer, EnforcementAnswer, EventPage,
  IncidentDetail, IncidentPage, IntentAnswer, IntentPage, KillSwitchAnswer, Problem, Refused, Session, Status, Ticket, TokenPage,
  TouchedPage, Trends,
} from '../../../src/server/api/shapes.ts';
import type { ExceptionPage, HealthView, HiddenPage, IdentityDetail, ReadinessPage } from '../../../src/server/api/shapes-insight.ts';

/** What the server answered when it would not do what was asked. */
export class RefusedError extends Error {
  readonly status: number;
  /** What there is to be done about it; `null` where the reason is all. */
  readonly problem: Problem | null;

  constructor(status: number, reason: string, { title, detail, login }: Partial<Problem> = {}) {
    super(reason);
    this.status = status;
    this.problem = title === undefined || detail === undefined || login === undefined ? null : { title, detail, login };
  }
}

let csrf: string | null = null;

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const answer = await fetch(path, body === undefined ? {} : {
    method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...(csrf === null ? {} : { 'x-csrf-token': csrf }) },
  });
  const read = await answer.json().catch(() => ({})) as Partial<Refused>;
  if (!answer.ok) throw new RefusedError(answer.status, read.error ?? `status ${answer.status}`, read);
  return read as T;
}

function unknownAsNull(error: unknown): null {
  if (error instanceof RefusedError && error.status === 404) return null;
  throw error;
}

function remember(session: Session): Session {
  csrf = session.csrf;
  return session;
}

export const api = {
  session: async () => remember(await ask<Session>('/api/session')),
  ways: () => ask<{ readonly provider: boolean }>('/login/ways'),
  login: async (token: string) => remember(await ask<Session>('/api/session', { token })),
  logout: async () => {
    const answer = await fetch('/api/session', { method: 'DELETE', headers: csrf === null ? {} : { 'x-csrf-token': csrf } });
    if (!answer.ok) throw new RefusedError(answer.status, `status ${answer.status}`);
  },
  ticket: () => ask<Ticket>('/api/ticket', {}),
  status: () => ask<Status>('/api/status'),
  alerts: (query: URLSearchParams) => ask<AlertPage>(`/api/alerts?${query.toString()}`),
  incidents: (query: URLSearchParams) => ask<IncidentPage>(`/api/incidents?${query.toString()}`),
  incident: (id: string) => ask<IncidentDetail>(`/api/incidents/${encodeURIComponent(id)}`),
  tokens: (query: URLSearchParams) => ask<TokenPage>(`/api/tokens?${query.toString()}`),
  alert: (id: string) => ask<AlertDetail>(`/api/alerts/${encodeURIComponent(id)}`),
  events: (query: URLSearchParams) => ask<EventPage>(`/api/events?${query.toString()}`),
  trends: () => ask<Trends>('/api/trends'),
  /** `null`: nobody knows it. */
  identity: (id: string) => ask<IdentityDetail>(`/api/identity?${new URLSearchParams({ id }).toString()}`).catch(unknownAsNull),
  exceptions: () => ask<ExceptionPage>('/api/exceptions'),
  hidden: (query: URLSearchParams) => ask<HiddenPage>(`/api/hidden?${query.toString()}`),
  readiness: () => ask<ReadinessPage>('/api/readiness'),
  health: () => ask<HealthView>('/api/health'),
  enforcement: () => ask<EnforcementAnswer>('/api/enforcement'),
  /** `seen`: hash of the rule that the person was shown. */
  agree: (rule: string, seen: string) => ask<EnforcementAnswer>('/api/enforcement', { rule, seen }),
  withdraw: (rule: string) => ask<EnforcementAnswer>('/api/enforcement/withdraw', { rule }),
  covered: (incident: string) => ask<CoveredAnswer>(`/api/incidents/${encodeURIComponent(incident)}/approval`),
  approveAll: (incident: string, seen: string) => ask<unknown>(`/api/incidents/${encodeURIComponent(incident)}/approve`, { seen }),
  touched: (of: 'alerts' | 'incidents', id: string) => ask<TouchedPage>(`/api/${of}/${encodeURIComponent(id)}/touched`),
  intents: () => ask<IntentPage>('/api/intents?limit=500'),
  acknowledge: (id: string) => ask<unknown>(`/api/alerts/${encodeURIComponent(id)}/acknowledge`, {}),
  reopen: (id: string) => ask<unknown>(`/api/alerts/${encodeURIComponent(id)}/reopen`, {}),
  /** `lineage`: every alert of its identity or lineage. */
  close: (id: string, as: 'benign' | 'false_alarm' | 'theft', reason: string, lineage = false) => (
    ask<unknown>(`/api/alerts/${encodeURIComponent(id)}/close${lineage ? '-lineage' : ''}`, { as, reason })),
  acknowledgeLineage: (id: string) => ask<unknown>(`/api/alerts/${encodeURIComponent(id)}/acknowledge-lineage`, {}),
  claim: (id: string, text: string) => ask<unknown>(`/api/alerts/${encodeURIComponent(id)}/claim`, { text }),
  note: (id: string, text: string) => ask<unknown>(`/api/alerts/${encodeURIComponent(id)}/note`, { text }),
  assign: (id: string, owner: string | null) => ask<unknown>(`/api/alerts/${encodeURIComponent(id)}/assign`, { owner }),
  quiet: (id: string, hours: number, reason: string) => ask<unknown>(`/api/alerts/${encodeURIComponent(id)}/quiet`, { hours, reason }),
  /** `seen`: digest of what the person was shown, so that nobody approves anything else. */
  approve: (id: string, seen: string) => ask<IntentAnswer>(`/api/intents/${encodeURIComponent(id)}/approve`, { seen }),
  decide: (id: string, what: 'reject' | 'undo') => ask<IntentAnswer>(`/api/intents/${encodeURIComponent(id)}/${what}`, {}),
  killSwitch: (on: boolean, reason: string) => ask<KillSwitchAnswer>('/api/kill-switch', { on, reason }),
};
