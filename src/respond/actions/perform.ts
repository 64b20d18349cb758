import type { Intent } from '../../model/intent.ts';
import type { Action, Liveness, NoteFormer, Verdict } from '../port.ts';
import type { Declaration, Exchange, Found, Given } from './declaration.ts';

/** Opens the sealed token of a fingerprint; `null` where none is kept. */
export type OpenToken = (fingerprint: string) => string | null;

export interface ActionParts<Request, Answer> {
  /** As configured. */
  readonly name: string;
  /** The only part that speaks to the other side. Resolves also when that fails. */
  readonly send: (request: Request, signal: AbortSignal) => Promise<Answer>;
  /** `null` where tokens are not sealed, or nobody here can open them. */
  readonly openToken: OpenToken | null;
  readonly now?: () => number;
}

/** A declaration with its settings, ready to be called. */
export function makeAction<Settings, Request, Answer>(
  declaration: Declaration<Settings, Request, Answer>, settings: Settings, parts: ActionParts<Request, Answer>,
): Action {
  const { type, needsToken, verify, undo } = declaration;
  const fits: Action['fits'] = (target, kind, keepNetworks) => {
    if (!declaration.kinds(settings).includes(kind)) return 'step_not_supported';
    if (needsToken && parts.openToken === null) return 'tokens_not_sealed';
    return declaration.fits(target, kind, settings, keepNetworks);
  };
  const ask = caller(declaration, settings, parts);
  const act = (exchange: Exchange<Settings, Request, Answer, Verdict>, ifGone: Verdict) => async (
    intent: Intent, signal: AbortSignal, note?: NoteFormer,
  ): Promise<Verdict> => {
    const unfit = fits(intent.target, intent.kind, intent.keepNetworks);
    if (unfit !== null) return { kind: 'failed', reason: unfit };
    const said = await ask(exchange, intent, signal, note);
    return said.kind === 'meant' ? said.meaning : said.kind === 'gone' ? ifGone : said;
  };
  const takeBack = undo === null ? null : act(undo, { kind: 'failed', reason: 'gone' });
  const undone: Action['undo'] = async (intent, signal) => (
    undo?.needsFormer === true && intent.former === undefined ? { kind: 'failed', reason: 'nothing_noted' } : takeBack!(intent, signal)
  );
  const probe = async (intent: Intent, signal: AbortSignal): Promise<Liveness> => {
    const said = await ask(verify!, intent, signal);
    return said.kind === 'meant' ? said.meaning : said.kind === 'gone' ? 'dead' : 'unknown';
  };
  return {
    name: parts.name, type, kinds: declaration.kinds(settings), facts: declaration.facts(settings), fits,
    perform: act(declaration, { kind: 'already' }),
    undo: undo === null ? null : undone,
    probe: verify === null || !verify.isPossible(settings) ? null : probe,
  };
}

type Said<Meaning> = { readonly kind: 'meant'; readonly meaning: Meaning } | Exclude<Found, { kind: 'found' }>;

/** One exchange with the other side, and what had to be asked before: what the answer means, or why there was none. */
function caller<Settings, Request, Answer>(
  { needsToken }: Declaration<Settings, Request, Answer>, settings: Settings, { send, openToken, now = Date.now }: ActionParts<Request, Answer>,
) {
  return async <Meaning>(
    exchange: Exchange<Settings, Request, Answer, Meaning>, intent: Intent, signal: AbortSignal, note?: NoteFormer,
  ): Promise<Said<Meaning>> => {
    try {
      const token = needsToken ? openToken?.(intent.target.token) ?? null : null;
      if (needsToken && token === null) return { kind: 'failed', reason: 'token_not_kept' };
      const { find } = exchange;
      const given: Given = { nowMs: now(), token, found: '' };
      const found: Found = find === undefined
        ? { kind: 'found', value: '' }
        : find.classify(await send(find.request(intent, settings, given), signal), intent, settings);
      if (found.kind !== 'found') return found;
      if (found.former !== undefined && note === undefined) return { kind: 'failed', reason: 'cannot_be_noted' };
      if (found.former !== undefined) note!(found.former);
      const answer = await send(exchange.request(intent, settings, { ...given, found: found.value }), signal);
      return { kind: 'meant', meaning: exchange.classify(answer, intent, settings) };
    } catch {
      // A mistake of ours, and its text may hold what it stumbled over: calling again mends nothing.
      return { kind: 'failed', reason: 'action_error' };
    }
  };
}
