import type { Configuration } from '../config/configuration.ts';
import type { NeverRevoke } from '../config/policy-schema.ts';
import type { ActionSection } from '../config/respond-schema.ts';

/** What this service itself lives and acts on, as entries of what is never acted upon: cut off, it could neither see nor act. */
export function ownCredentials({ kafka, sinks, respond }: Pick<Configuration, 'kafka' | 'sinks' | 'respond'>): NeverRevoke[] {
  const names = [
    kafka?.sasl?.username, kafka?.schema_registry?.username, ...sinks.map((sink) => ('username' in sink ? sink.username : undefined)),
    ...respond.actions.map(accountOf),
  ].filter((name) => name !== undefined);
  const keys = respond.actions.flatMap((action) => (action.type === 'aws' ? [{ handle: action.access_key_id }] : []));
  return [...names.flatMap((name) => [{ client: name }, { identity: name }]), ...keys];
}

/** As whom the action shows itself at its provider, where the configuration says so. */
function accountOf(action: ActionSection): string | undefined {
  // Its client is the one whose tokens are revoked.
  if (action.type === 'oauth_revocation') return action.introspection_client_id;
  if ('client_id' in action) return action.client_id;
  if ('user_id' in action) return action.user_id;
  return 'user_name' in action ? action.user_name : undefined;
}
