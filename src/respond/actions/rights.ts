import type { OutboundAnswer, OutboundRequest, Send } from '../../outbound/client.ts';
import type { Granted, OwnRights } from '../port.ts';
import type { Authorizer } from './auth/authorizer.ts';
import { claimsOf } from './auth/jws.ts';

type Claims = Readonly<Record<string, unknown>>;

/** A right that an action needs, and how to learn, without changing anything, whether our credential has it. */
export type RightQuestion<Settings> =
  & {
    /** As the provider names it. */
    readonly right: string;
  }
  & (
    | {
      request(settings: Settings): OutboundRequest;
      /** Standard: `plainRight`. */
      readonly classify?: (answer: OutboundAnswer) => Granted;
    }
    /** It stands in the access token that we are given. */
    | { readonly inToken: (claims: Claims | null) => Granted }
  );

/** What is asked, and what nobody can learn without acting. */
export interface Rights<Settings> {
  readonly ask: (settings: Settings) => readonly RightQuestion<Settings>[];
  readonly unasked?: string;
}

/** Rights of a place that is known by now. */
export function rightsAt<Settings>({ ask, unasked }: Rights<Settings>, settings: Settings): Rights<null> {
  return {
    ask: () => ask(settings).map((question) => ('inToken' in question ? question : { ...question, request: () => question.request(settings) })),
    ...(unasked === undefined ? {} : { unasked }),
  };
}

/** What an action needs at several places, asked one after the other. */
export function rightsOfAll(all: readonly OwnRights[]): OwnRights {
  const unasked = all.map((one) => one.unasked).filter((text) => text !== null);
  return {
    unasked: unasked.length === 0 ? null : unasked.join('; '),
    async ask(signal) {
      const found: RightFound[] = [];
      for (const one of all) found.push(...await one.ask(signal));
      return found;
    },
  };
}

export interface RightFound { readonly right: string; readonly granted: Granted }

/** Read, or not there to be read: 2xx and 404 are granted. */
export function plainRight(answer: OutboundAnswer): Granted {
  if (answer.kind === 'failed') return answer.reason === 'credential_refused' ? 'refused' : 'unreachable';
  const { status } = answer;
  if (status >= 200 && status < 300 || status === 404) return 'granted';
  return status === 401 ? 'refused' : status === 403 ? 'missing' : 'unreachable';
}

/** For an answer that says in words of its own whether the right is there. */
export function saidRight(answer: OutboundAnswer, isGranted: (answer: OutboundAnswer) => boolean): Granted {
  const plain = answer.kind === 'answered' && answer.status === 404 ? 'unreachable' : plainRight(answer);
  return plain === 'granted' && !isGranted(answer) ? 'missing' : plain;
}

export interface Asking<Settings> {
  readonly settings: Settings;
  /** With proof of who asks. */
  readonly send: Send;
  /** Without. */
  readonly plain: Send;
  readonly authorizer: Authorizer | undefined;
  readonly nowMs: number;
}

/** Asks all of an action's questions, one after the other. Never acts, and never throws. */
export async function askRights<Settings>({ ask }: Rights<Settings>, asking: Asking<Settings>, signal: AbortSignal): Promise<readonly RightFound[]> {
  const found: RightFound[] = [];
  for (const question of ask(asking.settings)) {
    const answer = 'inToken' in question ? inToken(question.inToken, asking, signal) : asked(question, asking, signal);
    found.push({ right: question.right, granted: await answer.catch(() => 'unreachable' as const) });
  }
  return found;
}

async function asked<Settings>(
  question: Extract<RightQuestion<Settings>, { request: unknown }>, { settings, send }: Asking<Settings>, signal: AbortSignal,
): Promise<Granted> {
  const { classify = plainRight } = question;
  return classify(await send(question.request(settings), signal));
}

async function inToken<Settings>(
  granted: (claims: Claims | null) => Granted, { authorizer, plain, nowMs }: Asking<Settings>, signal: AbortSignal,
): Promise<Granted> {
  const bare = { method: 'GET', url: authorizer!.urls[0]!, headers: {}, body: null } as const;
  const proven = await authorizer!.authorize(bare, { send: plain, signal, nowMs });
  if ('kind' in proven) return plainRight(proven);
  return granted(claimsOf(proven.headers['authorization']?.replace(/^Bearer /, '') ?? null));
}

/** A right that a readable access token tells of. One that only the provider can read says nothing. */
export function claimed(holds: (claims: Claims) => boolean): (claims: Claims | null) => Granted {
  return (claims) => (claims === null ? 'doubtful' : holds(claims) ? 'granted' : 'missing');
}

/** Where it is only known that we are given an access token. */
export const accessToken = { right: 'an access token', inToken: (): Granted => 'granted' } as const;

/** Texts of a claim that is a list. */
export function namesIn(claim: unknown): readonly unknown[] {
  return Array.isArray(claim) ? claim : [];
}
