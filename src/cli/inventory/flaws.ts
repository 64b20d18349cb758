import { postureKindNames, postureKinds, type PostureKind } from '../../posture/kinds.ts';
import type { InventoryLine } from './lines.ts';
import { printable } from './show.ts';

/** Named of one kind; the rest is counted. */
const maxNamed = 10;

/** The posture list: kind by kind what is wrong, with what, and what to do. */
export function flawList(lines: readonly InventoryLine[]): string {
  const blocks = postureKindNames.flatMap((kind) => {
    const found = lines.flatMap((line) => line.flaws.filter((flaw) => flaw.kind === kind).map((flaw) => ({ line, flaw })));
    if (found.length === 0) return [];
    const facts = found.filter(({ flaw }) => flaw.isFact);
    const unknown = found.length - facts.length;
    const rows = (facts.length > 0 ? facts : found).slice(0, maxNamed).map(({ line, flaw }) => `  ${printable(nameOf(line))}: ${printable(flaw.detail)}`);
    const more = found.length - rows.length;
    const rest = more > 0 ? [`  and ${more} more: --posture ${kind}`] : [];
    return [[headOf(kind, facts.length, unknown), `  what to do: ${postureKinds[kind].remedy}`, ...rows, ...rest].join('\n')];
  });
  return blocks.length === 0 ? 'Nothing is wrong with any credential that is known.' : blocks.join('\n\n');
}

function headOf(kind: PostureKind, facts: number, unknown: number): string {
  const { title, nhi } = postureKinds[kind];
  const counted = [...facts > 0 ? [`${facts}`] : [], ...unknown > 0 ? [`${unknown} unknown`] : []].join(', ');
  return `${kind} (${nhi.map((id) => `${id}:2025`).join(', ')}): ${counted}: ${title}`;
}

function nameOf({ credential: { token, identity } }: InventoryLine): string {
  return `${identity?.name ?? identity?.id ?? 'unknown'}, ${token.kind} ${token.handle ?? token.fingerprint ?? ''}`;
}
