import type { DependentView, NetworkView } from '../../../src/server/api/shapes.ts';
import { plain } from './words.ts';

const most = 7;
const width = 1000;
const boxWidth = 176;
const boxHeight = 40;
const rowHeight = 54;
const letters = 23;

interface Node { readonly key: string; readonly kind: string; readonly name: string; readonly note: string; readonly isNew: boolean }
interface Edge { readonly from: string; readonly to: string; readonly isNew: boolean }
interface Placed extends Node { readonly x: number; readonly y: number }

export interface GraphParts {
  readonly identity: { readonly name: string; readonly kind: string };
  /** Handles, or fingerprints. */
  readonly tokens: readonly string[];
  readonly dependents: readonly DependentView[];
  readonly networks: readonly NetworkView[];
  readonly resources: readonly string[];
}

/** Whose token it is, who uses it, from where, and what the stranger took: what is new is drawn thick and says so. */
export function Graph(parts: GraphParts) {
  const { columns, edges } = graphOf(parts);
  const height = Math.max(...columns.map((column) => column.length)) * rowHeight + 26;
  const gap = (width - boxWidth - 4) / Math.max(1, columns.length - 1);
  const nodes = new Map(columns.flatMap((column, x) => column.map((node, y): [string, Placed] => [node.key, {
    ...node, x: x * gap + 2, y: 22 + ((height - 26) / column.length) * (y + 0.5) - boxHeight / 2,
  }])));
  return (
    <section class="graph">
      <h2>Who uses it, from where</h2>
      <div class="scroller" role="region" aria-label="graph of the token" tabIndex={0}>
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={spoken(parts)}>
          {columns.map((column, x) => <text key={x} class="column" x={x * gap} y={10}>{column[0]?.kind}</text>)}
          {edges.map((edge) => <Line key={`${edge.from} ${edge.to}`} edge={edge} nodes={nodes} />)}
          {[...nodes.values()].map((node) => <Box key={node.key} node={node} />)}
        </svg>
      </div>
    </section>
  );
}

function Line({ edge, nodes }: { edge: Edge; nodes: ReadonlyMap<string, Placed> }) {
  const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
  if (from === undefined || to === undefined) return null;
  const [x1, y1, x2, y2] = [from.x + boxWidth, from.y + boxHeight / 2, to.x, to.y + boxHeight / 2];
  const middle = (x1 + x2) / 2;
  return <path class={edge.isNew ? 'edge new' : 'edge'} d={`M ${x1} ${y1} C ${middle} ${y1}, ${middle} ${y2}, ${x2} ${y2}`} />;
}

function Box({ node: { x, y, name, note, isNew } }: { node: Placed }) {
  return (
    <g class={isNew ? 'node new' : 'node'} transform={`translate(${x} ${y})`}>
      <title>{plain(`${name}${note === '' ? '' : `, ${note}`}`)}</title>
      <rect width={boxWidth} height={boxHeight} rx={7} />
      <text class="name" x={9} y={note === '' ? 25 : 17}>{shortened(name)}</text>
      {note === '' ? null : <text x={9} y={32}>{shortened(note)}</text>}
    </g>
  );
}

/** Ends say more than beginnings: of paths, and of the ids of workloads. */
function shortened(text: string): string {
  const shown = plain(text);
  return shown.length <= letters ? shown : `…${shown.slice(1 - letters)}`;
}

function graphOf({ identity, tokens, dependents, networks, resources }: GraphParts): { columns: Node[][]; edges: Edge[] } {
  const edges: Edge[] = [];
  const owner: Node = { key: 'identity', kind: 'identity', name: identity.name, note: identity.kind, isNew: false };
  const token: Node = {
    key: 'token', kind: 'token', isNew: false, name: tokens[0] ?? 'no token named', note: tokens.length > 1 ? `and ${tokens.length - 1} more` : '',
  };
  edges.push({ from: 'identity', to: 'token', isNew: false });
  const kept = [...dependents].sort((a, b) => Number(b.suspect) - Number(a.suspect) || b.callsPerDay - a.callsPerDay);
  const users = kept.slice(0, most).map((one, place): Node => ({
    key: `user ${place}`, kind: 'used by', name: one.workloadId ?? one.name.replace(/ from \S{1,64}$/, ''),
    note: one.suspect ? 'new: supposed thief' : '', isNew: one.suspect,
  }));
  if (kept.length > most) users.push({ key: 'others', kind: 'used by', name: `${kept.length - most} others`, note: '', isNew: false });
  for (const { key, isNew } of users) edges.push({ from: 'token', to: key, isNew });
  const places = new Map<string, Node>();
  const known = new Map(networks.map((network) => [network.block, network]));
  for (const [place, one] of kept.slice(0, most).entries()) {
    for (const block of one.networks.slice(0, 3)) {
      if (!places.has(block) && places.size >= most) continue;
      const { name = null, asOrganization = null, class: kind = null } = known.get(block) ?? {};
      const note = [name ?? asOrganization, kind].filter((part) => part !== null).join(', ');
      if (!places.has(block)) places.set(block, { key: block, kind: 'from', name: block, note, isNew: one.suspect });
      edges.push({ from: `user ${place}`, to: block, isNew: one.suspect });
    }
  }
  // Nobody is known to use it: then it is known at least from where what deviates came.
  if (kept.length === 0) {
    for (const { block, name, asOrganization } of networks.slice(0, most)) {
      places.set(block, { key: block, kind: 'from', name: block, note: name ?? asOrganization ?? '', isNew: true });
      edges.push({ from: 'token', to: block, isNew: true });
    }
  }
  const suspects = kept.filter(({ suspect }) => suspect);
  const taken = [...new Set([...suspects.flatMap((one) => one.resources), ...resources])].slice(0, most)
    .map((name): Node => ({ key: `resource ${name}`, kind: 'took', name, note: '', isNew: true }));
  const strange = kept.length === 0 ? [...places.keys()] : [...new Set(suspects.flatMap((one) => one.networks))].filter((block) => places.has(block));
  for (const { key } of taken) for (const from of strange) edges.push({ from, to: key, isNew: true });
  return { columns: [[owner], [token], users, [...places.values()], taken].filter((column) => column.length > 0), edges };
}

function spoken({ identity, dependents }: GraphParts): string {
  const names = (suspect: boolean): string => dependents.filter((one) => one.suspect === suspect)
    .map(({ name, networks }) => `${name} from ${networks.join(', ')}`).join('; ');
  return plain(`The token of ${identity.name} is used by ${names(false) || 'nobody known'}. New: ${names(true) || 'nobody'}.`);
}
