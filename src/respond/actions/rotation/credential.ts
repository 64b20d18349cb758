import type { Target } from '../../../model/intent.ts';
import type { Answered } from './part.ts';

/** One credential of an owner as its provider lists it. */
export interface Listed {
  readonly id: string;
  readonly isActive: boolean;
  /** `null`: the provider does not tell. */
  readonly createdMs: number | null;
  /** What whoever made it called it; `null` where that cannot be said. */
  readonly label: string | null;
}

/** A new credential. Its secret goes to the stores and nowhere else. */
export interface Made { readonly id: string; readonly secret: string }

/** Credentials of one kind at one provider, where an old and a new one live side by side. `owner`: whose they are, as the provider knows it. */
export interface Credentials {
  /** So many of one owner at once. */
  readonly most: number;
  /** The old one has no id of its own: before a new one is made, the only one that is listed is it. */
  readonly isUnnamed?: true;
  readonly facts: { readonly effect: string; readonly delay: string; readonly rights: string };
  /** Why it cannot be rotated, in a fixed word; `null` when it can. */
  fits(target: Target): string | null;
  /** Public id of the one that is to end. */
  idOf(target: Target): string;
  owner(target: Target, signal: AbortSignal): Promise<Answered<string>>;
  list(owner: string, signal: AbortSignal): Promise<Answered<readonly Listed[]>>;
  create(owner: string, label: string, signal: AbortSignal): Promise<Answered<Made>>;
  remove(owner: string, id: string, signal: AbortSignal): Promise<Answered<true>>;
  /** Ends the old one. */
  stop(owner: string, id: string, signal: AbortSignal): Promise<Answered<true>>;
}
