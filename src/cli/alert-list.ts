import type { Alert } from '../model/alert.ts';
import type { Known } from './known.ts';
import { severityWord } from './severity.ts';
import { table } from './table.ts';

/** Shown at most: the ones that were raised last. */
const maxRows = 200;
/** What leads to exactly one of thousands is shorter than an id. */
const idLength = 8;
const reasonLength = 100;

/** Every alert of a folder in a line, the newest last, where whoever looks has it before the eyes. */
export function alertTable({ store }: Pick<Known, 'store'>): string {
  const alerts = [...store.effects.alerts()].sort((a, b) => a.createdMs - b.createdMs);
  if (alerts.length === 0) return 'No alert has been raised.';
  const left = Math.max(0, alerts.length - maxRows);
  return [
    ...left === 0 ? [] : [`${left} older ones are not shown`],
    table(['alert', 'raised', 'severity', 'status', 'detector', 'identity', 'what happened'], alerts.slice(left).map(row)),
    '', '"explain" with an id tells one in full; --touched lists what was touched.',
  ].join('\n');
}

function row({ id, createdMs, severity, status, detector, first, reason }: Alert): string[] {
  const raised = new Date(createdMs).toISOString().slice(0, 16).replace('T', ' ');
  const said = reason.length > reasonLength ? `${reason.slice(0, reasonLength - 1)}…` : reason;
  return [id.slice(0, idLength), raised, severityWord(severity), status, detector, first.identityName ?? first.identityId ?? '', said];
}
