import type { Intent, Target } from '../../../model/intent.ts';
import { asObject } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import type { Liveness } from '../../port.ts';
import type { Given } from '../declaration.ts';
import { providerOf, type Call } from '../provider.ts';
import { doubtfulIam, iamCall, iamVerdict, nobody, textOf } from './aws-query.ts';
import { aws, isOfAccount, type AwsSettings } from './aws.ts';

type Statement = Readonly<Record<string, unknown>>;

/** A step that a policy of its own on the role does: nobody else's policy is written over, and the undo takes back only this one. */
interface PolicyCall {
  readonly name: Call<AwsSettings>['name'];
  readonly kinds?: Call<AwsSettings>['kinds'];
  readonly facts: Pick<Call<AwsSettings>['facts'], 'effect' | 'undo'>;
  readonly fits: (target: Target) => string | null;
  readonly statement: (intent: Intent, nowMs: number) => Statement;
  /** Of what stands there under our name. */
  readonly judge: (found: Statement, intent: Intent) => Liveness;
}

function policyCall({ name, kinds, facts, fits, statement, judge }: PolicyCall): Call<AwsSettings> {
  const named = (intent: Intent): Readonly<Record<string, string>> => ({ RoleName: roleOf(intent.target)!, PolicyName: `Tokenward-${intent.id}` });
  return {
    name, ...(kinds === undefined ? {} : { kinds }),
    facts: { ...facts, delay: 'A few minutes.', rights: 'iam:PutRolePolicy, iam:GetRolePolicy and iam:DeleteRolePolicy on the roles concerned.' },
    rights: {
      ask: () => [{
        right: 'iam:GetRolePolicy', request: (settings) => iamCall(settings, 'GetRolePolicy', { RoleName: nobody, PolicyName: nobody }), classify: doubtfulIam,
      }],
      unasked: 'iam:PutRolePolicy and iam:DeleteRolePolicy',
    },
    fits: (target, _kind, settings) => {
      if (!isOfAccount(target, settings)) return 'other_account';
      return roleOf(target) === null ? 'role_not_editable' : fits(target);
    },
    request: (intent: Intent, settings: AwsSettings, { nowMs }: Given): OutboundRequest => {
      const document = { Version: '2012-10-17', Statement: { Effect: 'Deny', Resource: '*', ...statement(intent, nowMs) } };
      return iamCall(settings, 'PutRolePolicy', { ...named(intent), PolicyDocument: JSON.stringify(document) });
    },
    classify: (answer) => iamVerdict(answer),
    verify: {
      isPossible: () => true,
      request: (intent, settings) => iamCall(settings, 'GetRolePolicy', named(intent)),
      classify: (answer, intent) => {
        if (answer.kind === 'answered' && answer.status === 404 && textOf(answer, 'Code') === 'NoSuchEntity') return 'alive';
        const found = iamVerdict(answer).kind === 'done' ? statementIn(answer) : null;
        return found === null || found['Effect'] !== 'Deny' || found['Resource'] !== '*' ? 'unknown' : judge(found, intent);
      },
    },
    undo: {
      request: (intent, settings) => iamCall(settings, 'DeleteRolePolicy', named(intent)),
      classify: (answer) => iamVerdict(answer, { NoSuchEntity: { kind: 'already' } }),
    },
  };
}

/** Answers name policies URL-encoded. */
function statementIn(answer: OutboundAnswer): Statement | null {
  try {
    return asObject(asObject(JSON.parse(decodeURIComponent(textOf(answer, 'PolicyDocument') ?? '')))?.['Statement']);
  } catch {
    return null;
  }
}

