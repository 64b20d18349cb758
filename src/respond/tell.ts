import type { TellSettings } from '../config/policy.ts';
import type { InventoryEntry } from '../model/inventory.ts';

/** The action that tells who answers for a credential: its owner, else the team, else whom its environment names, else the rest. */
export function tellerOf(entry: InventoryEntry | null, tell: TellSettings | null): string {
  if (tell === null) return '';
  const { owners, teams, environments, otherwise } = tell;
  return named(owners, entry?.owner) ?? named(teams, entry?.team) ?? named(environments, entry?.environment) ?? otherwise;
}

function named(actions: Readonly<Record<string, string>>, name: string | null | undefined): string | undefined {
  return typeof name === 'string' && Object.hasOwn(actions, name) ? actions[name] : undefined;
}
