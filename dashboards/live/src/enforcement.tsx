import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { EnforcedRule } from '../../../src/server/api/shapes.ts';
import type { ReadinessPage, ReadinessView } from '../../../src/server/api/shapes-insight.ts';
import { api } from './api.ts';
import { ask } from './dialog.tsx';
import { attempt, mayDecide, session, status } from './state.ts';
import { attemptFresh } from './step-up.ts';
import { Table } from './table.tsx';
import { count, plain } from './words.ts';

const rules = signal<readonly EnforcedRule[] | null>(null);
const judged = signal<ReadinessPage | null>(null);

async function load(): Promise<void> {
  await attempt(async () => {
    [rules.value, judged.value] = await Promise.all([api.enforcement().then((answer) => answer.rules), api.readiness()]);
  });
}

/** What may act without anybody's click, and who said so. */
export function Enforcement() {
  const change = status.value?.cursor ?? 0;
  useEffect(() => { void load(); }, [change]);
  return (
    <>
      {rules.value === null || rules.value.length === 0 ? null : (
        <section class="card plan">
          <h2>Rules that ask to act by themselves</h2>
          <ol>{rules.value.map((rule) => <Rule key={rule.rule} rule={rule} />)}</ol>
        </section>
      )}
      {judged.value === null || judged.value.detectors.length === 0 ? null : <Readiness page={judged.value} />}
    </>
  );
}

function Rule({ rule }: { rule: EnforcedRule }) {
  const { by, isInForce, match, plan } = rule;
  const hasAgreed = by.includes(session.value?.account ?? '');
  const told = isInForce ? `acts by itself: ${by.map((one) => plain(one)).join(' and ')} agreed`
    : by.length === 0 ? 'waits for approval each time, until two people agree to it' : `${by.map((one) => plain(one)).join(', ')} agreed; another person must`;
  return (
    <li class={`step ${isInForce ? 'state-verified' : 'state-waiting_approval'}`}>
      <div class="line">
        <strong>{plain(rule.rule)}</strong>
        <span class={`response ${isInForce ? 'response-verified' : 'response-waiting_approval'}`}>{told}</span>
        <span class="spring" />
        {mayDecide() ? (
          <span class="buttons">
            {isInForce || hasAgreed ? null : <button type="button" class="danger" onClick={() => void agree(rule)}>Agree</button>}
            {by.length === 0 ? null : <button type="button" onClick={() => void withdraw(rule)}>Take it back</button>}
          </span>
        ) : null}
      </div>
      <p>{plain(plan.join(', then '))}</p>
      <p class="small">for {plain(match)} · <code>{rule.hash}</code></p>
    </li>
  );
}

/** The hash that is sent is of what is shown. */
async function agree({ rule, hash, match, plan, by }: EnforcedRule): Promise<void> {
  const text = by.length === 0 ? 'Another person must agree as well, within a day.' : 'From then on it acts without anybody\'s click, within the caps.';
  const facts = [`For ${match}.`, ...plan.map((step) => `It does: ${step}.`), `What you agree to: ${hash}`];
  const answer = await ask({ title: `Let ${plain(rule)} act by itself?`, text, facts: facts.map((fact) => plain(fact)), confirm: 'Agree', isDangerous: true });
  if (answer === null) return;
  await attemptFresh(async () => { rules.value = (await api.agree(rule, hash)).rules; });
}

async function withdraw({ rule, isInForce }: EnforcedRule): Promise<void> {
  const text = isInForce ? 'It acts by itself no more: each step waits for approval, until two people agree anew.' : 'Two people have to agree anew.';
  const answer = await ask({ title: `Take back that ${plain(rule)} acts by itself?`, text, confirm: 'Take it back' });
  if (answer === null) return;
  await attempt(async () => { rules.value = (await api.withdraw(rule)).rules; });
}

const verdicts: Readonly<Record<ReadinessView['verdict'], string>> = {
  ready: 'ready', never_proposed: 'nothing proposed so far', wrong_proposals: 'people disagreed', too_early: 'watch it longer',
  unjudged: 'close its alerts as what they were',
};

/** Which detectors could be let act: by what people said of what was proposed. */
function Readiness({ page: { neededDays, detectors } }: { page: ReadinessPage }) {
  const order: readonly ReadinessView['verdict'][] = ['ready', 'unjudged', 'too_early', 'wrong_proposals', 'never_proposed'];
  const sorted = detectors.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return (
    <section class="card">
      <h2>Ready to act by itself?</h2>
      <Table label="readiness of each detector" head={['detector', 'verdict', '#days', '#proposed', '#theft', '#wrong', '#not judged']}>
        {sorted.map((one) => (
          <tr key={one.detector}>
            <th scope="row">{plain(one.detector)}</th>
            <td><span class={`pill ${one.verdict === 'ready' ? 'good' : one.verdict === 'wrong_proposals' ? 'bad' : ''}`}>{verdicts[one.verdict]}</span></td>
            <td class="number">{count(one.days)}</td><td class="number">{count(one.proposed)}</td><td class="number">{count(one.right)}</td>
            <td class="number">{count(one.wrong)}</td><td class="number">{count(one.unjudged)}</td>
          </tr>
        ))}
      </Table>
      <p class="small">
        Ready is who proposed for {count(neededDays)} days without being wrong once. Wrong: its alert was closed as no theft, a person rejected the
        step, or it was taken back.
      </p>
    </section>
  );
}
