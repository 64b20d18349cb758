import type { KeyPath } from './document.ts';
import type { Complaint } from './issues.ts';
import { isFinal } from './reach.ts';
import type { ActionSection } from './respond-schema.ts';
import type { RawConfiguration } from './schema.ts';

type Step = RawConfiguration['policy'][number]['plan'][number];

/** From what harms least to what harms most. Whoever is told may be told at any place. */
const ranks: Readonly<Record<string, number>> = { pin: 0, deny: 1, rotate: 2, revoke: 3 };

/** A plan goes from the gentle to the hard, and from what can be taken back to what cannot: steps before it might have been enough. */
export function wrongOrder(plan: readonly Step[], path: KeyPath, actions: readonly ActionSection[]): Complaint[] {
  const ofToken = plan.map((step, at) => ({ step, at })).filter(({ step }) => step.of === undefined && step.do in ranks);
  return ofToken.flatMap(({ step, at }, place) => {
    const harder = ofToken.slice(0, place).find(({ step: earlier }) => ranks[earlier.do]! > ranks[step.do]!);
    if (harder !== undefined) {
      const hint = 'in this order: pin, deny, rotate, revoke';
      return [{ path: [...path, at], message: `"${step.do}" comes after "${harder.step.do}", which harms more`, hint }];
    }
    const lost = ofToken.slice(0, place).find(({ step: earlier }) => step.do === earlier.do && isLost(earlier, actions) && !isLost(step, actions));
    if (lost === undefined) return [];
    const message = `"${step.by}" can be taken back and comes after "${lost.step.by}", which cannot`;
    return [{ path: [...path, at], message, hint: 'what can be taken back comes first' }];
  });
}

function isLost({ by }: Step, actions: readonly ActionSection[]): boolean {
  const action = actions.find(({ name }) => name === by);
  return action !== undefined && isFinal(action);
}
