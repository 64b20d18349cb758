import type { IntentView } from '../../../src/server/api/shapes.ts';
import { Id, ResponseMark, When, words } from './bits.tsx';
import { decide, kindWords } from './deciding.ts';
import { FromLog } from './identity-link.tsx';
import { hrefOf } from './route.ts';
import { mayDecide, session } from './state.ts';
import { plain } from './words.ts';

/** One step of a plan: what, on what, how far it is, and what somebody may do about it. */
export function Step({ intent, isAlone = false }: { intent: IntentView; isAlone?: boolean }) {
  const { refused, state, undoing, target } = intent;
  return (
    <li class={`step state-${state} ${refused === null ? '' : 'refused'}`}>
      <div class="line">
        <strong>{kindWords[intent.kind]}</strong>
        <span>by {plain(intent.action)}</span>
        {refused === null ? <State intent={intent} /> : <span class="response response-failed">refused: {words(refused)}</span>}
        <span class="spring" />
        <span class="buttons"><Buttons intent={intent} /></span>
      </div>
      {isAlone ? (
        <p class="line"><Id text={target.handle ?? target.token} /><span>of <FromLog text={target.identityName ?? target.identityId ?? 'nobody known'} /></span>
          <a href={hrefOf('alerts', intent.alertId)}>its alert</a></p>
      ) : null}
      <p>{plain(intent.reason)}</p>
      {intent.because === null ? null : <p>{plain(intent.because)}</p>}
      <p class="small">{detailsOf(intent).join(' · ')}</p>
      {undoing && state === 'waiting_approval' ? (
        <p class="small wants-other">{plain(intent.changedBy.join(', '))} proposes to take it back; another person decides.</p>
      ) : null}
      <Proof intent={intent} />
    </li>
  );
}

function State({ intent: { state, undoing } }: { intent: IntentView }) {
  if (!undoing) return <ResponseMark state={state} />;
  const told = { waiting_approval: 'to be taken back?', ready: 'about to be taken back', sending: 'being taken back', failed: 'taking back failed' };
  return <span class={`response response-${state}`}>{state in told ? told[state as keyof typeof told] : words(state)}</span>;
}

function Buttons({ intent }: { intent: IntentView }) {
  if (!mayDecide()) return null;
  const { can, undoing, changedBy } = intent;
  const isOwn = changedBy.includes(session.value?.account ?? '');
  if (undoing) {
    return (
      <>
        {can.undo && !isOwn ? <button type="button" class="danger" onClick={() => void decide(intent, 'undo')}>Take back</button> : null}
        {can.reject ? <button type="button" onClick={() => void decide(intent, 'reject')}>Keep it</button> : null}
      </>
    );
  }
  return (
    <>
      {can.approve && !isOwn ? <button type="button" class="danger" onClick={() => void decide(intent, 'approve')}>Approve</button> : null}
      {can.reject && intent.refused === null ? <button type="button" onClick={() => void decide(intent, 'reject')}>Reject</button> : null}
      {can.undo ? <button type="button" onClick={() => void decide(intent, 'undo')}>Undo</button> : null}
    </>
  );
}

/** Of a rotation: who was not seen on the new credential yet, and who should not have been. */
function moving({ handover, state }: IntentView): string[] {
  if (handover?.phase !== 'waiting' || state === 'undone') return [];
  const { waitingFor, suspects } = handover;
  return [
    ...(waitingFor.length === 0 ? [] : [`not yet on the new credential: ${waitingFor.map(plain).join(', ')}`]),
    ...(suspects.length === 0 ? [] : [`suspects on the new credential: ${suspects.map(plain).join(', ')}`]),
  ];
}

function detailsOf(intent: IntentView): string[] {
  const { mode, rule, lowered, why, refused, actionFacts, approvals, approvalsNeeded } = intent;
  return [
    `${mode}, by rule ${plain(rule)}${lowered === null ? '' : ` (lowered: ${words(lowered)})`}`,
    ...(why === null || why === refused ? [] : [words(why)]),
    ...moving(intent),
    ...(actionFacts === null ? ['no such action is configured any more'] : [
      plain(actionFacts.delay).replace(/\.$/, ''), actionFacts.undo === null ? 'cannot be taken back' : 'can be taken back',
    ]),
    ...(approvals.length === 0 ? [] : [`approved by ${approvals.map(({ by }) => plain(by)).join(', ')}`]),
    ...(approvalsNeeded > 1 ? [`${approvals.length} of ${approvalsNeeded} approvals`] : []),
  ];
}

/** What was done when, and what shows that it worked. */
function Proof({ intent }: { intent: IntentView }) {
  const times = [
    ['seen alive', intent.probedAliveMs], ['sent', intent.sentMs], ['accepted', intent.acceptedMs], ['proven', intent.verifiedMs],
  ] as const;
  const known = times.filter((one): one is typeof one & readonly [string, number] => one[1] !== null);
  if (known.length === 0) return null;
  return <p class="proof">{known.map(([name, at]) => <span key={name}>{name} <When at={at} /></span>)}</p>;
}
