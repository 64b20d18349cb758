import type { CutOff } from './cut-off.ts';

/**
 * From how many bits of surprise a detector alerts. Written by `node test/bench/detect/run.ts --calibrate`, which runs estates in which nothing
 * is stolen: do not edit. A release ships it, and nothing moves it at run time; an operator may set `thresholdBits` of each.
 */

/** What it rests on. */
export const calibration = {
  benchVersion: 2,
  date: '2026-11-22',
  seeds: [611, 612, 613],
  identities: 300,
  identityDays: 108000,
  falseAlertsPer10000IdentityDays: 1,
} as const;

/** By detector that judges by surprise. */
export const cutOffs = {
  'egress-spike': { bits: 13.6, basis: 'measured', expected: 0.384, atMost: 0.649, tried: [[9.6, 122], [11.6, 25], [13.6, 2]] },
  'unfamiliar-ip': { bits: 10, basis: 'set', expected: null, atMost: 1.08, tried: [[6, 9], [8, 8], [10, 5]] },
  'concurrent-use': { bits: 8, basis: 'set', expected: null, atMost: 0.34, tried: [[4, 0], [6, 0], [8, 0]] },
  'impossible-travel': { bits: 7.5, basis: 'set', expected: null, atMost: 0.34, tried: [[3.5, 0], [5.5, 0], [7.5, 0]] },
  'unfamiliar-client': { bits: 12, basis: 'set', expected: null, atMost: 0.34, tried: [[8, 0], [10, 0], [12, 0]] },
  'private-path-change': { bits: 8, basis: 'set', expected: null, atMost: 0.34, tried: [[4, 0], [6, 0], [8, 0]] },
  'wrong-workload': { bits: 10, basis: 'set', expected: null, atMost: 0.34, tried: [[6, 0], [8, 0], [10, 0]] },
  'wrong-audience': { bits: 8, basis: 'set', expected: null, atMost: 0.34, tried: [[4, 0], [6, 0], [8, 0]] },
  'environment-crossing': { bits: 7, basis: 'set', expected: null, atMost: 0.34, tried: [[3, 0], [5, 0], [7, 0]] },
  'human-use': { bits: 10, basis: 'set', expected: null, atMost: 0.34, tried: [[6, 0], [8, 0], [10, 0]] },
  'gateway-bypass': { bits: 8, basis: 'set', expected: null, atMost: 0.34, tried: [[4, 0], [6, 0], [8, 0]] },
  'unfamiliar-action': { bits: 14.8, basis: 'held', expected: 0, atMost: 0.34, tried: [[10.8, 25], [12.8, 6], [14.8, 0]] },
  'object-reach': { bits: 11, basis: 'set', expected: null, atMost: 0.34, tried: [[7, 0], [9, 0], [11, 0]] },
  'destructive-burst': { bits: 10.5, basis: 'set', expected: null, atMost: 0.34, tried: [[6.5, 0], [8.5, 0], [10.5, 0]] },
  probing: { bits: 10, basis: 'held', expected: 0, atMost: 0.34, tried: [[6, 15], [8, 15], [10, 0]] },
  'suspicious-minting': { bits: 10, basis: 'set', expected: null, atMost: 0.34, tried: [[6, 0], [8, 0], [10, 0]] },
  'secret-store-escalation': { bits: 10, basis: 'set', expected: null, atMost: 0.34, tried: [[6, 0], [8, 0], [10, 0]] },
  'secret-sweep': { bits: 10, basis: 'set', expected: null, atMost: 0.34, tried: [[6, 0], [8, 0], [10, 0]] },
} as const satisfies Readonly<Record<string, CutOff>>;
