import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newIntent, type Intent } from '../../src/model/intent.ts';
import { digestOf } from '../../src/respond/approvals.ts';
import { admit, judge, namesOne, type GateWorld } from '../../src/respond/gates.ts';
import { NeverRevoke } from '../../src/respond/never-revoke.ts';
import { beginMs, ManualTiming, minuteMs, Provider, proposalOf, targetOf } from './support.ts';

const action = new Provider().action('provider', new ManualTiming());
const open: GateWorld = {
  nowMs: beginMs, isKilled: false, policyHash: 'policy', maxEvidenceAgeMs: 15 * minuteMs, action, isProtected: () => false, isKnown: () => true, whyByHand: () => null, wouldBreak: () => false,
  isBlocked: () => false, isBusy: () => false, isOverCap: () => false, isBreakerOpen: () => false,
};
const ready = (change: Partial<Intent> = {}): Intent => ({ ...newIntent(proposalOf('a')), state: 'ready', ...change });

test('with everything in order it goes', () => {
  expect(judge(ready(), open)).toEqual({ kind: 'go' });
});

const id = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('rates', 'admin', 'AKIA1', 'user-7') },
  fc.constantFrom('', '*', ' ', 'rates*', '**', 'a\nb', '\u0000', 'role/*'), fc.string({ maxLength: 6 }),
);
const maybe = fc.option(id, { freq: 4 });
const target = fc.record({
  token: fc.oneof({ weight: 3, arbitrary: fc.constantFrom('known-1', 'known-2') }, id), handle: maybe, issuer: fc.option(fc.constantFrom('https://one.example', 'https://two.example', '')),
  identityId: maybe, identityName: maybe, userId: maybe, client: maybe, sha256: fc.constant(null), expiresAtMs: fc.constant(null), tokenKind: fc.constant('jwt' as const),
});
const never = [{ client: 'admin' }, { handle: 'AKIA1', issuer: 'https://one.example' }, { identity: 'user-7' }];

test('nothing on the never-revoke list, no wildcard, no empty name and no unknown token in 100,000 intents', () => {
  const protection = new NeverRevoke([...never, {}]);
  const world: GateWorld = { ...open, isProtected: (one) => protection.protects(one), isKnown: (token) => token.startsWith('known') };
  fc.assert(fc.property(target, fc.boolean(), (one, isApproved) => {
    const plain = ready({ target: one });
    const intent = isApproved ? { ...plain, approvals: [{ by: 'ann', atMs: beginMs, of: digestOf(plain) }] } : plain;
    const names = Object.values(one).filter((value) => typeof value === 'string') as string[];
    const isVague = names.filter((name) => name !== one.identityName).some((name) => name.trim() === '' || name.includes('*'));
    const isNever = [one.client, one.identityName].some((name) => name?.trim().toLowerCase() === 'admin')
      || one.handle?.trim().toLowerCase() === 'akia1' && one.issuer === 'https://one.example'
      || [one.identityId, one.identityName, one.userId].some((name) => name?.trim().toLowerCase() === 'user-7');
    if (isVague || isNever || !one.token.startsWith('known')) {
      expect(judge(intent, world).kind).toBe('hold');
      expect(admit({ ...plain, state: 'proposed' }, world).state).toBe('proposed');
    } else if (namesOne(one)) expect(judge(intent, world)).toEqual({ kind: 'go' });
  }), { numRuns: 100_000 });
}, 60_000);

test('two issuers with equal ids: an entry that names the issuer protects only its own', () => {
  const protection = new NeverRevoke([{ handle: 'AKIA1', issuer: 'https://one.example/' }]);
  expect(protection.protects(targetOf('a', { handle: 'AKIA1', issuer: 'https://one.example' }))).toBe(true);
  expect(protection.protects(targetOf('a', { handle: 'AKIA1', issuer: 'https://two.example' }))).toBe(false);
});

test('every single gate that is shut is enough, whatever the others say', () => {
  const flags = fc.record({
    isKilled: fc.boolean(), isProtected: fc.boolean(), isKnown: fc.boolean(), isBlocked: fc.boolean(), isBusy: fc.boolean(), isOverCap: fc.boolean(),
    isBreakerOpen: fc.boolean(), ageMinutes: fc.integer({ min: -20, max: 40 }), mode: fc.constantFrom('observe', 'approve', 'enforce'), isProven: fc.boolean(),
    byHand: fc.constantFrom(null, 'frozen'), breaks: fc.boolean(), refused: fc.constantFrom(null, 'would_break_others'), isPolicy: fc.boolean(), hasAction: fc.boolean(), fits: fc.boolean(),
  });
  fc.assert(fc.property(flags, (world) => {
    const intent = ready({
      mode: world.mode, refused: world.refused, provenMs: world.isProven ? beginMs - world.ageMinutes * minuteMs : null, policyHash: world.isPolicy ? 'policy' : 'former',
    });
    const fitting = { ...action, fits: () => (world.fits ? null : 'no_handle') };
    const gate = judge(intent, {
      ...open, isKilled: world.isKilled, isProtected: () => world.isProtected, isKnown: () => world.isKnown,
      whyByHand: () => world.byHand, wouldBreak: () => world.breaks, isBlocked: () => world.isBlocked, isBusy: () => world.isBusy,
      isOverCap: () => world.isOverCap, isBreakerOpen: () => world.isBreakerOpen, action: world.hasAction ? fitting : undefined,
    });
    const isOpen = !world.isKilled && !world.isProtected && world.isKnown && !world.isBlocked && !world.isBusy && !world.isOverCap && !world.isBreakerOpen
      && world.mode === 'enforce' && world.isProven && world.ageMinutes <= 15 && world.ageMinutes >= -5 && world.refused === null
      && world.isPolicy && world.hasAction && world.fits && world.byHand === null && !world.breaks;
    expect(gate.kind === 'go').toBe(isOpen);
  }), { numRuns: 20_000 });
});
