import { describe, expect, test } from 'vitest';
import type { Token } from '../../src/model/token.ts';
import { decide } from '../../src/respond/decide.ts';
import type { Situation } from '../../src/respond/port.ts';
import { alertOf, knowing, policyOf, ruleOf, situationOf, theftMs, tokenOf } from './decide-support.ts';

const stolen = tokenOf('t1', { issuedAtMs: theftMs - 600_000 });
const again = [1, 2, 3].map((minute) => tokenOf(`n${minute}`, { issuedAtMs: theftMs + minute * 60_000 }));
const rule = ruleOf({ plan: [{ do: 'deny', by: 'gateways' }], onRemint: [{ do: 'revoke', by: 'client-off' }] });
const of = (tokens: readonly Token[], seen: readonly Token[] = tokens, mode: 'enforce' | 'observe' = 'enforce') => {
  const situation: Situation = situationOf(alertOf({ tokens: tokens.map(({ fingerprint }) => fingerprint) }));
  situation.incident.tokens = seen.map(({ fingerprint }) => fingerprint);
  return decide(situation, knowing([], seen), policyOf([{ ...rule, mode }])).map(({ action, target, mode: made, lowered }) => `${action} ${target.token} ${made} ${lowered}`);
};

describe('a token that was made after the incident began', () => {
  test('moves the plan to the credential, by a person\'s word, and is itself not dealt with by machine', () => {
    expect(of([stolen])).toEqual(['gateways t1 enforce null']);
    expect(of([stolen, again[0]!])).toEqual(['gateways t1 enforce null', 'gateways n1 approve reminted', 'client-off n1 approve reminted']);
  });

  test('does so once for each incident, however many follow and in whichever alert', () => {
    const all = [stolen, ...again];
    expect(of(all).filter((line) => line.startsWith('client-off'))).toEqual(['client-off n1 approve reminted']);
    expect(of([again[1]!], all).filter((line) => line.startsWith('client-off')), 'its first one was in another alert').toEqual([]);
  });

  test('is only shown where the rule only observes', () => {
    expect(of([stolen, again[0]!], undefined, 'observe')).toEqual(['gateways t1 observe null', 'gateways n1 observe null', 'client-off n1 observe null']);
  });

  test('says nothing where no earlier one deviated, where it is somebody else\'s, or where its issuer does not say when', () => {
    expect(of([again[0]!])).toEqual(['gateways n1 enforce null']);
    expect(of([stolen, tokenOf('n1', { issuedAtMs: theftMs + 1000, identityId: 'sub-2' })])).toEqual(['gateways t1 enforce null', 'gateways n1 enforce null']);
    expect(of([stolen, tokenOf('n1')])).toEqual(['gateways t1 enforce null', 'gateways n1 enforce null']);
  });
});

describe('what was issued from the token', () => {
  const children = ['c1', 'c2', 'c3', 'c4'].map((name) => tokenOf(name, { parent: 't1' }));
  const living = [children[0]!, { ...children[1]!, revokedAtMs: theftMs }, { ...children[2]!, expiresAtMs: theftMs }, children[3]!];
  const plan = [{ do: 'deny', by: 'gateways' }, { do: 'revoke', by: 'issuer', of: 'minted' }] as const;
  const proposals = decide(situationOf(alertOf({ tokens: ['t1', 'c4'] })), knowing([], [stolen, ...living]), policyOf([ruleOf({ plan })]));

  test('is named exactly: what has ended, or has a plan of its own, is left out', () => {
    expect(proposals.map(({ kind, step, target, mintedFrom }) => [kind, step, target.token, mintedFrom])).toEqual([
      ['deny', 0, 't1', undefined], ['revoke', 1, 'c1', 't1'], ['deny', 0, 'c4', undefined],
    ]);
    expect(new Set(proposals.map(({ id }) => id)).size).toBe(3);
  });

  test('belongs to the plan of the token that it came from', () => {
    expect(proposals[1]?.planId).toBe(proposals[0]?.planId);
    expect(proposals[2]?.planId).not.toBe(proposals[0]?.planId);
  });
});
