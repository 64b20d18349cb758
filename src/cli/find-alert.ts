import type { Alert } from '../model/alert.ts';
import type { Store } from '../store/open.ts';
import { UsageError } from './usage-error.ts';

/** The alert of this id, or the only one whose id begins so, told or hidden. Throws `UsageError`. */
export function findAlert({ effects }: Store, id: string): Alert {
  const exact = effects.alert(id) ?? effects.hiddenAlert(id);
  if (exact !== null) return exact;
  const alike = [...effects.alerts(), ...effects.hiddenAlerts()].filter((alert) => alert.id.startsWith(id));
  if (alike.length === 1) return alike[0] as Alert;
  throw new UsageError(alike.length === 0 ? `no alert has the id ${id}` : `${alike.length} alerts begin with ${id}`);
}
