import type { UseView } from '../../../src/server/api/shapes.ts';
import { When } from './bits.tsx';
import { Table } from './table.tsx';
import { count, plain } from './words.ts';

const most = 12;

interface Origin {
  readonly name: string;
  readonly note: string;
  readonly blocks: readonly string[];
  readonly calls: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly isNew: boolean;
}

/** From whose networks it was used: those that deviate first, then by how often. */
export function Origins({ uses }: { uses: readonly UseView[] }) {
  const origins = originsOf(uses);
  if (origins.length === 0) return null;
  const largest = Math.max(...origins.map(({ calls }) => calls));
  return (
    <figure class="origins">
      <Table label="networks by owner" head={['network of', '#calls', '', 'first', 'last']}>
        {origins.slice(0, most).map((one) => (
          <tr key={`${one.name} ${one.isNew}`} class={one.isNew ? 'suspect' : ''}>
            <th scope="row">{plain(one.name)}<span class="small"> {plain(one.note)}</span></th>
            <td class="number">{count(one.calls)}</td>
            <td class="share">
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class={one.isNew ? 'beyond' : 'usual'} width={Math.max(0.8, 100 * one.calls / largest)} height="8" />
              </svg>
            </td>
            <td><When at={one.firstMs} /></td>
            <td><When at={one.lastMs} /></td>
          </tr>
        ))}
      </Table>
      {origins.length > most ? <p class="small">and {count(origins.length - most)} more</p> : null}
    </figure>
  );
}

/** By autonomous system; the operator's own blocks, and those of nobody known, stand for themselves. */
export function originsOf(uses: readonly UseView[]): Origin[] {
  const groups = Map.groupBy(uses.filter(({ network }) => network !== null), ({ network, suspect }) => `${nameOf(network)}\n${suspect}`);
  return [...groups.values()].map((own): Origin => {
    const [{ network, suspect }] = own as [UseView];
    const blocks = [...new Set(own.map((use) => use.network?.block ?? ''))];
    const note = [blocks.length === 1 ? blocks[0] : `${blocks.length} blocks`, network?.country, network?.class, suspect ? 'deviates' : null];
    return {
      name: nameOf(network), blocks, isNew: suspect, note: note.filter((part) => part !== null && part !== undefined && part !== 'unknown').join(', '),
      calls: own.reduce((sum, { calls }) => sum + calls, 0),
      firstMs: Math.min(...own.map(({ firstMs }) => firstMs)), lastMs: Math.max(...own.map(({ lastMs }) => lastMs)),
    };
  }).sort((a, b) => Number(b.isNew) - Number(a.isNew) || b.calls - a.calls);
}

function nameOf(network: UseView['network']): string {
  if (network === null) return 'unknown';
  const { name, asNumber, asOrganization, block } = network;
  return name ?? (asNumber === null ? block : `${asOrganization ?? 'nobody known'} · AS${asNumber}`);
}
