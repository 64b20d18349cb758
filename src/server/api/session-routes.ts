import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { cookieOf, principalOf, sessionCookie, type Principal } from '../access.ts';
import type { Account, Accounts } from '../accounts.ts';
import { addProviderLogin, type ProviderLogin } from '../oidc/routes.ts';
import { sessionKey, type Grounds, type Sessions } from '../sessions.ts';
import { WrongTokens } from '../wrong-tokens.ts';
import type { Session, Ticket } from './shapes.ts';

const maxBodyBytes = 4096;

export interface SessionParts {
  readonly accounts: Accounts | null;
  readonly sessions: Sessions;
  readonly access: Access;
  /** `null`: nobody else vouches for people. */
  readonly login: ProviderLogin | null;
  readonly refuse: (reply: FastifyReply, status: number, reason: string) => FastifyReply;
}

/** Path of the one-time link that begins a session. */
export const loginPath = '/login';

/** Beginning and ending sessions, tickets for the live stream, and the one-time link. */
export function addSessionRoutes(server: FastifyInstance, parts: SessionParts): void {
  const { accounts, sessions, access, refuse } = parts;
  const admit = (changes: boolean) => ({ onRequest: access.admit('viewer', changes, refuse), bodyLimit: maxBodyBytes });
  const wrong = new WrongTokens();

  server.get('/api/session', admit(false), (request) => viewOf(principalOf(request) as Principal));
  server.post('/api/session', { bodyLimit: maxBodyBytes }, async (request, reply) => {
    if (accounts === null) return refuse(reply, 409, 'no_accounts');
    if (!access.isOwnPage(request)) return refuse(reply, 403, 'bad_origin');
    if (wrong.areTooMany(request.ip)) return refuse(reply.header('retry-after', '60'), 429, 'too_many_attempts');
    const token = (request.body as { token?: unknown } | null | undefined)?.token;
    const entry = typeof token === 'string' ? accounts.find(token.trim()) : null;
    if (entry === null) {
      wrong.add(request.ip);
      return refuse(reply, 401, 'unauthenticated');
    }
    return begin(parts, entry.account, shownBy(request), reply, { proof: null, isWithdrawn: () => !accounts.stands(entry) });
  });
  server.delete('/api/session', admit(true), async (request, reply) => {
    const secret = cookieOf(request.headers.cookie);
    if (secret !== null) sessions.end(secret);
    return reply.code(204).header('set-cookie', `${sessionCookie}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`).send();
  });
  server.post('/api/ticket', admit(true), (request): Ticket => sessions.ticket(principalOf(request) as Principal));
  server.get<{ Querystring: { code?: unknown } }>(loginPath, async (request, reply) => {
    const { code } = request.query;
    const account = typeof code === 'string' ? sessions.useLink(code) : null;
    if (account === null) return refuse(reply, 401, 'unauthenticated');
    begin(parts, account, shownBy(request), reply);
    return reply.redirect('/', 303);
  });
  addProviderLogin(server, {
    login: parts.login, accounts, isSecure: access.isSecure, refuse,
    // A name that the file of accounts takes later is no longer that person's.
    begin: (account, proof, former, reply) => {
      begin(parts, account, former, reply, { proof, isWithdrawn: () => accounts?.hasName(account.name) ?? false });
    },
  });
}

/** Key of the session that the browser has until now. */
function shownBy({ headers }: FastifyRequest): string | null {
  const secret = cookieOf(headers.cookie);
  return secret === null ? null : sessionKey(secret);
}

/** Instead of the former: whoever has a copy of its secret has nothing any more. */
function begin({ sessions, access }: SessionParts, account: Account, former: string | null, reply: FastifyReply, grounds?: Grounds): Session {
  if (former !== null) sessions.endByKey(former);
  const { secret, session } = sessions.begin(account, grounds);
  const seconds = Math.round((session.expiresMs - Date.now()) / 1000);
  reply.header('set-cookie', `${sessionCookie}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${access.isSecure ? '; Secure' : ''}`);
  return { account: account.name, role: account.role, csrf: session.csrf, expiresMs: session.expiresMs };
}

function viewOf({ account, session }: Principal): Session {
  return { account: account.name, role: account.role, csrf: session?.csrf ?? null, expiresMs: session?.expiresMs ?? null };
}
