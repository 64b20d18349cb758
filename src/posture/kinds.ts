/** What can be wrong with a credential that is used as always. `nhi`: numbers of the OWASP list of 2025; `remedy`: what to do. */
interface Kind { readonly title: string; readonly nhi: readonly string[]; readonly remedy: string }

/** Every kind, the most pressing first. */
export const postureKinds = {
  'seen-in-log': {
    title: 'its secret stands in a log', nhi: ['NHI2'], remedy: 'replace it, then have the log leave the field out or hash it',
  },
  orphaned: { title: 'nobody answers for it any more', nhi: ['NHI1'], remedy: 'find a new owner, or revoke it' },
  'workload-gone': { title: 'what it was made for does not run any more', nhi: ['NHI1'], remedy: 'revoke it' },
  shadow: { title: 'it is used, but was never seen issued nor listed', nhi: ['NHI1'], remedy: 'find out who made it, and list it or revoke it' },
  shared: { title: 'several workloads use it', nhi: ['NHI9'], remedy: 'give each workload a credential of its own' },
  'across-environments': { title: 'it is used in several environments', nhi: ['NHI8'], remedy: 'give each environment a credential of its own' },
  'granted-beyond-use': { title: 'it may do far more than it does', nhi: ['NHI5'], remedy: 'take away the scopes that it never used' },
  'grown-since-issue': { title: 'it may do more than when it was issued', nhi: ['NHI5'], remedy: 'check who widened it, and take back what is not needed' },
  'static-where-federated': {
    title: 'a static key, although its workload has short-lived credentials too', nhi: ['NHI4', 'NHI7'],
    remedy: 'let the workload use those alone, and revoke the key',
  },
  'over-ttl': {
    title: 'it lives longer than the limit for its kind', nhi: ['NHI7'],
    remedy: 'shorten the lifetime where it is issued, or set a limit that you can answer for',
  },
  'long-lived': { title: 'it lives for very long', nhi: ['NHI7'], remedy: 'replace it by one that expires' },
  'never-rotated': { title: 'it was never replaced by a newer one', nhi: ['NHI7'], remedy: 'rotate it, and make rotation a routine' },
  'never-used': { title: 'it was never used', nhi: ['NHI1'], remedy: 'revoke it' },
  dormant: { title: 'it has not been used for long', nhi: ['NHI1'], remedy: 'revoke it, or say why it is kept' },
  expiring: { title: 'it ends soon, and others depend on it', nhi: ['NHI7'], remedy: 'replace it for the dependents that are named' },
  'no-owner': { title: 'nobody is named who answers for it', nhi: ['NHI1'], remedy: 'name an owner in the inventory' },
  'no-review-date': {
    title: 'no date is set at which somebody looks whether it is still needed, or it has passed', nhi: ['NHI1'], remedy: 'set review_by in the inventory',
  },
  'break-glass': { title: 'it is kept for emergencies', nhi: ['NHI10'], remedy: 'keep it sealed, and test now and then that its use alerts' },
} as const satisfies Readonly<Record<string, Kind>>;

export type PostureKind = keyof typeof postureKinds;
export const postureKindNames = Object.keys(postureKinds) as readonly PostureKind[];

/** One thing that is wrong, or may be. */
export interface Flaw {
  readonly kind: PostureKind;
  /** False where nothing that was read could tell for sure: shown as unknown. */
  readonly isFact: boolean;
  /** The numbers, in a few words. */
  readonly detail: string;
}
