import { z } from 'zod';
import type { StepKind } from '../model/intent.ts';
import { file, text } from './scalars.ts';

/** An action that plans may name, with the settings of its kind. */
export const actionSchema = z.discriminatedUnion('type', [
  z.strictObject({ name: text, type: z.literal('deny_list') }),
  z.strictObject({
    name: text, type: z.literal('oauth_revocation'), issuer: text, revocation_endpoint: text, introspection_endpoint: text.optional(),
    client_id: text.optional(), client_secret_file: file.optional(),
  }),
  z.strictObject({
    name: text, type: z.literal('webhook'), url: text, secret_file: file,
    does: z.array(z.enum(['pin', 'deny', 'revoke', 'notify'])).min(1).default(['notify']).meta({ title: 'a list of pin, deny, revoke, notify' }),
  }),
]);

export type ActionSection = z.output<typeof actionSchema>;

/** Whether and how secrets that an action needs are kept, sealed. */
export const sealSchema = z.boolean().default(false).meta({ title: 'true or false' });

/** The steps that a plan may give to this action. */
export function stepsOf(action: ActionSection): readonly StepKind[] {
  switch (action.type) {
    case 'deny_list': return ['pin', 'deny'];
    case 'oauth_revocation': return ['revoke'];
    case 'webhook': return action.does;
  }
}
