import type { FastifyReply, FastifyRequest } from 'fastify';
import { reaches, type Account, type Accounts } from './accounts.ts';
import type { Role } from './api/shapes.ts';
import type { Credentials } from './credentials.ts';
import { sameSecret, type Admitted, type BrowserSession, type Sessions } from './sessions.ts';
import { stalenessOf, type StepUp } from './step-up.ts';

export const sessionCookie = 'tokenward_session';
const csrfHeader = 'x-csrf-token';

/** Who stands behind a request. */
export interface Principal extends Admitted {
  /** `null` where a bearer token was shown, or where nobody need show anything. */
  readonly session: BrowserSession | null;
  /** A browser may have sent it unasked, on behalf of a page of another origin. */
  readonly isBrowser: boolean;
}

export interface AccessOptions {
  /** `null`: there are none; then everybody who may look is a viewer, and nothing can be changed. */
  readonly accounts: Accounts | null;
  readonly sessions: Sessions;
  /** Who may look where there are no accounts; `null`: everybody, which only a loopback address allows. */
  readonly viewers: Credentials | null;
  /** Where people reach the page, if by another name than this machine's address, such as `https://tokenward.example.org`. */
  readonly publicUrl: string | null;
  /** How fresh the login of whoever lets something be done must be; `null`: it need not. */
  readonly stepUp: StepUp | null;
}

type Refuse = (reply: FastifyReply, status: number, reason: string) => FastifyReply;
type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

const anybody: Account = { name: 'anybody', role: 'viewer' };
const principals = new WeakMap<FastifyRequest, Principal>();

/** Who a request was found to come from; `null` before that, or where nobody was. */
export function principalOf(request: FastifyRequest): Principal | null {
  return principals.get(request) ?? null;
}

/** Tells who somebody is, from where a page may speak for them, and what they may. Whatever is not plainly allowed is refused. */
export class Access {
  readonly #options: AccessOptions;
  readonly #publicOrigin: string | null;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#publicOrigin = options.publicUrl === null ? null : new URL(options.publicUrl).origin;
  }

  get isSecure(): boolean {
    return this.#publicOrigin?.startsWith('https:') ?? false;
  }

  identify(headers: FastifyRequest['headers']): Principal | null {
    const { accounts, sessions, viewers } = this.#options;
    const { authorization } = headers;
    if (accounts === null) return viewers === null || viewers.accepts(authorization) ? lasting(anybody, viewers === null) : null;
    if (authorization !== undefined) {
      const entry = accounts.findBearer(authorization);
      return entry === null ? null : { account: entry.account, session: null, isBrowser: false, isOver: () => !accounts.stands(entry) };
    }
    const secret = cookieOf(headers.cookie);
    const session = secret === null ? null : sessions.find(secret);
    return session === null ? null : { account: session.account, session, isBrowser: true, isOver: () => sessions.isOver(session) };
  }

  /** Must somebody log in again before they let something be done? What says so, a fixed word; `null`: no. */
  staleness(principal: Principal): ReturnType<typeof stalenessOf> {
    return stalenessOf(principal, this.#options.stepUp, Date.now());
  }

  get stepUp(): StepUp | null {
    return this.#options.stepUp;
  }

  /** Is it an origin of our own page, to the letter? An address of this machine that was connected to, or the configured name. */
  allowsOrigin(origin: string, { socket }: Pick<FastifyRequest['raw'], 'socket'>): boolean {
    if (origin === this.#publicOrigin) return true;
    const { localAddress = '', localPort = 0 } = socket;
    const address = localAddress.replace(/^::ffff:(?=\d+\.)/, '');
    const names = address === '::1' || address.startsWith('127.') ? ['localhost', '127.0.0.1', '[::1]'] : [address.includes(':') ? `[${address}]` : address];
    return names.some((name) => origin === `http://${name}:${localPort}` || (localPort === 80 && origin === `http://${name}`));
  }

  /** Lets pass who is known and reaches the role; what changes something must not come from another origin's page. */
  admit(least: Role, changes: boolean, refuse: Refuse): Hook {
    return async (request, reply) => {
      const principal = this.identify(request.headers);
      if (principal === null) return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'unauthenticated');
      principals.set(request, principal);
      if (changes && principal.isBrowser && !this.isOwnPage(request)) return refuse(reply, 403, 'bad_origin');
      if (changes && principal.session !== null && !hasToken(request, principal.session)) return refuse(reply, 403, 'csrf');
      if (!reaches(principal.account.role, least)) return refuse(reply, 403, 'role');
      return undefined;
    };
  }

  /** Whoever changes something does so by his name: without accounts nobody has one. */
  admitNamed(refuse: Refuse): Hook {
    return async (_, reply) => (this.#options.accounts === null ? refuse(reply, 403, 'role') : undefined);
  }

  /** Programs send no origin; a browser sends that of the page with every request that may change something. */
  isOwnPage({ headers: { origin }, raw }: FastifyRequest): boolean {
    return origin === undefined || this.allowsOrigin(origin, raw);
  }
}

function lasting(account: Account, isBrowser: boolean): Principal {
  return { account, session: null, isBrowser, isOver: () => false };
}

function hasToken({ headers }: FastifyRequest, { csrf }: BrowserSession): boolean {
  const shown = headers[csrfHeader];
  return typeof shown === 'string' && sameSecret(shown, csrf);
}

/** The session's secret, or what another cookie holds; `null` without one, or with two, one of which somebody else must have set. */
export function cookieOf(header: string | undefined, name: string = sessionCookie): string | null {
  const own = (header ?? '').split(';').map((part) => part.trim()).filter((part) => part.startsWith(`${name}=`));
  return own.length === 1 ? (own[0] as string).slice(name.length + 1) : null;
}
