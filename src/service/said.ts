import type { Alert, AlertNote } from '../model/alert.ts';

/** What people wrote beside an alert, and first who says that it was he. */
export function saidOf({ claims = [], notes = [] }: Alert): readonly AlertNote[] {
  return [...claims.map((claim) => ({ ...claim, text: `It was me: ${claim.text}` })), ...notes];
}
