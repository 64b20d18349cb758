import type { ServiceProcess } from './child.ts';
import type { Rig } from './rig.ts';

/** Produces up to the beginning of each theft and waits until the webhook tells of it. Answers how long that took, in milliseconds. */
export async function probe(at: Rig, service: ServiceProcess, from: number, count: number): Promise<number[]> {
  const took: number[] = [];
  for (const { place, user } of at.thefts.slice(from, from + count)) {
    const before = at.thefts.findIndex((theft) => theft.place === place) === 0 ? 0 : at.thefts.filter((theft) => theft.place < place).at(-1)!.place + 1;
    await at.produce(before, place);
    await service.settledIn();
    const sinceMs = performance.now();
    await at.produce(place, place + 1);
    await service.until(`the theft from ${user} is told`, () => at.webhook.messages.some(({ body }) => body.includes(`:user/${user}"`)));
    took.push(performance.now() - sinceMs);
  }
  return took;
}
