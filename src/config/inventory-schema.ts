import { z } from 'zod';
import type { TokenKind } from '../model/event.ts';
import { duration, file, moment, text, texts, yesOrNo } from './scalars.ts';

/** How much hangs on it, least first. */
export const criticalities = ['low', 'medium', 'high', 'critical'] as const;
const day = z.iso.date().meta({ title: 'a date such as 2026-03-31' });
export const tokenKinds = [
  'access_key', 'temporary_key', 'jwt', 'opaque', 'refresh', 'api_key', 'session', 'service_account_key', 'vault', 'kubernetes', 'certificate',
] as const satisfies readonly TokenKind[];

export const inventoryEntry = z.strictObject({
  match: z.strictObject({
    identity: text.optional().describe('Identity as alerts name it.'),
    handle: text.optional().describe('Public id of one token: access key id, jti, accessor.'),
    client: text.optional().describe('Name or id of the caller in the log.'),
    federation: text.optional().describe('Id of a federated identity credential: the workload is the subject that it trusts.'),
  }).refine((match) => Object.keys(match).length > 0).meta({ title: 'at least one of identity, handle, client, federation' }),
  workload: text.optional().describe('What runs with it, for example spiffe://example.org/rates.'),
  kind: text.optional().describe('Kind of the workload, for example kubernetes or function.'),
  authority: text.optional().describe('Of a federation: whose tokens are trusted, for example https://token.actions.githubusercontent.com.'),
  owner: text.optional().describe('Who answers for it.'),
  team: text.optional().describe('Whose workload it is: told where no owner can be.'),
  vendor: text.optional().describe('Third party that holds it.'),
  environment: text.optional().describe('Where it belongs, for example production.'),
  criticality: z.enum(criticalities).optional().describe('How much hangs on it.'),
  labels: texts.describe('Words of your own, for posture.lifetimes and policy. idp-admin, kafka, siem, gateway-upstream and deployment: never acted upon.'),
  review_by: day.optional().describe('By when somebody looks whether it is still needed.'),
  stored_in: texts.describe('Secrets that hold it, as events name them in tokenward.resource.id: their readers are who has it.'),
  retired: day.optional().describe('Since when it does not run any more: a use from then on is told.'),
  break_glass: z.literal(true).optional().meta({ title: 'true' }).describe('For emergencies only: every use raises an alert.'),
  owner_left: day.optional().describe('Since when its owner has left: a use from then on is told.'),
});

const listedCredential = z.strictObject({
  handle: text.optional(), identity: text.optional(), name: text.optional(), kind: z.enum(tokenKinds),
  created: moment.optional(), last_used: z.union([z.literal('never'), moment]).optional().meta({ title: 'a time, or never' }), expires: moment.optional(),
  active: yesOrNo.default(true), owner: text.optional(), orphaned: yesOrNo.default(false), scopes: z.array(text).optional(),
});

/** What `inventory import` writes. */
const listing = z.strictObject({
  issuer: text, account: text.optional(), kinds: z.array(z.enum(tokenKinds)).min(1), taken_at: moment, credentials: z.array(listedCredential).max(200_000),
});

/** A file of `inventory_files` that is no CSV; a list by itself is one of entries. */
export const inventoryFile = z.strictObject({
  inventory: z.array(inventoryEntry).max(200_000).default([]),
  listings: z.array(listing).max(100).default([]),
});

export const inventoryFiles = z.array(file).max(100).default([]).meta({ title: 'a list of file names' })
  .describe('Further lines of the inventory, as CSV, YAML or JSON, and listings that "inventory import" wrote.');

export const postureSection = z.strictObject({
  lifetimes: z.array(z.strictObject({
    kinds: z.array(z.enum(tokenKinds)).default([]).meta({ title: 'a list of kinds of token' }),
    labels: texts.describe('One of these labels of the inventory; empty: any.'),
    limit: duration('15m', '1s'),
  })).max(100).default([]).meta({ title: 'a list of limits' })
    .describe('How long credentials may live; the first that fits holds. Before the defaults: keys and refresh tokens 90d, everything else 15m.'),
  long_lived: duration('365d', '1d').default('365d').describe('Whatever lives for so long is told, whatever its limit.'),
  unused_after: duration('30d', '1h').default('30d').describe('Never used for so long after it was issued.'),
  dormant_after: duration('90d', '1d').default('90d').describe('Not used for so long.'),
});

export type RawInventoryEntry = z.output<typeof inventoryEntry>;
export type RawInventoryFile = z.output<typeof inventoryFile>;
export type RawListing = z.output<typeof listing>;
export type RawPosture = z.output<typeof postureSection>;
