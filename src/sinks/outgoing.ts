import type { Waiting } from '../store/port.ts';
import type { Document, Outgoing } from './sink.ts';

/** An alert as every sink gets it. */
export function outgoingAlert(document: (alert: Waiting['alert']) => Document): (row: Waiting) => Outgoing {
  return ({ alert, toldVersion }) => ({
    id: alert.id, version: alert.version, messageId: `${alert.id}.${toldVersion}`, identityId: alert.first.identityId,
    createdMs: alert.createdMs, document: document(alert),
  });
}
