import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenEvent } from '../../src/model/event.ts';
import { Bench, fingerprint, issuance, snapshot, startMs, use } from './support.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const name = fc.constantFrom(...names);
const id = name.map(fingerprint);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });

/** Any event that a log could hold, over few names so that they meet. */
const anyEvent: fc.Arbitrary<Partial<TokenEvent>> = fc.record({
  token: maybe(id), aliases: maybe(fc.array(id, { maxLength: 2 })), parent: maybe(id),
  issued: maybe(id), issuedAliases: maybe(fc.array(id, { maxLength: 2 })), issuedKind: fc.constantFrom('jwt', 'temporary_key', null),
  revoked: maybe(id), tokenHandle: maybe(name), identityId: maybe(fc.constantFrom('i/1', 'i/2')), workloadId: maybe(fc.constantFrom('w1', 'w2')),
  authenticated: fc.constantFrom(true, true, null, false), outcome: fc.constantFrom('success', 'failure'),
  lifecycle: fc.constantFrom(null, 'used', 'issued', 'revoked'),
  dataset: fc.constantFrom('vault.audit', 'test'), type: fc.constantFrom(['start'], ['end'], null), requestId: maybe(fc.constantFrom('r1', 'r2')),
});
const stream = fc.array(fc.tuple(anyEvent, fc.nat(40)), { maxLength: 40 });

function eventsOf(parts: readonly (readonly [Partial<TokenEvent>, number])[]): TokenEvent[] {
  let seconds = 0;
  return parts.map(([part, after], i) => use(null, seconds += after, { ...structuredClone(part), id: `e${i}` }));
}

describe('any stream of events', () => {
  it('gives the same with a restart in between', async () => {
    await fc.assert(fc.asyncProperty(stream, fc.nat(40), async (parts, at) => {
      const options = { halfRequests: 2, pending: { tokens: 2, characters: 3000 } };
      const [whole, stopped] = [new Bench(options), new Bench(options, { rowCapacity: 1 })];
      for (const [i, event] of eventsOf(parts).entries()) {
        if (i === at) await stopped.restart();
        const expected = snapshot(whole.correlator.correlate(structuredClone(event)));
        expect(snapshot(stopped.correlator.correlate(event))).toEqual(expected);
      }
      expect([...stopped.correlator.tokens()]).toEqual([...whole.correlator.tokens()]);
      expect([...stopped.correlator.identities()]).toEqual([...whole.correlator.identities()]);
      expect(stopped.correlator.counts()).toEqual(whole.correlator.counts());
      expect(snapshot(stopped.correlator.tick(startMs * 2))).toEqual(snapshot(whole.correlator.tick(startMs * 2)));
      for (const one of names) expect(stopped.correlator.lineageOf(fingerprint(one))).toBe(whole.correlator.lineageOf(fingerprint(one)));
    }), { numRuns: 200 });
  });

  it('is answered with each event once, and counts what it lists', () => {
    fc.assert(fc.property(stream, (parts) => {
      const { correlator } = new Bench();
      const events = eventsOf(parts);
      const out: string[] = [];
      for (const event of events) {
        const { event: whole, released } = correlator.correlate(event);
        out.push(...[...released, ...whole === null ? [] : [whole]].map((one) => one.id));
      }
      out.push(...correlator.tick(startMs * 2).released.map((one) => one.id));
      expect(new Set(out).size).toBe(out.length);
      const tokens = [...correlator.tokens()];
      expect(tokens).toHaveLength(correlator.counts().tokens);
      const identities = [...correlator.identities()];
      for (const identity of identities) expect(tokens.filter((token) => token.identityId === identity.id)).toHaveLength(identity.tokenCount);
      for (const token of tokens) expect(correlator.token(token.fingerprint)).toEqual(token);
    }), { numRuns: 300 });
  });
});

describe('the issuance of a token and its uses', () => {
  const ids = ['jti', 'session', 'refresh'];
  it('end with one token and one identity in any order', () => {
    const uses = fc.array(fc.constantFrom(...ids), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(uses, fc.nat(8), (presented, at) => {
      const { correlator } = new Bench();
      const owner = new Map<string, string | null>();
      const take = (event: TokenEvent): void => {
        const { event: whole, bound } = correlator.correlate(event);
        for (const { observations } of bound) for (const one of observations) owner.set(one.id, `${one.token} ${one.identityId}`);
        if (whole !== null) owner.set(whole.id, `${whole.token} ${whole.identityId}`);
      };
      const login = issuance('jti', null, 100, { id: 'login', identityId: 'idp/svc', issuedHandle: 'public', issuedAliases: [fingerprint('session'), fingerprint('refresh')] });
      for (const [i, one] of presented.entries()) {
        if (i === at) take(login);
        take(use(one, i, { id: `use ${i}` }));
      }
      if (at >= presented.length) take(login);
      owner.delete('login');
      const [token, ...others] = correlator.tokens();
      expect(others).toEqual([]);
      expect(token).toMatchObject({ handle: 'public', identityId: 'idp/svc', issueSeen: true });
      expect(new Set(owner.values())).toEqual(new Set([`${token?.fingerprint} idp/svc`]));
    }), { numRuns: 300 });
  });
});
