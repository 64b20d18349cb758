import type { Handover, Intent } from '../../model/intent.ts';
import { objectOf } from '../../outbound/answer.ts';
import type { Send } from '../../outbound/client.ts';
import type { Action, Verdict } from '../port.ts';
import { stepMessage, type WebhookActionSettings } from './webhook.ts';
import { httpVerdict } from './http.ts';

/** An id as logs tell it; nothing that could be a sentence or a secret with spaces. */
const publicId = /^[\x21-\x7e]{1,256}$/;

/**
 * Whoever holds the credential rotates it and answers `{"handle": "<public id of the new one>"}` once it stands where users read it; until then any
 * answer without it (202, say) is asked again. Then the action is told to cut the old one by another message.
 */
export function withRotation(action: Action, settings: WebhookActionSettings, { send, patienceMs, now = Date.now }: {
  readonly send: Send; readonly patienceMs: number; readonly now?: (() => number) | undefined;
}): Action {
  const handOver = async (intent: Intent, note: (change: Partial<Handover>) => Handover, signal: AbortSignal): Promise<Verdict> => {
    const answer = await send(stepMessage(intent, 'make', settings, now()), signal);
    const verdict = httpVerdict(answer, { 409: { kind: 'retry', reason: 'http_409' }, 410: { kind: 'failed', reason: 'gone' } });
    if (verdict.kind !== 'done') return verdict;
    const handle = objectOf(answer)?.['handle'];
    if (typeof handle !== 'string') return { kind: 'retry', reason: 'not_rotated_yet' };
    if (!publicId.test(handle) || handle === intent.target.handle) return { kind: 'failed', reason: 'answer_not_readable' };
    note({ made: handle });
    return { kind: 'done' };
  };
  return { ...action, rotation: { patienceMs, handOver } };
}
