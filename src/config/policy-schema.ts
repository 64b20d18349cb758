import { z } from 'zod';
import type { IdentityKind } from '../model/event.ts';
import { incidentKinds } from '../model/incident.ts';
import type { IntentMode } from '../model/intent.ts';
import { freezeSchema } from './freeze.ts';
import { criticalities, tokenKinds } from './inventory-schema.ts';
import { actionSchema, checkpointsSchema, sealSchema, stepKinds } from './respond-schema.ts';
import { duration, file, text, wholeNumber } from './scalars.ts';

const identityKinds = ['human', 'service', 'role', 'client', 'workload', 'provider', 'unknown'] as const satisfies readonly IdentityKind[];
const modes = ['observe', 'approve', 'enforce'] as const satisfies readonly IntentMode[];
/** As policies name them, with the number that alerts carry: at least that. */
export const severities = { low: 21, medium: 47, high: 73, critical: 99 } as const;
export type SeverityName = keyof typeof severities;

/** A plan has few steps: each is one call for one token. */
const maxSteps = 8;
/** Whom `tell` may name. */
const maxTold = 10_000;

const match = z.strictObject({
  severity: z.enum(['low', 'medium', 'high', 'critical']).optional().describe('At least this severe.'),
  detectors: z.array(text).min(1).optional().meta({ title: 'a list of ids of detectors' }),
  token_kinds: z.array(z.enum(tokenKinds)).min(1).optional().meta({ title: 'a list of kinds of token' }),
  identity_kinds: z.array(z.enum(identityKinds)).min(1).optional().meta({ title: 'a list of kinds of identity' }),
  identities: z.array(text).min(1).optional().meta({ title: 'a list of identities as alerts name them' }),
  incident_score: z.number().min(0).max(100).optional().meta({ title: 'a number from 0 to 100' }).describe('At least this risk score of the incident.'),
  incident_kinds: z.array(z.enum(incidentKinds)).min(1).optional().meta({ title: 'a list of kinds of incident' }),
  labels: z.array(text).min(1).optional().meta({ title: 'a list of labels of the inventory' })
    .describe('The token\'s line in the inventory has one of them.'),
  environments: z.array(text).min(1).optional().meta({ title: 'a list of environments of the inventory' }),
  criticality: z.array(z.enum(criticalities)).min(1).optional().meta({ title: `a list of ${criticalities.join(', ')}` })
    .describe('As the inventory tells; what it does not tell does not match.'),
  max_broken: wholeNumber(0, 1_000).optional().describe('At most so many other observed users would be cut off.'),
});

const step = z.strictObject({
  do: z.enum([...stepKinds, 'tell', 'watch'])
    .describe('pin: it goes on from its workload\'s own networks only; deny: refused at the gateway; rotate: its users get another, then it ends; '
      + 'revoke: ended; notify: told; '
      + 'tell: told whom respond.tell names; watch: whether it goes on is looked for in the logs.'),
  by: text.optional().describe('Name of the action that does it. "tell" and "watch" need none.'),
  mode: z.enum(modes).optional().describe('Less than that of the rule, for this step alone: the pin goes by itself, what comes after it waits for a person.'),
  of: z.literal('minted').optional().describe('minted: done to each token that was issued from it, instead of to the token itself.'),
});
const plan = z.array(step).max(maxSteps).meta({ title: `a list of up to ${maxSteps} steps such as { do: deny, by: gateways }; [] for nothing` });

const ruleCaps = z.strictObject({
  per_minute: wholeNumber(0, 1_000).optional(), per_hour: wholeNumber(0, 10_000).optional(), per_day: wholeNumber(0, 100_000).optional(),
});

/** One rule of the policy. The first that matches an alert and a token of it says what is to be done. */
export const policyRule = z.strictObject({
  name: text.describe('Unique name; intents carry it.'),
  match: match.prefault({}).describe('All that is given must hold; nothing given: every alert.'),
  plan,
  on_remint: plan.optional()
    .describe('Steps against the credential, where the thief was given another token after the incident began. A person approves them.'),
  caps: ruleCaps.optional().meta({ title: 'limits such as { per_hour: 5 }' }).describe('Limits of this rule alone, besides respond.caps.'),
  mode: z.enum(modes).default('observe').describe('observe: only shown; approve: done once somebody agreed; enforce: done at once.'),
});

const caps = z.strictObject({
  per_minute: wholeNumber(0, 1_000).default(10),
  per_hour: wholeNumber(0, 10_000).default(50),
  per_day: wholeNumber(0, 100_000).default(20).describe('Or the share of tokens below, whichever is more.'),
  share_of_tokens: z.number().min(0).max(0.05).default(0.005).meta({ title: 'a share from 0 to 0.05' })
    .describe('Of the tokens used in the last 30 days.'),
});

const neverRevoke = z.strictObject({
  identity: text.optional().describe('Identity as alerts name it.'),
  handle: text.optional().describe('Public id of one token: access key id, jti, accessor.'),
  client: text.optional().describe('Name or id of the client.'),
  issuer: text.optional().describe('Authority that issued the token.'),
}).refine((entry) => Object.keys(entry).length > 0).meta({ title: 'at least one of identity, handle, client, issuer' });

const toldBy = z.record(text, text).default({})
  .refine((names) => Object.keys(names).length <= maxTold).meta({ title: 'names, each with the action that tells them' });
const tell = z.strictObject({
  owners: toldBy.describe('Owner in the inventory -> action.'), teams: toldBy.describe('Team in the inventory -> action.'),
  environments: toldBy.describe('Environment in the inventory -> action.'), otherwise: text.describe('The action that tells the rest: your security desk.'),
});

export const respondSection = z.strictObject({
  actions: z.array(actionSchema).default([]).meta({ title: 'a list of actions' }),
  caps: caps.optional().meta({ title: 'limits such as { per_minute: 10, per_hour: 50, per_day: 20 }' })
    .describe('Calls begun; what is over them waits for two people. A policy that enforces must state them.'),
  never_revoke: z.array(neverRevoke).default([]).meta({ title: 'a list of what is never acted upon' })
    .describe('All keys of an entry must be equal. What matches is only shown.'),
  kill_switch_file: file.optional().describe('While this file is not empty, or cannot be read, nothing is done. One that does not exist is off.'),
  max_evidence_age: duration('15m', '1s').default('15m').describe('Of the newest proven use; older intents wait for a fresh one.'),
  max_dependents: wholeNumber(0, 1_000).default(1).describe('Other observed users of a token that a deny or a revocation may break.'),
  freeze: freezeSchema,
  tell: tell.optional().meta({ title: 'actions that tell somebody, such as { otherwise: soc }' })
    .describe('Whom a step "tell" tells: the owner, else the team, else whom the environment names, else the rest.'),
  seal_tokens: sealSchema,
  audit_checkpoints: checkpointsSchema,
});

/** Defaults of `respond.caps`, where the section is left out. */
export const defaultCaps = caps.parse({});
export type Caps = typeof defaultCaps;
export type NeverRevoke = z.output<typeof neverRevoke>;
export type PolicyRule = z.output<typeof policyRule>;
