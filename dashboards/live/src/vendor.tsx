import { useEffect, useState } from 'preact/hooks';
import type { CoveredAnswer, IncidentDetail, IntentView } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { Id } from './bits.tsx';
import { kindWords } from './deciding.ts';
import { reloadShown } from './detail-state.ts';
import { ask } from './dialog.tsx';
import { FromLog } from './identity-link.tsx';
import { mayDecide } from './state.ts';
import { attemptFresh } from './step-up.ts';
import { Table } from './table.tsx';
import { count, plain } from './words.ts';

const listed = 10;

/** One word for all credentials of a breached third party: what it would let go on, exactly, and for what it is said. */
export function VendorApproval({ shown: { summary, intents, cursor } }: { shown: IncidentDetail }) {
  const [covered, setCovered] = useState<CoveredAnswer | null>(null);
  const isVendors = summary.kind === 'vendor-compromise';
  useEffect(() => {
    // Nothing waits, or there is nothing of the kind: then there is nothing to say.
    if (isVendors) api.covered(summary.id).then(setCovered, () => setCovered(null));
  }, [isVendors, summary.id, cursor]);
  if (!isVendors || covered === null) return null;
  const known = new Map(intents.map((intent) => [intent.id, intent]));
  const steps = covered.intents.map((id) => known.get(id)).filter((intent) => intent !== undefined);
  return (
    <section class="vendor">
      <h2>All credentials of {plain(summary.name ?? 'the third party')} at once</h2>
      <p>
        {count(covered.intents.length)} {covered.intents.length === 1 ? 'step waits' : 'steps wait'}. One word lets all of them go on, each as if it
        were approved by itself.
      </p>
      <Table label="steps that one word lets go on" head={['credential', 'step', 'by', 'whose, as the logs say']}>
        {steps.map((intent) => <Line key={intent.id} intent={intent} />)}
      </Table>
      {covered.intents.length > steps.length ? <p class="small">and {count(covered.intents.length - steps.length)} more: see "respond list"</p> : null}
      <p class="line">
        <span class="small">what is agreed to: <code>{covered.seen}</code></span><span class="spring" />
        {mayDecide() ? (
          <button type="button" class="danger" onClick={() => void approveAll(summary, covered, steps)}>Approve all {count(covered.intents.length)}</button>
        ) : null}
      </p>
    </section>
  );
}

function Line({ intent: { target, kind, action } }: { intent: IntentView }) {
  return (
    <tr>
      <th scope="row"><Id text={target.handle ?? target.token} /></th>
      <td>{kindWords[kind]}</td><td>{plain(action)}</td><td><FromLog text={target.identityName ?? target.identityId ?? 'nobody known'} /></td>
    </tr>
  );
}

async function approveAll({ id, name }: IncidentDetail['summary'], { seen, intents }: CoveredAnswer, steps: readonly IntentView[]): Promise<void> {
  const others = new Set(steps.flatMap(({ dependents }) => dependents.filter(({ suspect }) => !suspect).map((user) => user.name)));
  const users = [...others].slice(0, listed).map((one) => plain(one)).join(', ');
  const answer = await ask({
    title: `Approve all ${intents.length} steps?`, confirm: `Approve all ${intents.length}`, isDangerous: true,
    text: `Every credential that ${plain(name ?? 'the third party')} holds and of which a step waits.`,
    facts: [
      ...steps.slice(0, listed).map(({ kind, target }) => `${kindWords[kind]}: ${plain(target.handle ?? target.token)}`),
      ...steps.length > listed ? [`and ${steps.length - listed} more`] : [],
      others.size === 0 ? 'Nobody else was seen using them.' : `Also used by: ${users}${others.size > listed ? ` and ${others.size - listed} others` : ''}.`,
      `What you agree to: ${seen}`,
    ],
  });
  if (answer === null) return;
  await attemptFresh(() => api.approveAll(id, seen));
  await reloadShown(id);
}
