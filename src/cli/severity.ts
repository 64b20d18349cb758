import { severities } from '../config/policy-schema.ts';

/** What people call a severity; one of another version stays a number. */
export function severityWord(severity: number): string {
  return Object.entries(severities).find(([, value]) => value === severity)?.[0] ?? String(severity);
}
