/** What became of a token, or of those who own it, before the event at hand: bits of `Context.fate`. */
export const fates = {
  /** It was revoked. */
  revoked: 1,
  /** It was replaced by its provider's own rotation. */
  rotated: 2,
  /** A refresh token that was exchanged for another one. */
  exchanged: 4,
  /** Its identity has a newer lasting key, which has been used. */
  replaced: 8,
  /** It was found where it does not belong. */
  leaked: 16,
  /** Its owner was deactivated or deleted, by an event or by the inventory. */
  offboarded: 32,
  /** What it was made for was deleted, by an event or by the inventory. */
  gone: 64,
  /** Its owner's password was reset, sessions ended, account locked or another key of his stopped. */
  contained: 128,
  /** The operator laid it out as bait. */
  honeytoken: 256,
  /** The operator keeps it for emergencies. */
  breakGlass: 512,
  /** It has the features of a theft that people confirmed. */
  thief: 1024,
  /** That it was found somewhere is only claimed: by a feed that nobody vouches for. */
  claimed: 2048,
  /** This service itself acts or delivers with it. */
  own: 4096,
} as const;

/** What is kept for emergencies has always been. */
export type Fate = Exclude<keyof typeof fates, 'breakGlass' | 'thief' | 'claimed' | 'own'>;
/** `unknown`: the event names no network, or the token is used from so many that one more says nothing. */
export type PlaceBefore = 'own' | 'other' | 'unknown';
