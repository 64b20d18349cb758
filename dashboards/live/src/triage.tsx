import { useState } from 'preact/hooks';
import type { AlertDetail } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { When } from './bits.tsx';
import { detail, reloadShown } from './detail-state.ts';
import { attempt, mayJudge, nowMs, session } from './state.ts';
import { moment, plain } from './words.ts';

const dayMs = 86_400_000;
const proposedDays = 30;
const hours = [1, 4, 8, 24];
/** Whom the server takes everybody for where there are no accounts: he has no name to say anything by. */
const unnamed = 'anybody';

async function change(work: () => Promise<unknown>): Promise<boolean> {
  const isDone = await attempt(work);
  await reloadShown();
  return isDone;
}

/** Whoever looks takes it over, or gives it back. */
export async function assignToMe(): Promise<void> {
  const [alert, me] = [detail.value?.summary, session.value?.account];
  if (alert === undefined || me === undefined || !mayJudge()) return;
  await change(() => api.assign(alert.id, alert.owner === me ? null : me));
}

export function Owner({ shown: { summary } }: { shown: AlertDetail }) {
  const { owner } = summary;
  const isMine = owner !== null && owner === session.value?.account;
  return (
    <>
      <span>{owner === null ? 'nobody looks after it' : `looked after by ${plain(owner)}`}</span>
      {mayJudge() ? <button type="button" class="quiet" onClick={() => void assignToMe()}>{isMine ? 'Hand back' : 'Assign to me'} <kbd>m</kbd></button> : null}
    </>
  );
}

/** What people wrote, and what they may want instead of more of the same. */
export function Notes({ shown }: { shown: AlertDetail }) {
  const { notes, summary } = shown;
  if (notes.length === 0 && !mayJudge() && !mayClaim(shown)) return null;
  return (
    <section class="notes">
      <h2>Notes</h2>
      {notes.length === 0 ? null : (
        <ol>
          {notes.map(({ atMs, by, text }) => (
            <li key={`${atMs} ${text}`}><span class="small"><When at={atMs} isLong /> {plain(by)}</span><p>{plain(text)}</p></li>
          ))}
        </ol>
      )}
      {mayJudge() ? <Write id={summary.id} /> : null}
      {mayClaim(shown) ? <Claim id={summary.id} /> : null}
      {mayJudge() && summary.status !== 'closed' ? <Quiet shown={shown} /> : null}
      {mayJudge() ? <Proposal shown={shown} /> : null}
    </section>
  );
}

/** Anybody with an account, once. */
function mayClaim({ notes, summary }: AlertDetail): boolean {
  const me = session.value?.account ?? unnamed;
  return me !== unnamed && summary.status !== 'closed' && !notes.some(({ by, text }) => by === me && text.startsWith('It was me: '));
}

/** What whoever it was says of it: evidence for who decides, and nothing more. */
function Claim({ id }: { id: string }) {
  const [text, setText] = useState('');
  return (
    <details>
      <summary>It was me</summary>
      <p class="small">Say what you did, and when. It stands beside the alert under your name and is weighed by who decides; it stops and closes nothing.</p>
      <form class="line" onSubmit={(event) => { event.preventDefault(); if (text.trim() !== '') void change(() => api.claim(id, text.trim())); }}>
        <input
          class="spring" aria-label="what you did" placeholder="What you did" maxLength={900} value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={text.trim() === ''}>Say so</button>
      </form>
    </details>
  );
}

function Write({ id }: { id: string }) {
  const [text, setText] = useState('');
  const send = async (): Promise<void> => {
    if (await change(() => api.note(id, text.trim()))) setText('');
  };
  return (
    <form class="line" onSubmit={(event) => { event.preventDefault(); if (text.trim() !== '') void send(); }}>
      <input
        id="note" class="spring" aria-label="note" placeholder="Write a note   w" maxLength={1_000} value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" disabled={text.trim() === ''}>Add note</button>
    </form>
  );
}

function Quiet({ shown: { summary } }: { shown: AlertDetail }) {
  const [lasts, setLasts] = useState(hours[0] as number);
  const [reason, setReason] = useState('');
  const { id, quietUntilMs } = summary;
  if (quietUntilMs !== null && quietUntilMs > nowMs.value) {
    return (
      <p class="line">
        <span class="pill wants">quiet until {moment(quietUntilMs)}</span>
        <button type="button" onClick={() => void change(() => api.quiet(id, 0, 'told again'))}>Tell again</button>
      </p>
    );
  }
  return (
    <form class="line" onSubmit={(event) => { event.preventDefault(); if (reason.trim() !== '') void change(() => api.quiet(id, lasts, reason.trim())); }}>
      <label class="inline">
        Quiet for
        <select value={lasts} onChange={(event) => setLasts(Number(event.currentTarget.value))}>
          {hours.map((one) => <option key={one} value={one}>{one === 1 ? '1 hour' : `${one} hours`}</option>)}
        </select>
      </label>
      <input
        class="spring" aria-label="why it is to be quiet" placeholder="Why" maxLength={900} value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <button type="submit" disabled={reason.trim() === ''}>Be quiet</button>
    </form>
  );
}

/** A false alarm that comes again and again is a matter of the configuration: two people, and an end. */
function Proposal({ shown }: { shown: AlertDetail }) {
  const { summary, networks } = shown;
  if (summary.identityId === null) return null;
  return (
    <details>
      <summary>Exception to propose, if this is expected for longer</summary>
      <p class="small">Goes into <code>exceptions</code> of the configuration when somebody else has agreed: put the name in as <code>approver</code>.</p>
      <pre tabIndex={0}>{proposalOf(summary, networks.map(({ block }) => block), session.value?.account ?? '')}</pre>
    </details>
  );
}

function proposalOf({ id, identityId, detector }: AlertDetail['summary'], blocks: readonly string[], author: string): string {
  const day = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
  const quoted = (text: string | null): string => JSON.stringify(text);
  return [
    `- name: alert-${id.slice(0, 12)}`, '  kind: legacy', `  match: { identity: ${quoted(identityId)} }`, `  detectors: [${detector}]`,
    `  networks: [${blocks.map(quoted).join(', ')}]`, '  reason: ""', `  author: ${quoted(author)}`, '  approver: ""',
    `  from: ${day(nowMs.value)}`, `  expires: ${day(nowMs.value + proposedDays * dayMs)}`,
  ].join('\n');
}
