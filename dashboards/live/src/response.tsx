import type { IntentState } from '../../../src/model/intent.ts';
import type { CapView, IntentView } from '../../../src/server/api/shapes.ts';
import { responseWords, words } from './bits.tsx';
import { intents } from './detail-state.ts';
import { Enforcement } from './enforcement.tsx';
import { KillSwitch } from './kill-switch.tsx';
import { hrefOf } from './route.ts';
import { status } from './state.ts';
import { Step } from './step.tsx';
import { count, plain } from './words.ts';

const manyPending = 10;

interface Grouped { readonly title: string; readonly states: readonly IntentState[] | 'refused' }

/** What wants somebody's eye first. */
const groups: readonly Grouped[] = [
  { title: 'Waits for somebody', states: ['waiting_approval', 'stale', 'failed', 'unknown'] },
  { title: 'Under way', states: ['ready', 'sending', 'accepted'] },
  { title: 'Done and proven', states: ['verified'] },
  { title: 'Only proposed', states: ['proposed'] },
  { title: 'Must not be done', states: 'refused' },
  { title: 'Not done, or taken back', states: ['rejected', 'undone'] },
];

/** Everything that is or was to be done to tokens, and what bounds it. */
export function Response() {
  const all = intents.value;
  return (
    <section class="wide">
      <h1>Response</h1>
      <div class="line bounds">
        <KillSwitch />
        {(status.value?.caps ?? []).map((cap) => <Cap key={cap.name} cap={cap} />)}
      </div>
      {all === null ? <p class="nothing">Loading…</p> : <><Counts all={all} /><Many all={all} /></>}
      {all === null ? null : groups.map((group) => <Group key={group.title} {...group} all={all} />)}
      <Enforcement />
    </section>
  );
}

function Cap({ cap: { name, used, limit } }: { cap: CapView }) {
  const label = `${used} of ${limit} ${name.replaceAll('_', ' ')}`;
  return (
    <label class={`cap ${used >= limit ? 'reached' : ''}`}>
      {used >= limit ? `${label}: reached` : label}
      <meter min={0} max={limit} high={limit * 0.8} value={used} />
    </label>
  );
}

function Counts({ all }: { all: readonly IntentView[] }) {
  const counts = new Map<string, number>();
  for (const { state, refused } of all) {
    const word = refused === null ? responseWords[state] : 'refused';
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  if (all.length === 0) return <p class="nothing">The policy has proposed nothing yet.</p>;
  return <p class="line">{[...counts].map(([word, many]) => <span key={word} class="pill">{count(many)} × {word}</span>)}</p>;
}

/** So many that nobody should go through them one by one without asking why there are so many. */
function Many({ all }: { all: readonly IntentView[] }) {
  const pending = all.filter(({ state, refused }) => state === 'waiting_approval' && refused === null);
  if (pending.length <= manyPending) return null;
  const causes = [...Map.groupBy(pending, ({ why }) => why ?? 'needs_approval')].sort(([, a], [, b]) => b.length - a.length);
  return (
    <section class="card many" role="status">
      <strong>{count(pending.length)} steps wait for approval.</strong> Something goes on that is larger than one theft, or a rule is too wide.
      <ul class="dots">
        {causes.map(([why, steps]) => (
          <li key={why}>{count(steps.length)} × {words(why)}, in {count(new Set(steps.map(({ incidentId }) => incidentId)).size)} incidents</li>
        ))}
      </ul>
    </section>
  );
}

/** Steps of one incident stand together: nobody approves above one lineage. */
function Group({ title, states, all }: Grouped & { all: readonly IntentView[] }) {
  const own = all.filter(({ state, refused }) => (refused === null ? states.includes(state) : states === 'refused'));
  if (own.length === 0) return null;
  const byIncident = Map.groupBy(own, ({ incidentId }) => incidentId);
  return (
    <section class="plan card">
      <h2>{title} · {count(own.length)}</h2>
      {[...byIncident].map(([incidentId, steps]) => (
        <div key={incidentId} class="lineage">
          <h3><a href={hrefOf('incidents', incidentId)}>{plain(steps[0]?.target.identityName ?? steps[0]?.target.identityId ?? 'unknown')}</a></h3>
          <ol>{steps.toSorted(inPlanOrder).map((intent) => <Step key={intent.id} intent={intent} isAlone />)}</ol>
        </div>
      ))}
    </section>
  );
}

function inPlanOrder(a: IntentView, b: IntentView): number {
  return a.planId < b.planId ? -1 : a.planId > b.planId ? 1 : a.step - b.step;
}
