import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Access, principalOf } from './access.ts';
import type { Account, Accounts } from './accounts.ts';
import { addApi } from './api/api.ts';
import type { ChangeFeed, Desk, Reader, Triage } from './api/ports.ts';
import { addSessionRoutes, loginPath } from './api/session-routes.ts';
import type { Credentials } from './credentials.ts';
import type { Admission } from './feeds.ts';
import { Hub } from './hub.ts';
import type { ProviderLogin } from './oidc/routes.ts';
import { addPage } from './page.ts';
import { Refusals, type RefusalNote, type RefusedRequest } from './refusals.ts';
import { Sessions } from './sessions.ts';
import type { Problem } from './api/shapes.ts';

/** What the API, the live stream and the page are made of. */
export interface LiveOptions {
  readonly version: string;
  readonly reader: Reader;
  readonly desk: Desk;
  readonly triage: Triage;
  readonly feed: ChangeFeed;
  /** `null`: only a loopback address, or who shows the server's credentials, may look; nobody may change anything. */
  readonly accounts: Accounts | null;
  /** Logs people in beside the accounts' tokens; absent or `null`: nobody. */
  readonly login?: ProviderLogin | null;
  /** Where people reach the page, if by another name than this machine's address. */
  readonly publicUrl: string | null;
  /** Folder of the built page. */
  readonly pageDir: string | null;
  /** Keeps refusals in the audit; must not throw. */
  readonly audit: (note: RefusalNote) => void;
}

/** What others may ask of a running server. */
export interface Live {
  /** The change number has risen. */
  changed(): void;
  /** Path of a link that begins a session of this account once, within 10 minutes. */
  openSession(account: Account): string;
  readonly admission: Admission;
  readonly refused: (request: RefusedRequest) => void;
}

/**
 * Adds them all to a server that is not listening yet. `viewers`: who may look without accounts; `null`: everybody. `onRefused` hears of
 * those who are turned away before there is a reply to refuse with.
 */
export function addLive(
  server: FastifyInstance, options: LiveOptions, viewers: Credentials | null,
  refuse: (reply: FastifyReply, status: number, reason: string, problem?: Problem) => FastifyReply,
  onRefused: (reason: string, status: number) => void,
): Live {
  const { accounts, publicUrl, feed, version, reader, desk, triage, audit } = options;
  const sessions = new Sessions();
  const access = new Access({ accounts, sessions, viewers, publicUrl, stepUp: options.login?.stepUp ?? null });
  const refusals = new Refusals(audit);
  const refused = (request: RefusedRequest): void => refusals.add(request);
  const hub = new Hub({
    feed, access, sessions,
    onRefused(request) {
      refused(request);
      onRefused(request.reason, request.status);
    },
  });
  addApi(server, { version, reader, desk, triage, access, refuse });
  addSessionRoutes(server, { accounts, sessions, access, refuse, login: options.login ?? null });
  addPage(server, options.pageDir);
  hub.attach(server.server);
  server.addHook('preClose', async () => {
    hub.close();
    refusals.flush();
  });
  return {
    changed: () => hub.changed(), openSession: (account) => `${loginPath}?code=${sessions.link(account)}`,
    admission: {
      read: access.admit('viewer', false, refuse), change: access.admit('admin', true, refuse),
      actorOf: (request: FastifyRequest) => principalOf(request)?.account.name ?? 'nobody',
    },
    refused,
  };
}
