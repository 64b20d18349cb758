import { inOrder, type Stage } from './stage.ts';
import { isNoticed, lookAround, onlyStolenAreNamed, patience, planIsCarriedOut, thiefIsOut } from './story-one.ts';
import { sharedClient } from './world/world.ts';

/** Six workloads share one credential, and a copy of it is stolen: cutting it would take all six down. */
export async function storyTwo(stage: Stage): Promise<void> {
  const { world, script } = stage;
  const { claims } = world.stolen[1];
  const thief = world.thief(1);
  script.title(`Two: ${world.estate.sharing.length} workloads share one credential, and one copy is stolen`);
  script.tell(`a copy of the credential of ${sharedClient} is in strange hands`);
  let pulling: Promise<void> | null = null;
  await inOrder(stage, [
    () => lookAround(stage, thief),
    () => isNoticed(stage, thief, claims.jti),
    async () => { pulling = thief.pull('/v1/export/orders', patience); },
    () => planIsCarriedOut(stage, claims.jti),
    async () => pulling,
    () => thiefIsOut(stage, thief),
    () => allSixGoOn(stage, claims.jti),
    () => onlyStolenAreNamed(stage),
  ]);
}

async function allSixGoOn({ world, observer, script }: Stage, handle: string): Promise<void> {
  const plan = await observer.plan(handle);
  const dependents = new Set(plan.flatMap((step) => step.dependents.filter(({ suspect }) => !suspect).map(({ workloadId }) => workloadId)));
  const known = world.estate.sharing.filter(({ spiffeId }) => dependents.has(spiffeId)).map(({ clientId }) => clientId);
  script.check('the plan names all who depend on it', known.length === world.estate.sharing.length, known.join(', '));
  script.check('it refuses to cut them off', plan.some(({ kind, refused }) => kind !== 'pin' && refused === 'would_break_others'));
  script.check('it pins instead', plan.some(({ kind, state }) => kind === 'pin' && state === 'verified'));
  const sharing = world.workloads.filter(({ workload }) => world.estate.sharing.includes(workload));
  const before = sharing.map(({ tally }) => tally.requests);
  await observer.until(10_000, async () => (sharing.every(({ tally }, place) => tally.requests >= (before[place] as number) + 2) ? true : null));
  const calls = sharing.reduce((sum, { tally }) => sum + tally.requests, 0);
  const failed = sharing.reduce((sum, { tally }) => sum + tally.refused, 0);
  script.check(`${sharing.length} of ${sharing.length} go on without one failed request`, failed === 0, `${calls} calls`);
}
