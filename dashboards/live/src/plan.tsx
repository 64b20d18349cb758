import type { DependentView, IntentView } from '../../../src/server/api/shapes.ts';
import { When } from './bits.tsx';
import { Step } from './step.tsx';
import { Table } from './table.tsx';
import { count, plain } from './words.ts';

/** What is to be done about it, what that would break, and how far it has got. */
export function Plan({ intents, dependents = [] }: { intents: readonly IntentView[]; dependents?: readonly DependentView[] }) {
  return (
    <section class="plan">
      <h2>Response</h2>
      {intents.length === 0 ? <p class="small">The policy proposes nothing here.</p> : (
        <ol>{intents.map((intent) => <Step key={intent.id} intent={intent} />)}</ol>
      )}
      {dependents.length === 0 ? null : <Dependents dependents={dependents} />}
    </section>
  );
}

function Dependents({ dependents }: { dependents: readonly DependentView[] }) {
  return (
    <>
      <h3 class="broken">Who was seen using it: what breaks if it is cut</h3>
      <Table label="users of the token" head={['user', 'networks', '#calls a day', 'first seen', 'last seen']}>
        {dependents.map((one) => (
          <tr key={`${one.name} ${one.firstSeenMs}`} class={one.suspect ? 'suspect' : ''}>
            <th scope="row">{plain(one.name)}{one.suspect ? <> <span class="pill bad">supposed thief</span></> : null}</th>
            <td>{one.networks.map((network) => plain(network)).join(', ')}</td>
            <td class="number">{count(one.callsPerDay)}</td>
            <td><When at={one.firstSeenMs} /></td>
            <td><When at={one.lastSeenMs} /></td>
          </tr>
        ))}
      </Table>
    </>
  );
}
