import type { TokenKind } from './event.ts';
import type { Exception } from './exception.ts';

/** How long credentials may live. Empty lists fit any kind, any label. */
export interface LifetimeLimit {
  readonly kinds: readonly TokenKind[];
  /** One of the labels of the operator's inventory. */
  readonly labels: readonly string[];
  readonly limitMs: number;
}

/** What the operator holds to be wrong. */
export interface PostureSettings {
  /** Before the defaults; the first that fits holds. */
  readonly limits: readonly LifetimeLimit[];
  readonly longLivedMs: number;
  /** Not used for so long after it was issued. */
  readonly unusedMs: number;
  /** Not used for so long after its last use. */
  readonly dormantMs: number;
}

/** The settings, with the exceptions of which some keep a credential for emergencies. */
export interface PosturePolicy extends PostureSettings { readonly exceptions: readonly Exception[] }
