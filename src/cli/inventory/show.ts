import { postureKinds, type Flaw } from '../../posture/kinds.ts';
import { durationText } from '../../posture/subject.ts';
import { table } from '../table.ts';
import type { InventoryLine } from './lines.ts';

const dayMs = 24 * 3_600_000;
const heads = [
  'identity', 'kind', 'token', 'handle', 'owner', 'third party', 'workload', 'proof', 'environment', 'issued', 'age', 'last used', 'expires',
  'calls a day', 'networks', 'resources', 'scopes', 'dependents', 'leak', 'posture',
];

/** Columns for people; long lists only by their length. */
export function inventoryTable(lines: readonly InventoryLine[], atMs: number): string {
  return table(heads, lines.map((line) => cellsOf(line, atMs, (names) => (names.length > 1 ? `${names.length}` : names[0] ?? '')).map(printable)));
}

/** The same columns as CSV (RFC 4180), lists in full. What a spreadsheet would take for a formula is made a text. */
export function inventoryCsv(lines: readonly InventoryLine[], atMs: number): string {
  return [heads, ...lines.map((line) => cellsOf(line, atMs, (names) => names.join('; ')))].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function cellsOf(line: InventoryLine, atMs: number, list: (names: readonly string[]) => string): string[] {
  const { credential: { token, identity, claims }, summary, scopes } = line;
  const bornMs = token.issuedAtMs ?? (token.issueSeen ? token.firstSeenMs : null);
  return [
    identity?.name ?? identity?.id ?? 'unknown', identity?.kind ?? '', token.kind, token.handle ?? token.fingerprint ?? '', line.owner ?? '', line.vendor ?? '',
    claims.length === 0 ? line.workload ?? '' : claims.map(({ evidence, id }) => `${id} (${evidence})`).join(' / '),
    line.proof, line.environment ?? '', day(bornMs), bornMs === null ? '' : durationText(Math.max(0, atMs - bornMs)), minute(token.lastUsedMs),
    token.revokedAtMs === null ? day(token.expiresAtMs) : 'revoked', summary.callsPerDay === null ? '' : String(summary.callsPerDay),
    list(summary.networks), list(summary.resources), scopes === null ? '' : `${scopes.used.length} of ${scopes.granted.length} used`,
    list(summary.dependents), leakOf(line), line.flaws.map(flawName).join(' '),
  ];
}

/** What was not proven either way is marked as a question. */
function flawName({ kind, isFact }: Flaw): string {
  return isFact ? kind : `${kind}?`;
}

export function leakOf({ credential: { leakedMs, sightings } }: InventoryLine): string {
  return leakedMs !== null ? 'leaked' : sightings.length > 0 ? 'seen in a log' : '';
}

/** One line of JSON: the facts under the names that events and alerts use. */
export function inventoryDocument(line: InventoryLine): object {
  const { credential: { token, identity, claims, growth, sightings, leakedMs, rotatedMs, uses }, summary, scopes, flaws } = line;
  return {
    tokenward: {
      token: {
        fingerprint: token.fingerprint, kind: token.kind, handle: token.handle, issuer: token.issuer, parent: token.parent,
        issued_at: iso(token.issuedAtMs), expires_at: iso(token.expiresAtMs), issue_seen: token.issueSeen, first_seen: iso(token.firstSeenMs),
        last_used: iso(token.lastUsedMs), revoked_at: iso(token.revokedAtMs), rotated_at: iso(rotatedMs),
        scopes: scopes?.granted ?? null, scopes_used: scopes?.used ?? null, scopes_added: growth.flatMap((grown) => grown.scopes),
      },
      identity: identity === null ? null : { id: identity.id, kind: identity.kind, name: identity.name, account: identity.account, owner: line.owner },
      vendor: line.vendor, environment: line.environment,
      workload: identity === null || identity.workloadId === null ? null
        : { id: identity.workloadId, kind: identity.workloadKind, evidence: identity.workloadEvidence },
      ...claims.length === 0 ? {} : { workload_contradictions: claims },
      proof_of_origin: line.proof, calls_per_day: summary.callsPerDay, networks: summary.networks, resources: summary.resources,
      dependents: uses.map(({ workloadId, user, network, calls, firstMs, lastMs }) => (
        { workload: workloadId, user, network, calls, first_used: iso(firstMs), last_used: iso(lastMs) })),
      leak: {
        leaked_at: iso(leakedMs),
        seen_in: sightings.map(({ source, field, count, firstMs, lastMs }) => ({ source, field, count, first: iso(firstMs), last: iso(lastMs) })),
      },
      posture: flaws.map(({ kind, isFact, detail }) => (
        { kind, certainty: isFact ? 'fact' : 'unknown', detail, owasp_nhi: postureKinds[kind].nhi, remedy: postureKinds[kind].remedy })),
    },
  };
}

function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r|]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Texts of logs may hold what a terminal obeys. */
export function printable(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code >= 0x7f && code < 0xa0) return text.replace(/\p{Cc}/gu, '?');
  }
  return text;
}

function iso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

/** Days as they are written: there are few, and each is asked for often. */
const days = new Map<number, string>();

function day(timeMs: number | null): string {
  if (timeMs === null) return 'unknown';
  const number = Math.floor(timeMs / dayMs);
  let text = days.get(number);
  if (text === undefined) days.set(number, text = new Date(number * dayMs).toISOString().slice(0, 10));
  return text;
}

function minute(timeMs: number | null): string {
  if (timeMs === null) return 'never seen';
  const minutes = Math.floor(timeMs / 60_000) % 1440;
  return `${day(timeMs)} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
