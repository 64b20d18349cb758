import { z } from 'zod';
import type { DeniedBy } from '../model/denial.ts';
import type { StepKind } from '../model/intent.ts';
import { exposure, http, providerSections } from './provider-schema.ts';
import { rotationSection } from './rotation-schema.ts';
import { duration, file, text, wholeNumber } from './scalars.ts';

export const stepKinds = ['pin', 'deny', 'rotate', 'revoke', 'notify'] as const satisfies readonly StepKind[];
const deniedBy = ['jti', 'sha256', 'subject', 'client'] as const satisfies readonly DeniedBy[];

const shownBy = z.enum(['client_secret_basic', 'client_secret_post']).default('client_secret_basic')
  .describe('How the client shows its secret.');

const gateway = z.strictObject({
  name: text.describe('Shown where the gateway is late.'),
  credentials_file: file.describe('SHA-256 of the bearer token by which the gateway fetches the list: see the README.'),
  format: z.enum(['haproxy', 'envoy', 'nginx']).optional().meta({ title: 'haproxy, envoy or nginx' })
    .describe('Steps that this kind of gateway cannot be told of are refused. Absent: it can be told of everything.'),
});

const gatewayFiles = z.strictObject({
  format: z.enum(['haproxy', 'envoy', 'nginx']).meta({ title: 'haproxy, envoy or nginx' }),
  path: text.describe('A folder for the maps of HAProxy and nginx, a file for Envoy.'),
});

const denyList = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/).meta({ title: 'a name of a-z, 0-9, _ and - (it is part of a URL)' }),
  type: z.literal('deny_list'),
  signing_key_file: file.describe('Ed25519 private key in PEM: openssl genpkey -algorithm ed25519.'),
  file: text.optional().describe('The list is also kept here, for gateways on this machine.'),
  writes: z.array(gatewayFiles).max(8).default([]).meta({ title: 'a list such as { format: haproxy, path: /etc/haproxy/tokenward }' })
    .describe('The list in the forms that gateways read themselves; see docs/deny-list.md.'),
  gateways: z.array(gateway).max(64).default([]).meta({ title: 'a list of gateways such as { name: edge, credentials_file: edge.sha256 }' })
    .describe('Who fetches GET /deny-lists/<name>. What all of them have fetched is known to be in force.'),
  by: z.array(z.enum(deniedBy)).min(1).default(['jti', 'sha256']).meta({ title: `a list of ${deniedBy.join(', ')}` })
    .describe('What gateways can compare, the best first. subject and client stop every token of theirs.'),
  max_entries: wholeNumber(1, 50_000).default(5_000),
  exposure: exposure('30s'),
});

const oauthRevocation = z.strictObject({
  name: text, type: z.literal('oauth_revocation'), issuer: text.describe('As tokens and events name it.'),
  revocation_endpoint: text, introspection_endpoint: text.optional().describe('Asked for proof; absent: there is none.'),
  client_id: text.describe('The client that the tokens were issued to.'), client_secret_file: file, client_auth: shownBy,
  introspection_client_id: text.optional().describe('Who asks, where it is another client.'), introspection_client_secret_file: file.optional(),
  ...http, exposure: exposure('1m'),
});

const webhook = z.strictObject({
  name: text, type: z.literal('webhook'), url: text, secret_file: file.describe('Signing keys, whsec_… one a line.'),
  does: z.array(z.enum(stepKinds)).min(1).default(['notify']).meta({ title: 'a list of pin, deny, rotate, revoke, notify' }),
  patience: duration('24h', '1s').default('24h').describe('Of rotate: so long users have to be seen on the new credential; then a person is asked.'),
  status_url: text.optional().describe('Answers a signed question with {"active": true} or {"active": false}.'),
  ...http, exposure: exposure('5m'),
});

/** An action that plans may name, with the settings of its kind. */
export const actionSchema = z.discriminatedUnion('type', [denyList, oauthRevocation, webhook, rotationSection, ...providerSections]);

export type ActionSection = z.output<typeof actionSchema>;
export type SectionOf<Type extends ActionSection['type']> = Extract<ActionSection, { type: Type }>;

/** Whether and how tokens that an action needs are kept, sealed. */
export const sealSchema = z.strictObject({
  public_key_file: file.describe('X25519 public key in PEM; tokens are sealed to it where they are read.'),
  private_key_file: file.optional().describe('Its private key: openssl genpkey -algorithm x25519. Absent: nothing here opens a token.'),
}).optional().meta({ title: 'keys such as { public_key_file: seal.pub, private_key_file: seal.key }' })
  .describe('Keeps tokens until they expire, so that oauth_revocation can name them. Off where left out.');

/** Where the audit chain is signed. */
export const checkpointsSchema = z.strictObject({
  signing_key_file: file.describe('Ed25519 private key in PEM: openssl genpkey -algorithm ed25519. A new key begins a new file.'),
  file: text.describe('Only ever added to; put it where this service cannot change what stands in it.'),
}).optional().meta({ title: 'a key and a file such as { signing_key_file: audit.key, file: /mnt/audit/checkpoints }' })
  .describe('Signs the newest entry of the audit chain every 1,000 entries or minute.');

export type CheckpointsSection = z.output<typeof checkpointsSchema>;

export type SealSection = z.output<typeof sealSchema>;

const awsSteps: Readonly<Record<string, readonly StepKind[]>> = { user_keys: ['pin'], role_sessions: ['pin', 'revoke'], session: ['pin', 'revoke'] };

/** The steps that a plan may give to this action. */
export function stepsOf(action: ActionSection): readonly StepKind[] {
  switch (action.type) {
    case 'deny_list': return ['pin', 'deny'];
    case 'oauth_revocation': return ['revoke'];
    case 'webhook': return action.does;
    case 'rotation': return ['rotate'];
    case 'aws': return awsSteps[action.call] ?? ['revoke'];
    case 'shared_signals': return ['revoke', 'notify'];
    default: return ['revoke'];
  }
}

/** The action shows the token itself to the other side, or reads what it is bound to, so that it must be kept, sealed. */
export function needsToken(action: ActionSection): boolean {
  switch (action.type) {
    case 'oauth_revocation': case 'github': return true;
    case 'keycloak': case 'ping_federate': return action.call === 'session';
    case 'kubernetes': return action.call === 'pod';
    case 'google': return action.call === 'apigee_key';
    default: return false;
  }
}
