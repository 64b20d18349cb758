import type { Intent, Target } from '../../../../src/model/intent.ts';
import type { Action, Verdict } from '../../../../src/respond/port.ts';
import { domain, type FakeSpire } from '../../../support/providers/spire.ts';
import { open } from '../providers/support.ts';
import { intentOf, signal } from '../support.ts';

export const issuer = 'https://spire.prod.example';
export const workload = `spiffe://${domain}/ns/jobs/sa/export`;
/** Of a stolen JWT-SVID. */
export const stolen: Partial<Target> = { tokenKind: 'jwt', handle: 'jti-1', issuer, userId: workload, identityId: `${issuer}|${workload}` };

export function openAt({ address, files }: FakeSpire, section: object): Action {
  const shown = files === null ? {} : { certificate_file: files.own.certificateFile, key_file: files.own.keyFile, bundle_file: files.bundleFile };
  return open({ type: 'spire', trust_domain: domain, issuer, address, ...shown, ...section });
}

/** An intent with what was noted for it, as the executor keeps it. */
export class Step {
  #intent: Intent;
  readonly #action: Action;

  constructor(action: Action, target: Partial<Target>) {
    [this.#action, this.#intent] = [action, intentOf({ kind: 'revoke', target })];
  }

  get former(): string | undefined { return this.#intent.former; }

  perform(): Promise<Verdict> {
    return this.#action.perform(this.#intent, signal, (former) => { this.#intent = { ...this.#intent, former }; });
  }

  undo(): Promise<Verdict> { return this.#action.undo!({ ...this.#intent, undoing: true }, signal); }
  probe(): Promise<string> { return this.#action.probe!(this.#intent, signal); }
}
