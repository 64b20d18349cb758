import type { Random } from '../../support/estate/random.ts';
import { dayMs, type Call, type Deed, type Workload } from './calls.ts';
import { tokenOf } from './workloads.ts';

/** Workloads of one day, attacks apart. Calls of a workload come in the order of its own clock. */
export function callsOfDay(workload: Workload, day: number): Call[] {
  const { rotatedAfterDays } = workload.rhythm;
  if (rotatedAfterDays !== null && (day + workload.number) % rotatedAfterDays === 0) replaceToken(workload, day * dayMs);
  const calls: Call[] = [];
  workload.rhythm.day(workload, day, (atMs, bytes, spot) => {
    calls.push({
      ...tokenOf(workload, atMs), endMs: Math.round(atMs), tookMs: 20 + workload.random.whole(300), bytes: Math.round(bytes), agent: agentOf(workload, day),
      address: addressOf(workload, day, workload.random, spot), path: `/v2/${workload.profile}/${workload.random.whole(workload.objects)}`, attack: -1,
      deed: null, log: workload.format, forged: null,
    });
  });
  for (const duty of workload.duties.all) duty(day, (atMs, deed, path) => calls.push(callOf(workload, day, atMs, deed, path)));
  return calls;
}

function callOf(workload: Workload, day: number, atMs: number, deed: Deed, path: string): Call {
  return {
    ...tokenOf(workload, atMs), endMs: Math.round(atMs), tookMs: 30, bytes: 600, agent: agentOf(workload, day), path, attack: -1,
    address: addressOf(workload, day, workload.random, 0), deed, log: workload.format, forged: null,
  };
}

/** What the issuer logs of the tokens that these calls are the first to show: each was fetched for its first call. */
export function issuancesOf({ format, issued, rhythm: { tokenLifeMs } }: Workload, calls: readonly Call[]): Call[] {
  if (format !== 'envoy.access') return [];
  if (issued.size > mostRemembered) issued.clear();
  return calls.toSorted((a, b) => a.endMs - b.endMs).flatMap((call) => {
    if (issued.has(call.token) || call.forged !== null) return [];
    issued.add(call.token);
    // A lasting one that is there at the start was made before the log began.
    return tokenLifeMs !== null || issued.size > 1 ? [{ ...call, log: 'issuer' as const, endMs: call.endMs - call.tookMs - 2_000 }] : [];
  });
}

const mostRemembered = 2_000;

export function replaceToken(workload: Workload, atMs: number): void {
  workload.generation += 1;
  workload.generationSinceMs = atMs;
}

/** Libraries are updated twice a year. */
function agentOf(workload: Workload, day: number): string {
  return day + workload.number * 13 % 180 < 180 ? workload.agent : `${workload.agent}.1`;
}

/** Where a workload calls from. */
export function addressOf({ home, number, rhythm }: Workload, day: number, random: Random, spot = 0): string {
  const third = number * 37 % 250;
  switch (rhythm.place) {
    case 'fixed': return address(home, third, 10 + number % 200);
    case 'pool': return address(home, (third + random.whole(20)) % 250, random.whole(250));
    case 'cloud': return address(home, spot % 250, Math.floor(spot / 250) + random.whole(4));
    case 'moving': return address(home, (third + Math.floor((day + number) / 40)) % 250, 10 + number % 200);
    case 'vendor': return address(day < moveOf(number) ? home : '91.107', third, 10 + number % 200);
  }
}

/** The day on which a vendor has moved to another provider, of which nobody was told. */
const moveOf = (number: number): number => 100 + number % 300;

/** Moves of vendors on days from `firstDay`, before `endDay`. */
export function movesIn(workloads: readonly Workload[], firstDay: number, endDay: number): number {
  return workloads.filter(({ number, rhythm }) => rhythm.place === 'vendor' && moveOf(number) >= firstDay && moveOf(number) < endDay).length;
}

export function address(home: string, third: number, fourth: number): string {
  return home.includes(':') ? `${home}:${third.toString(16)}::${(fourth + 1).toString(16)}` : `${home}.${third}.${fourth + 1}`;
}
