import type { AlertDetail, IntentView } from '../../../src/server/api/shapes.ts';
import { decide, kindWords } from './deciding.ts';
import { ResponseMark } from './queue.tsx';
import { session } from './state.ts';
import { count, moment, plain, time } from './words.ts';

/** What is to be done about it, what that would break, and how far it has got. */
export function Plan({ shown }: { shown: AlertDetail }) {
  return (
    <section class="plan">
      <h2>Response</h2>
      {shown.intents.length === 0 ? <p class="nothing">The policy proposes nothing for this alert.</p> : (
        <ol>{shown.intents.map((intent) => <Step key={intent.id} intent={intent} />)}</ol>
      )}
      <Dependents shown={shown} />
    </section>
  );
}

function Step({ intent }: { intent: IntentView }) {
  const facts = intent.actionFacts;
  const mayDecide = session.value !== null && ['responder', 'admin'].includes(session.value.role);
  return (
    <li class={`step state-${intent.state} ${intent.refused === null ? '' : 'refused'}`}>
      <div class="line">
        <strong>{kindWords[intent.kind]}</strong>
        <span>by {plain(intent.action)}</span>
        {intent.refused === null ? <ResponseMark state={intent.state} />
          : <span class="response response-refused">refused: {intent.refused.replaceAll('_', ' ')}</span>}
        <span class="spring" />
        {mayDecide && intent.can.approve ? <button type="button" class="danger" onClick={() => void decide(intent, 'approve')}>Approve</button> : null}
        {mayDecide && intent.can.reject ? <button type="button" onClick={() => void decide(intent, 'reject')}>Reject</button> : null}
        {mayDecide && intent.can.undo ? <button type="button" onClick={() => void decide(intent, 'undo')}>Undo</button> : null}
      </div>
      <p>{plain(intent.reason)}</p>
      <p class="small">
        {intent.mode}, by rule {plain(intent.rule)}
        {intent.lowered === null ? '' : ` (lowered: ${intent.lowered.replaceAll('_', ' ')})`}
        {intent.why === null || intent.why === intent.refused ? '' : ` · ${intent.why.replaceAll('_', ' ')}`}
        {facts === null ? '' : ` · ${facts.delay} · ${facts.undo === null ? 'cannot be taken back' : 'can be taken back'}`}
        {intent.approvals.length === 0 ? '' : ` · approved by ${intent.approvals.map(({ by }) => plain(by)).join(', ')}`}
      </p>
      <Proof intent={intent} />
    </li>
  );
}

/** What was done when, and what shows that it worked. */
function Proof({ intent }: { intent: IntentView }) {
  const times = [
    ['seen alive', intent.probedAliveMs], ['sent', intent.sentMs], ['accepted', intent.acceptedMs], ['proven', intent.verifiedMs],
  ] as const;
  const known = times.filter(([, at]) => at !== null);
  if (known.length === 0) return null;
  return <p class="proof">{known.map(([name, at]) => <span key={name} title={moment(at as number)}>{name} {time(at as number)}</span>)}</p>;
}

function Dependents({ shown }: { shown: AlertDetail }) {
  if (shown.dependents.length === 0) return null;
  return (
    <table>
      <caption>Who was seen using it: what breaks if it is cut</caption>
      <thead><tr><th scope="col">user</th><th scope="col">networks</th><th scope="col">calls a day</th><th scope="col">last seen</th></tr></thead>
      <tbody>
        {shown.dependents.map((one) => (
          <tr key={one.name} class={one.suspect ? 'suspect' : ''}>
            <th scope="row">{plain(one.name)}{one.suspect ? <span class="pill bad">supposed thief</span> : null}</th>
            <td>{one.networks.map((network) => plain(network)).join(', ')}</td>
            <td>{count(one.callsPerDay)}</td>
            <td>{moment(one.lastSeenMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