/** The role's name; `null` for what is no role, and for roles whose policies nobody but AWS may write. */
function roleOf({ identityId, identityName }: Target): string | null {
  const byArn = /^arn:aws[\w-]*:iam::\d{12}:role\/(?:.*\/)?([\w+=,.@-]{1,64})$/.exec(identityId ?? '')?.[1];
  const name = byArn ?? (/^aws:\d{12}:AROA[A-Z0-9]+$/.test(identityId ?? '') ? identityName : null);
  if (name === null || !/^[\w+=,.@-]{1,64}$/.test(name) || name.startsWith('AROA')) return null;
  return name.startsWith('AWSReservedSSO_') || name.startsWith('AWSServiceRoleFor') ? null : name;
}

function isTemporary({ tokenKind }: Target): string | null {
  return tokenKind === 'temporary_key' ? null : 'token_kind_not_supported';
}

function conditionOf(found: Statement, operator: string, key: string): unknown {
  return asObject(asObject(found['Condition'])?.[operator])?.[key];
}

const roleSessions = policyCall({
  name: 'role_sessions',
  facts: {
    effect: 'All sessions of the role that began before now are denied everything, whoever holds them; later ones and long-term keys are not touched.',
    undo: 'The policy is taken off the role. Sessions that have not ended work again, the stolen one too.',
  },
  fits: isTemporary,
  // Attempts after the first cut no more than it did.
  statement: ({ sentMs }, nowMs) =>
    ({ Action: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(sentMs ?? nowMs).toISOString().replace(/\.\d+Z$/, 'Z') } } }),
  judge: (found, { sentMs, decidedMs }) => {
    const time = conditionOf(found, 'DateLessThan', 'aws:TokenIssueTime');
    const cutMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
    // Written down to the second.
    return found['Action'] === '*' && cutMs >= (sentMs ?? decidedMs) - 1000 ? 'dead' : 'unknown';
  },
});

/** `AROA...:name`: what a policy compares `aws:userId` with. No character of it means anything else there. */
const sessionId = /^AROA[A-Z0-9]{12,124}:[\w+=,.@-]{2,64}$/;

const session = policyCall({
  name: 'session',
  kinds: ['pin', 'revoke'],
  facts: {
    effect: 'The sessions of this one name are denied everything, also later ones under the same name; pinned, they go on from their own networks only. '
      + 'Other sessions of the role go on.',
    undo: 'The policy is taken off the role. The session works again if it has not ended.',
  },
  fits: (target) => isTemporary(target) ?? (sessionId.test(target.userId ?? '') ? null : 'no_public_id'),
  statement: (intent) => ({ Action: '*', Condition: sessionCondition(intent) }),
  judge: (found, intent) =>
    (found['Action'] === '*' && JSON.stringify(found['Condition']) === JSON.stringify(sessionCondition(intent)) ? 'dead' : 'unknown'),
});

function sessionCondition({ kind, target, keepNetworks }: Intent): Statement {
  const who = { StringEquals: { 'aws:userId': target.userId! } };
  if (kind === 'revoke') return who;
  // An empty list must never come to mean "none of it goes on".
  if (keepNetworks.length === 0) throw new Error('nothing to keep');
  // What services of AWS do in the session's name comes from their addresses.
  return { ...who, NotIpAddress: { 'aws:SourceIp': keepNetworks }, Bool: { 'aws:ViaAWSService': 'false' } };
}

const federation = 'sts:GetWebIdentityToken';

const outboundFederation = policyCall({
  name: 'outbound_federation',
  facts: {
    effect: 'The role gets no more tokens for services outside AWS. Those already handed out are good until they expire.',
    undo: 'The policy is taken off the role.',
  },
  fits: ({ tokenKind }) => (tokenKind === 'jwt' || tokenKind === 'temporary_key' ? null : 'token_kind_not_supported'),
  statement: () => ({ Action: federation }),
  judge: (found) => (found['Action'] === federation && found['Condition'] === undefined ? 'dead' : 'unknown'),
});

export const awsRole = {
  role_sessions: providerOf(aws, roleSessions), session: providerOf(aws, session), outbound_federation: providerOf(aws, outboundFederation),
};
