import type { TokenEvent } from '../src/model/event.ts';
import { classOf, type ActionClass } from './action-classes.ts';

/** What an intruder does one after the other, and a workload rarely begins to do: a bit each. */
export const phases = [
  { bit: 1, words: 'reads secrets', bits: 2 },
  { bit: 2, words: 'asks who it is and what it may', bits: 1.5 },
  { bit: 4, words: 'changes who may do what', bits: 2.5 },
  { bit: 8, words: 'runs commands or code elsewhere', bits: 2.5 },
  { bit: 16, words: 'gives data away to other accounts', bits: 2.5 },
  { bit: 32, words: 'switches logs or guards off', bits: 3 },
] as const;

/** Bit of the phase that is harmless by itself. */
export const askingPhase = 2;

const phaseOfClass: Readonly<Partial<Record<ActionClass, number>>> = { secrets: 1, asks: 2, permits: 4, mints: 4, runs: 8, exposes: 16, disarms: 32 };

/** To start what is there already is a workload's daily work, and so is to fetch a token for oneself. */
const daily: ReadonlySet<string> = new Set([
  'Invoke', 'InvokeModel', 'InvokeModelWithResponseStream', 'GetSessionToken', 'CreateSession', 'GenerateAccessToken', 'GenerateIdToken', 'SignBlob', 'SignJwt',
  'generateDbToken', 'GetServiceQuota', 'GetSendQuota', 'StartBuild', 'RunTask',
]);

/** The bit of the phase that an event belongs to, 0: none. */
export function phaseOf(event: TokenEvent): number {
  const { action, outcome } = event;
  if (action === null || outcome === 'failure' || daily.has(action)) return 0;
  const what = classOf(event);
  return what === null ? 0 : phaseOfClass[what] ?? 0;
}

/** Number of bits set. */
export function countPhases(mask: number): number {
  return phases.filter(({ bit }) => (mask & bit) !== 0).length;
}

/** The phases of a mask as a list in words. */
export function phasesInWords(mask: number): string {
  return phases.filter(({ bit }) => (mask & bit) !== 0).map(({ words }) => words).join(', ');
}

/** Bits of weight of the phases in a mask, together. */
export function weightOfPhases(mask: number): number {
  return phases.reduce((sum, { bit, bits }) => ((mask & bit) !== 0 ? sum + bits : sum), 0);
}
