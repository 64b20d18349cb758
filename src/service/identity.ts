import type { Alert } from '../model/alert.ts';
import type { Intent } from '../model/intent.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import type { TokenSummary } from '../server/api/shapes.ts';
import type { IdentityDetail, LifeMoment, ListedView } from '../server/api/shapes-insight.ts';
import type { DetailParts } from './details.ts';
import { saidOf } from './said.ts';
import { usesOf, useViews } from './uses.ts';
import { identityView, workloadOf } from './views.ts';

/** Of each kind in one answer. */
const most = { tokens: 100, alerts: 100, intents: 100, notes: 100 } as const;
/** Of what an identity does now. */
const shownMs = 2 * 3_600_000;

/** One identity with its whole life, as far as it is remembered. `newestMs`: time of the newest event. `null`: no event named it. */
export async function identityDetail(id: string, newestMs: number, hidden: number, parts: DetailParts): Promise<IdentityDetail | null> {
  const { book, inventory, correlator, activity, effects, intel } = parts;
  const identity = correlator.identity(id);
  if (identity === null) return null;
  const { tokens, total } = await inventory.search({ identity: id, limit: most.tokens });
  const { alerts, total: alertTotal } = book.alerts({ identity: id, sort: 'newest', limit: most.alerts });
  const stored = alerts.map((alert) => effects.alert(alert.id)).filter((alert) => alert !== null);
  const series = activity.of(id, newestMs - shownMs, newestMs);
  const handle = tokens.length === 1 ? tokens[0]?.handle ?? null : null;
  return {
    identity: identityView(identity, inventory.ownerOf(id)), workload: workloadOf(identity), listed: listedView(correlator.entryOf(handle, identity)),
    tokens, tokenTotal: total, life: lifeOf(tokens, (token) => correlator.credential(token)?.rotatedMs ?? null),
    uses: useViews(usesOf(correlator, id, tokens.map(({ fingerprint }) => fingerprint)), suspectedIn(stored), intel),
    activity: series === null ? null : { identityId: id, ...series }, alerts, alertTotal, hidden,
    intents: intentsOf(id, stored, parts).map(parts.view), notes: notesOf(stored), cursor: book.change,
  };
}

/** Places of alerts that nobody took for harmless. */
function suspectedIn(alerts: readonly Alert[]): { networks: ReadonlySet<string>; sinceMs: number } {
  const standing = alerts.filter(({ closedAs }) => closedAs !== 'benign' && closedAs !== 'false_alarm');
  return { networks: new Set(standing.flatMap(({ networks }) => networks)), sinceMs: Infinity };
}

function listedView(entry: InventoryEntry | null): ListedView | null {
  if (entry === null) return null;
  const { team = null, criticality = null, vendor = null, environment = null, labels = [], reviewMs = null, retiredMs = null, ownerLeftMs = null } = entry;
  return { team, criticality, vendor, environment, labels, reviewMs, retiredMs, ownerLeftMs };
}

/** In the order of time. */
function lifeOf(tokens: readonly TokenSummary[], rotatedMs: (token: string) => number | null): LifeMoment[] {
  return tokens.flatMap(({ fingerprint, handle, issuedAtMs, revokedAtMs }): LifeMoment[] => {
    const token = handle ?? fingerprint;
    const moments = [['issued', issuedAtMs], ['rotated', rotatedMs(fingerprint)], ['revoked', revokedAtMs]] as const;
    return moments.flatMap(([kind, timeMs]) => (timeMs === null ? [] : [{ kind, timeMs, token }]));
  }).sort((left, right) => left.timeMs - right.timeMs);
}

function intentsOf(id: string, alerts: readonly Alert[], { effects }: DetailParts): Intent[] {
  const incidents = [...new Set(alerts.map(({ incidentId }) => incidentId))];
  return incidents.flatMap((incidentId) => effects.responses.intents({ incidentId })).filter(({ target }) => target.identityId === id)
    .sort((left, right) => right.decidedMs - left.decidedMs).slice(0, most.intents);
}

function notesOf(alerts: readonly Alert[]): IdentityDetail['notes'] {
  return alerts.flatMap((alert) => saidOf(alert).map((said) => ({ ...said, alertId: alert.id })))
    .sort((left, right) => right.atMs - left.atMs).slice(0, most.notes);
}
