/** Numbers with their units in their names; texts only for names such as a network. */
export type Measures = Readonly<Record<string, number | string>>;

/** What one detector saw in one event. It names no sink and no action. */
export interface Finding {
  /** 21 low, 47 medium, 73 high, 99 critical. */
  readonly severity: 21 | 47 | 73 | 99;
  /** How far beyond belief, in bits; adds up over detectors into an incident's risk. */
  readonly surpriseBits: number;
  /** 0 to 1: how much history and how good the evidence behind it is. */
  readonly confidence: number;
  /** One sentence in plain words with the numbers: what happened and why it is odd. */
  readonly reason: string;
  readonly baseline: Measures;
  readonly observed: Measures;
  /** The feature that sets the deviating events apart from the identity's own: those are not learned. */
  readonly deviates: 'token' | 'network';
  /** A further hit that brings another value is news: the alert is told again. Absent: networks, severities and volumes are what is news. */
  readonly dedup?: string;
  /** It rests on what nobody vouched for: a hit of it proves nothing. */
  readonly claimed?: true;
}
