import type { Configuration } from '../../config/configuration.ts';
import { canaryUses } from '../../service/canary-notes.ts';
import type { CanaryUse } from '../../service/canaries.ts';
import { openStore } from '../../store/open.ts';
import { bad, ok, span, warn, type Finding } from './finding.ts';

type Canary = Configuration['canaries'][number];

/** When each canary was last seen in the store of the service, and how long what came of it took. A store that cannot be read is told of elsewhere. */
export async function checkCanaries({ canaries }: Configuration, dir: string, nowMs: number): Promise<Finding[]> {
  if (canaries.length === 0) return [];
  const uses = await readUses(dir);
  return uses === null ? [] : canaries.map((canary) => judge(canary, uses[canary.name] ?? null, nowMs));
}

async function readUses(dir: string): Promise<ReturnType<typeof canaryUses> | null> {
  try {
    const store = openStore(dir, { readOnly: true });
    try {
      return canaryUses(store.effects);
    } finally {
      await store.close();
    }
  } catch {
    return null;
  }
}

function judge({ name, source, everyMs, withinMs }: Canary, use: CanaryUse | null, nowMs: number): Finding {
  const subject = `canary ${name}`;
  if (use === null) return warn(subject, 'was never seen', `use its token, and see that its log reaches the source ${source}`);
  const text = `seen ${span(nowMs - use.usedMs)} ago, stored ${Math.round(use.delayMs / 100) / 10} s after its use`;
  const advice = `see that it is used, that the log of ${source} comes, and that the service runs`;
  if (nowMs - use.usedMs > everyMs + withinMs) return bad(subject, text, advice);
  return use.delayMs > withinMs ? warn(subject, text, `a theft in the log of ${source} would be found as late`) : ok(subject, text);
}
