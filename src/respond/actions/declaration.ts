import type { Intent, StepKind, Target } from '../../model/intent.ts';
import type { OutboundAnswer, OutboundRequest } from '../../outbound/client.ts';
import type { ActionFacts, Liveness, Verdict } from '../port.ts';
import type { Authorizer } from './auth/authorizer.ts';
import type { AskOwnName } from './own-name.ts';
import type { Rights } from './rights.ts';

/** What a request may be made of besides the intent and the settings. */
export interface Given {
  readonly nowMs: number;
  /** The token itself; `null` for actions that do not need it. Nothing but the request may hold it. */
  readonly token: string | null;
  /** What `find` came back with; empty without one. */
  readonly found: string;
}

/** What was asked for first. `gone`: what the step is about does not exist any more. */
export type Found =
  /** `former`: how it stands, to be noted before it is changed. */
  | { readonly kind: 'found'; readonly value: string; readonly former?: string }
  | { readonly kind: 'gone' }
  /** Nothing is asked further: it is as it should be. */
  | Extract<Verdict, { kind: 'already' | 'retry' | 'failed' }>;

/** One thing to ask of the other side: what is sent, and what the answer means. Both are pure. */
export interface Exchange<Settings, Request, Answer, Meaning> {
  /** Asked before, where the request needs what only the other side knows: its own id of what is meant, or how it stands. */
  readonly find?: {
    request(intent: Intent, settings: Settings, given: Given): Request;
    classify(answer: Answer, intent: Intent, settings: Settings): Found;
  };
  request(intent: Intent, settings: Settings, given: Given): Request;
  /** Never quotes the answer: reasons are fixed words. */
  classify(answer: Answer, intent: Intent, settings: Settings): Meaning;
}

/**
 * A kind of action: everything about it that does not speak to anybody. Secrets stand in the settings, read at the start. `perform.ts`
 * turns it into an `Action`; most declarations speak HTTP and leave the last two types as they are.
 */
export interface Declaration<Settings, Request = OutboundRequest, Answer = OutboundAnswer> extends Exchange<Settings, Request, Answer, Verdict> {
  /** As the configuration names it. */
  readonly type: string;
  /** Its requests hold the token itself, which is kept sealed and opened for the call. */
  readonly needsToken: boolean;
  kinds(settings: Settings): readonly StepKind[];
  facts(settings: Settings): ActionFacts;
  /** See `Action`. */
  fits(target: Target, kind: StepKind, settings: Settings, keepNetworks?: readonly string[]): string | null;
  /** How to ask whether the token still works. `null`, or settings without it: nobody can be asked. */
  readonly verify: (Exchange<Settings, Request, Answer, Liveness> & { isPossible(settings: Settings): boolean }) | null;
  readonly undo: (Exchange<Settings, Request, Answer, Verdict> & {
    /** Only what was noted before the step can be brought back. */
    readonly needsFormer?: true;
  }) | null;
}

/** A declaration that speaks HTTP, and how its settings come about. Listed in `index.ts`. */
export interface HttpProvider<Section, Settings> extends Declaration<Settings> {
  /** Reads secrets from their files. Throws an `Error` that does not quote them. */
  configure(section: Section): Settings;
  /** Where its requests go: nowhere else are they let. */
  urls(settings: Settings): readonly string[];
  /** Shows the other side who asks. Absent: each request does so by itself. */
  authorizer?(settings: Settings): Authorizer;
  /** How to learn, without acting, whether our credential has the rights that it needs. Absent: nobody can be asked. */
  readonly rights?: Rights<Settings>;
  /** How to learn by what names logs know our credential. Absent: the configuration says so, or nobody can be asked. */
  ownName?(settings: Settings): AskOwnName;
}
