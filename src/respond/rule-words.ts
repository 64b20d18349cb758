import type { PlannedStep, RuleMatch } from '../config/policy.ts';

/** What a rule asks for, as a line: every part must hold. */
export function matchWords(match: RuleMatch): string {
  const parts = Object.entries(match).filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]: [string, unknown]) => `${spaced(key)}: ${Array.isArray(value) ? value.join(', ') : String(value)}`);
  return parts.length === 0 ? 'every alert' : parts.join('; ');
}

export function stepWords({ do: kind, by, of, mode }: PlannedStep): string {
  return `${kind}${by === '' ? '' : ` by ${by}`}${of === 'minted' ? ', of what was issued from it' : ''}${mode === undefined ? '' : ` (${mode})`}`;
}

function spaced(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
