import { signal } from '@preact/signals';
import type { IntentState } from '../../../src/model/intent.ts';
import { nowMs } from './state.ts';
import { ago, day, moment, plain, time, type Severity } from './words.ts';

/** Colour never stands alone: the word is there too. */
export function Mark({ severity }: { severity: Severity }) {
  return <span class={`mark severity-${severity}`}>{severity}</span>;
}

export const responseWords: Readonly<Record<IntentState, string>> = {
  proposed: 'step proposed', waiting_approval: 'wants approval', ready: 'about to act', stale: 'evidence too old', sending: 'acting',
  accepted: 'done, being proven', verified: 'proven', unknown: 'outcome unknown', failed: 'failed', rejected: 'rejected', undone: 'taken back',
};

export function ResponseMark({ state }: { state: IntentState }) {
  return <span class={`response response-${state}`}>{responseWords[state] ?? state}</span>;
}

/** Times as they are, or how long ago they were; the other is in the tip. */
export const asAges = signal(localStorage.getItem('ages') === 'yes');

/** `isLong`: whole, with the zone; `isExact`: to the second, whenever it was. */
export function When({ at, isLong = false, isExact = false }: { at: number; isLong?: boolean; isExact?: boolean }) {
  const isOtherDay = Math.abs(nowMs.value - at) > 86_400_000;
  const absolute = isLong ? moment(at) : isOtherDay ? `${day(at)} ${isExact ? time(at) : time(at).slice(0, 5)}` : time(at);
  const age = ago(at, nowMs.value);
  return <time dateTime={new Date(at).toISOString()} title={asAges.value ? moment(at) : `${moment(at)}, ${age}`}>{asAges.value ? age : absolute}</time>;
}

const copied = signal<string | null>(null);

/** An id to read and to take along whole. */
export function Id({ text }: { text: string }) {
  const take = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    copied.value = text;
    setTimeout(() => { if (copied.value === text) copied.value = null; }, 1_500);
  };
  return (
    <span class="id">
      <code>{plain(text)}</code>
      {isSecureContext ? (
        <button type="button" class="quiet copy" aria-label={`copy ${plain(text)}`} onClick={() => void take()}>
          {copied.value === text ? 'copied' : <CopyMark />}
        </button>
      ) : null}
    </span>
  );
}

function CopyMark() {
  return <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path d="M4 4h7v7H4z M8 4V1H1v7h3" fill="none" stroke="currentColor" /></svg>;
}

export function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

/** A fixed word of the server, such as `would_break_others`, in words. */
export function words(fixed: string): string {
  return fixed.replaceAll('_', ' ');
}
