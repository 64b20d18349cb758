import type { Intent, Target } from '../../../model/intent.ts';
import { asObject } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import type { Liveness } from '../../port.ts';
import type { Given } from '../declaration.ts';
import { objectsIn } from '../http.ts';
import type { Call } from '../provider.ts';
import { elsewhere } from './aws-places.ts';
import { doubtfulIam, iamCall, iamVerdict, nobody, textOf } from './aws-query.ts';
import { isOfAccount, type AwsSettings } from './aws.ts';

/** Without `Effect` and `Resource`, which are always `Deny` and `*`. */
export type Statement = Readonly<Record<string, unknown>>;

/** Whose policies a call writes. */
export interface Holder {
  /** As IAM's calls name it. */
  readonly kind: 'Role' | 'User';
  /** `null`: nobody whose policies may be written. */
  readonly nameOf: (target: Target) => string | null;
  /** Why it cannot be done to such, in a fixed word. */
  readonly whyNot: string;
}

/** A step that a policy of its own does: nobody else's policy is written over, and the undo takes back only this one. */
export interface PolicyCall {
  readonly name: Call<AwsSettings>['name'];
  readonly kinds?: Call<AwsSettings>['kinds'];
  readonly facts: Pick<Call<AwsSettings>['facts'], 'effect' | 'undo'>;
  readonly fits: Call<AwsSettings>['fits'];
  readonly statements: (intent: Intent, settings: AwsSettings, nowMs: number) => readonly Statement[];
  /** Of what stands there under our name. Absent: it is dead where that is what would be written. */
  readonly judge?: (found: readonly Statement[], intent: Intent, settings: AwsSettings) => Liveness;
}

/** Makes calls that write a policy for one kind of holder. */
export function policyCalls({ kind, nameOf, whyNot }: Holder): (call: PolicyCall) => Call<AwsSettings> {
  const [put, get, remove] = [`Put${kind}Policy`, `Get${kind}Policy`, `Delete${kind}Policy`];
  const noun = kind.toLowerCase();
  const named = ({ id, target }: Intent): Readonly<Record<string, string>> => ({ [`${kind}Name`]: nameOf(target)!, PolicyName: `Tokenward-${id}` });
  return ({ name, kinds, facts, fits, statements, judge }) => ({
    name, ...(kinds === undefined ? {} : { kinds }),
    facts: { ...facts, delay: 'A few minutes.', rights: `iam:${put}, iam:${get} and iam:${remove} on the ${noun}s concerned.` },
    rights: {
      ask: () => [{
        right: `iam:${get}`, request: (settings) => iamCall(settings, get, { [`${kind}Name`]: nobody, PolicyName: nobody }), classify: doubtfulIam,
      }],
      unasked: `iam:${put} and iam:${remove}`,
    },
    fits: (target, step, settings, keepNetworks) => {
      if (!isOfAccount(target, settings)) return 'other_account';
      return nameOf(target) === null ? whyNot : fits(target, step, settings, keepNetworks);
    },
    request: (intent: Intent, settings: AwsSettings, { nowMs }: Given): OutboundRequest => {
      const denied = statements(intent, settings, nowMs).map((statement) => ({ Effect: 'Deny', Resource: '*', ...statement }));
      return iamCall(settings, put, { ...named(intent), PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: denied }) });
    },
    // AWS counts the length of all policies of one holder together.
    classify: (answer) => iamVerdict(answer, { LimitExceeded: { kind: 'failed', reason: 'policy_too_long' } }),
    verify: {
      isPossible: () => true,
      request: (intent, settings) => iamCall(settings, get, named(intent)),
      classify: (answer, intent, settings) => {
        if (answer.kind === 'answered' && answer.status === 404 && textOf(answer, 'Code') === 'NoSuchEntity') return 'alive';
        const found = iamVerdict(answer).kind === 'done' ? statementsIn(answer) : [];
        if (found.length === 0 || found.some((one) => one['Effect'] !== 'Deny' || one['Resource'] !== '*')) return 'unknown';
        return judge === undefined ? isSame(found, statements(intent, settings, 0)) ? 'dead' : 'unknown' : judge(found, intent, settings);
      },
    },
    undo: {
      request: (intent, settings) => iamCall(settings, remove, named(intent)),
      classify: (answer) => iamVerdict(answer, { NoSuchEntity: { kind: 'already' } }),
    },
  });
}

/** IAM's name of a role (`AROA`) or user (`AIDA`) out of its ARN, or beside its unique id; `null` where there is none. */
export function nameAtIam({ identityId, identityName }: Target, kind: 'role' | 'user', idsBegin: string): string | null {
  const byArn = new RegExp(`^arn:aws[\\w-]*:iam::\\d{12}:${kind}/(?:.*/)?([\\w+=,.@-]{1,64})$`).exec(identityId ?? '')?.[1];
  const name = byArn ?? (new RegExp(`^aws:\\d{12}:${idsBegin}[A-Z0-9]+$`).test(identityId ?? '') ? identityName : null);
  return name !== null && /^[\w+=,.@-]{1,64}$/.test(name) && !name.startsWith(idsBegin) ? name : null;
}

/** Everything is denied from elsewhere than these networks; `who`: conditions that say to whom. */
export function pinnedTo(networks: readonly string[], vpcs: AwsSettings['vpcs'], who: Statement = {}): readonly Statement[] {
  return elsewhere(networks, vpcs).map((places) => ({ Action: '*', Condition: { ...who, ...places } }));
}

/** Answers name policies URL-encoded. A single statement may stand there by itself. */
function statementsIn(answer: OutboundAnswer): readonly Statement[] {
  try {
    const statement = asObject(JSON.parse(decodeURIComponent(textOf(answer, 'PolicyDocument') ?? '')))?.['Statement'];
    return Array.isArray(statement) ? objectsIn(statement) : objectsIn([statement]);
  } catch {
    return [];
  }
}

/** Do two policies deny the same? */
export function isSame(found: readonly Statement[], wanted: readonly Statement[]): boolean {
  const whatIsDenied = ({ Action, Condition }: Statement): unknown => [Action, Condition];
  return JSON.stringify(found.map(whatIsDenied)) === JSON.stringify(wanted.map(whatIsDenied));
}
