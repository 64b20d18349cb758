/** Why the desk does not do what it was asked for. */
export type DeskRefusal =
  | 'unknown_intent' | 'unknown_alert' | 'unknown_rule' | 'unknown_incident'
  /** One word for all is for incidents of a breached third party. */
  | 'no_vendor'
  /** Nothing waits for a word of this kind. */
  | 'not_waiting'
  /** Who proposed or changed it cannot approve it. */
  | 'own_proposal'
  /** This account has approved it already; a second person is needed. */
  | 'already_approved'
  /** It is not what the account has seen any more. */
  | 'changed'
  /** It must not be done at all: see the intent's `refused` or `why`. */
  | 'refused'
  | 'nothing_to_undo' | 'cannot_be_undone'
  | 'already_closed' | 'not_closed'
  /** A reason or name is empty or too long. */
  | 'bad_request'
  /** The kill switch's file cannot be written, or the store cannot. */
  | 'unavailable';
