import { atDay, endDay, fingerprint, type Archetype, type Part } from './plan.ts';

const none: readonly string[] = [];
const one = (name: string, end: readonly string[] | null, earlier: readonly string[] | null, build: (part: Part) => void): Archetype => ({ name, end, earlier, build });

/** A key as it should be: 45 days old with 40 to go, in use, listed, with an owner and a date of review. */
function good(part: Part, more: Parameters<Part['uses']>[2] = {}): void {
  part.issue(45, 40);
  part.uses(44, 1, more);
  part.entry();
  part.listed();
}

/** A key without an end that may live for 400 days by its label. */
function old(part: Part, bornDays: number): void {
  part.issue(bornDays, 400 - bornDays - 50);
  part.entry({ labels: ['legacy'] });
  part.listed();
}

/** Every kind of flaw alone where that can be, and what stands beside it without one. */
export const archetypes: readonly Archetype[] = [
  one('a good key', none, none, (part) => good(part)),
  one('a good access token', none, null, (part) => {
    part.issue(5 / 1440, 10 / 1440, { issuedKind: 'jwt' });
    part.event(1 / 1440, { tokenKind: 'jwt' });
    part.entry();
  }),
  one('an access token of an hour', ['over-ttl'], null, (part) => {
    part.issue(5 / 1440, 55 / 1440, { issuedKind: 'jwt' });
    part.event(1 / 1440, { tokenKind: 'jwt' });
    part.entry();
  }),
  one('an access token of an hour, which its label allows', none, null, (part) => {
    part.issue(5 / 1440, 55 / 1440, { issuedKind: 'jwt' });
    part.event(1 / 1440, { tokenKind: 'jwt' });
    part.entry({ labels: ['batch'] });
  }),
  one('a key of 120 days', ['over-ttl'], ['over-ttl'], (part) => {
    part.issue(45, 75);
    part.uses(44, 1);
    part.entry();
    part.listed();
  }),
  one('a key of a year and more', ['long-lived', 'never-rotated', 'over-ttl'], ['never-rotated', 'over-ttl'], (part) => {
    part.issue(380, null);
    part.uses(60, 1);
    part.entry();
    part.listed();
  }),
  one('a key that nothing replaced', ['never-rotated', 'over-ttl'], none, (part) => {
    part.issue(100, null);
    part.uses(60, 1);
    part.entry();
    part.listed();
  }),
  one('a key that is listed as never used', ['never-used'], none, (part) => {
    part.issue(45, 40);
    part.entry();
    part.listed({ lastUsedMs: 'never' });
  }),
  one('a key that nobody was seen to use', ['never-used?'], none, (part) => {
    part.issue(45, 40, { tokenIssuer: 'elsewhere' });
    part.entry();
  }),
  one('a key that its provider saw in use elsewhere', none, none, (part) => {
    part.issue(45, 40);
    part.entry();
    part.listed({ lastUsedMs: atDay(endDay - 40) });
  }),
  one('a key at rest', ['dormant'], none, (part) => {
    old(part, 170);
    part.uses(160, 100);
  }),
  one('a key that came back', none, ['dormant'], (part) => {
    old(part, 200);
    part.uses(190, 150);
    part.uses(3, 1);
  }),
  one('a key whose owner was deactivated', ['orphaned'], none, (part) => {
    good(part);
    part.event(20, {
      token: null, tokenKind: 'none', tokenHandle: null, action: 'Disable account', identityId: 'admin', workloadId: null, workloadEvidence: null, targetUserId: part.identity,
    });
  }),
  one('a key whose owner left by the inventory', ['orphaned'], ['orphaned'], (part) => {
    part.issue(45, 40);
    part.uses(44, 1);
    part.entry({ ownerLeftMs: atDay(endDay - 50) });
    part.listed();
  }),
  one('a key of which nothing tells whose it is', ['no-owner', 'orphaned?'], ['no-owner', 'orphaned?'], (part) => {
    part.issue(45, 40, { tokenIssuer: 'elsewhere' });
    part.uses(44, 1, { tokenIssuer: 'elsewhere' });
    part.entry({ owner: null });
  }),
  one('a key whose workload was retired', ['workload-gone'], none, (part) => {
    part.issue(45, 40);
    part.uses(44, 1);
    part.entry({ retiredMs: atDay(endDay - 20) });
    part.listed();
  }),
  one('a key whose principal was deleted', ['workload-gone'], none, (part) => {
    good(part);
    part.event(20, {
      token: null, tokenKind: 'none', tokenHandle: null, action: 'Delete service principal', identityId: 'admin', workloadId: null, workloadEvidence: null,
      targetUserId: part.identity,
    });
  }),
  one('a key that nobody issued', ['no-owner', 'no-review-date', 'orphaned', 'shadow'], ['no-owner', 'no-review-date', 'orphaned?', 'shadow?'], (part) => {
    part.uses(44, 1);
  }),
  one('a key that nobody issued when it says', ['no-owner', 'no-review-date', 'orphaned', 'shadow'], ['no-owner', 'no-review-date', 'orphaned?', 'shadow'], (part) => {
    part.uses(44, 1, { issuedAtMs: atDay(endDay - 44) });
  }),
  one('a key of an unknown authority', ['no-owner', 'no-review-date', 'orphaned?', 'shadow?'], ['no-owner', 'no-review-date', 'orphaned?', 'shadow?'], (part) => {
    part.uses(44, 1, { tokenIssuer: 'unread' });
  }),
  one('a key that a second workload took', ['shared'], none, (part) => {
    good(part);
    part.uses(20, 2, { workloadId: `spiffe://example.org/other-${part.name}` });
  }),
  one('a key that went into staging', ['across-environments'], none, (part) => {
    good(part, { resourceId: 'orders-prod-db' });
    part.uses(20, 2, { resourceId: 'orders-staging-db' });
  }),
  one('a key beside tokens of the same workload', ['static-where-federated'], none, (part) => {
    good(part);
    part.event(0.5 / 1440, {
      token: fingerprint(`j-${part.name}`), tokenHandle: `j-${part.name}`, tokenKind: 'jwt', tokenIssuer: 'sso', issuedAtMs: atDay(endDay) - 300_000,
      expiresAtMs: atDay(endDay) + 600_000,
    });
  }),
  one('a key that may do far more than it does', ['granted-beyond-use'], none, (part) => {
    good(part, { scopes: ['orders:read', 'billing:write', 'users:delete', 'reports:read'] });
  }),
  one('a key that does all it may', none, none, (part) => {
    good(part, { scopes: ['orders:read', 'orders:write'] });
    part.event(10, { method: 'POST', scopes: ['orders:read', 'orders:write'] });
  }),
  one('a key whose scopes grew', ['grown-since-issue'], none, (part) => {
    good(part, { scopes: ['orders:read'] });
    part.event(20, { scopes: ['orders:read', 'orders:list'] });
  }),
  one('a key whose owner got another policy', ['grown-since-issue'], none, (part) => {
    good(part);
    part.event(20, {
      token: null, tokenKind: 'none', tokenHandle: null, action: 'AttachUserPolicy', identityId: 'admin', workloadId: null, workloadEvidence: null, targetUserName: part.identity,
    });
  }),
  ...[[0.5, '1 day'], [5, '7 days'], [12, '14 days'], [25, '30 days']].map(([left, within]) => one(`a key that ends within ${within}`, ['expiring'], none, (part) => {
    part.issue(60, left as number);
    part.uses(59, 1);
    part.entry();
    part.listed();
  })),
  one('a key that ends soon and that nobody uses any more', none, none, (part) => {
    part.issue(60, 5);
    part.uses(59, 36);
    part.entry();
    part.listed();
  }),
  one('a key that stood in a log', ['seen-in-log'], none, (part) => {
    good(part);
    part.event(20, { tokenSeenIn: 'request.headers.authorization' });
    part.event(19, { tokenSeenIn: 'request.headers.authorization' });
  }),
  one('a key without an owner', ['no-owner'], ['no-owner'], (part) => {
    part.issue(45, 40);
    part.uses(44, 1);
    part.entry({ owner: null });
    part.listed();
  }),
  one('a key whose review was due', ['no-review-date'], none, (part) => {
    part.issue(45, 40);
    part.uses(44, 1);
    part.entry({ reviewMs: atDay(endDay - 20) });
    part.listed();
  }),
  one('a key for emergencies, by the inventory', ['break-glass'], ['break-glass'], (part) => {
    part.issue(45, 40);
    part.uses(44, 1);
    part.entry({ breakGlass: true });
    part.listed();
  }),
  one('a key for emergencies, by an exception', ['break-glass'], none, (part) => {
    good(part);
    part.exception();
  }),
  one('a key that was revoked, with much wrong', none, ['no-owner', 'no-review-date', 'over-ttl'], (part) => {
    part.issue(45, 200);
    part.uses(44, 31);
    part.event(30, { lifecycle: 'revoked' });
    part.listed();
  }),
  one('a key that only the listing names', ['never-rotated', 'never-used', 'no-owner', 'no-review-date', 'over-ttl'], ['never-rotated', 'never-used', 'no-owner', 'no-review-date', 'over-ttl'],
    (part) => part.listed({ createdMs: atDay(endDay - 130), lastUsedMs: 'never' })),
];
