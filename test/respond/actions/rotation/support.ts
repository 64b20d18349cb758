import { actionSchema } from '../../../../src/config/respond-schema.ts';
import { noHandover, type Handover, type Intent, type Target } from '../../../../src/model/intent.ts';
import { openActions } from '../../../../src/respond/actions/index.ts';
import type { Action, Verdict } from '../../../../src/respond/port.ts';
import { intentOf, signal } from '../support.ts';
import { noDenials } from '../providers/support.ts';

export function openRotation(section: object): Action {
  const parsed = actionSchema.parse({ name: 'rotation', type: 'rotation', allow_private: true, ...section });
  return openActions([parsed], { denials: noDenials, openToken: null }).actions.get('rotation')!;
}

/** A rotation whose notes are kept as the executor keeps them. */
export class Rotated {
  readonly intent: Intent;
  action: Action;
  handover: Handover = noHandover;
  /** How it stood after each note. */
  readonly notes: Handover[] = [];

  constructor(action: Action, target: Partial<Target>) {
    this.action = action;
    this.intent = intentOf({ kind: 'rotate', target });
  }

  now(): Intent {
    return { ...this.intent, handover: this.handover };
  }

  handOver(): Promise<Verdict> {
    return this.action.rotation!.handOver(this.now(), (change) => {
      this.handover = { ...this.handover, ...change };
      if (Object.keys(change).length > 0) this.notes.push(this.handover);
      return this.handover;
    }, signal);
  }

  cut(): Promise<Verdict> {
    return this.action.perform({ ...this.intent, handover: { ...this.handover, phase: 'cutting' } }, signal);
  }

  undo(): Promise<Verdict> {
    return this.action.undo!({ ...this.intent, handover: { ...this.handover, phase: 'waiting' }, undoing: true }, signal);
  }

  probe(): Promise<string> {
    return this.action.probe!(this.now(), signal);
  }
}
