import type { InventoryEntry } from '../model/inventory.ts';

/** What everything else stands on: acted upon, it takes down more than a thief could. By label of the inventory. */
const standing: ReadonlySet<string> = new Set(['idp-admin', 'kafka', 'siem', 'gateway-upstream', 'deployment']);

/** Is it never acted upon, by what the inventory says of it? Alerts on it are more severe instead. */
export function isProtectedEntry(entry: Pick<InventoryEntry, 'labels'> | null): boolean {
  return entry?.labels?.some((label) => standing.has(label.toLowerCase())) ?? false;
}
