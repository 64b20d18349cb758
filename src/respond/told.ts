import type { Alert } from '../model/alert.ts';
import type { Intent } from '../model/intent.ts';
import type { ResponseStore } from '../store/port.ts';
import { concerns } from './ledger.ts';

/** More than the tokens of an alert and the steps of a plan make. */
const maxTold = 128;

/** The intents that an alert's document tells of, by plan and step. */
export function intentsOf(alert: Alert, responses: Pick<ResponseStore, 'intents'>): Intent[] {
  return alert.tokens.flatMap((token) => responses.intents({ token }))
    .filter((intent) => intent.incidentId === alert.incidentId && concerns(alert, intent))
    .sort((a, b) => (a.planId < b.planId ? -1 : a.planId > b.planId ? 1 : a.step - b.step)).slice(0, maxTold);
}
