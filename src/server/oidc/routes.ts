import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cookieOf } from '../access.ts';
import type { Account, Accounts } from '../accounts.ts';
import { sessionKey } from '../sessions.ts';
import { WrongTokens } from '../wrong-tokens.ts';
import { Attempts, attemptMs } from './attempt.ts';
import type { LoginProof, StepUp } from '../step-up.ts';
import { accountOf, proofOf, type ClaimMapping } from './mapping.ts';
import type { IdentityProvider } from './provider.ts';

/** Logging in with an identity provider. */
export interface ProviderLogin { readonly provider: IdentityProvider; readonly mapping: ClaimMapping; readonly stepUp: StepUp }

export interface LoginParts {
  /** `null`: there is no provider. */
  readonly login: ProviderLogin | null;
  readonly accounts: Accounts | null;
  readonly isSecure: boolean;
  readonly refuse: (reply: FastifyReply, status: number, reason: string) => FastifyReply;
  /** Begins a session, instead of the former that has this key: puts its cookie on the reply. */
  readonly begin: (account: Account, proof: LoginProof, former: string | null, reply: FastifyReply) => void;
}

/** Path that logs somebody in anew, however lately the provider saw them. */
export const loginAgainPath = '/login/provider?again';

type Work = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

const loginCookie = 'tokenward_login';
const longestCode = 4096;
/** Answers of the provider that are waited for at once. */
const maxAtOnce = 32;

/** `/login/ways` tells the page whether there is a provider; the others send people there and take them back. */
export function addProviderLogin(server: FastifyInstance, parts: LoginParts): void {
  const { login, refuse } = parts;
  server.get('/login/ways', () => ({ provider: login !== null }));
  if (login === null) return;
  const attempts = new Attempts();
  const wrong = new WrongTokens();
  let waiting = 0;
  const admitted = (work: Work): Work => async (request, reply) => {
    if (wrong.areTooMany(request.ip) || waiting >= maxAtOnce) return refuse(reply.header('retry-after', '60'), 429, 'too_many_attempts');
    waiting++;
    return work(request, reply).finally(() => { waiting--; });
  };

  server.get('/login/provider', admitted(async (request, reply) => {
    const shown = cookieOf(request.headers.cookie);
    const attempt = attempts.begin(shown === null ? null : sessionKey(shown));
    const isAgain = 'again' in (request.query as object);
    const url = await login.provider.authorizationUrl(attempt, isAgain ? askedAnew(login.stepUp) : {});
    if (url === null) return refuse(reply, 503, 'provider_unavailable');
    return reply.header('set-cookie', cookie(parts, attempt.cookie, attemptMs / 1000)).redirect(url, 303);
  }));
  server.get('/login/callback', admitted(async (request, reply) => {
    reply.header('set-cookie', cookie(parts, '', 0));
    const found = await finish(parts, login, attempts, request);
    if (typeof found === 'object') {
      parts.begin(found.account, found.proof, found.former, reply);
      return reply.redirect('/', 303);
    }
    if (found === 'provider_unavailable') return refuse(reply, 503, found);
    wrong.add(request.ip);
    return refuse(reply, found === 'no_role' ? 403 : 401, found);
  }));
}

/** Has the provider ask for password or key whatever it remembers, and tell when that was (OpenID Connect Core 1.0, 3.1.2.1). */
function askedAnew({ withinMs, acrValues }: StepUp): Record<string, string> {
  return { prompt: 'login', max_age: String(Math.floor(withinMs / 1000)), ...(acrValues.length === 0 ? {} : { acr_values: acrValues.join(' ') }) };
}

interface LoggedIn { readonly account: Account; readonly proof: LoginProof; readonly former: string | null }

/** Whose log-in it is that the provider sent back; else why it is nobody's, a fixed word. */
async function finish({ accounts }: LoginParts, { provider, mapping }: ProviderLogin, attempts: Attempts, request: FastifyRequest): Promise<LoggedIn | string> {
  const { code, state } = request.query as Readonly<Record<string, unknown>>;
  const shown = cookieOf(request.headers.cookie, loginCookie);
  const attempt = shown === null || typeof state !== 'string' ? null : attempts.resume(shown, state);
  if (attempt === null) return 'unknown_login';
  if (typeof code !== 'string' || code.length > longestCode) return 'login_denied';
  const claims = await provider.redeem(code, attempt);
  if (claims === 'unavailable') return 'provider_unavailable';
  if (claims === 'denied') return 'login_denied';
  const account = accountOf(claims, mapping);
  // Nobody gets the name of an account of the file by choosing it at the provider.
  if (typeof account === 'object' && (accounts?.hasName(account.name) ?? false)) return 'name_taken';
  return typeof account === 'object' ? { account, proof: proofOf(claims), former: attempt.former } : account;
}

/** Lax, not strict: it must come along when the provider sends the browser back. */
function cookie({ isSecure }: LoginParts, value: string, seconds: number): string {
  return `${loginCookie}=${value}; Path=/login; HttpOnly; SameSite=Lax; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`;
}
