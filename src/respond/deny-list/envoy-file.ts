import type { Denial } from '../../model/denial.ts';

/** The filter's name in Envoy's configuration. */
const filter = 'tokenward_deny';
const claims = { jti: 'jti', subject: 'sub', client: 'client_id' } as const;

/**
 * An RBAC filter for Envoy's extension discovery from a file: who matches a policy is refused. Claims come from what `jwt_authn` keeps
 * under `payload`. Without entries it has no rules, which allows everything.
 */
export function envoyFile(entries: readonly Denial[], version: number | string): string {
  const policies = Object.fromEntries(entries.map((entry) => [entry.intentId, { permissions: [{ any: true }], principals: [principalOf(entry)] }]));
  const rules = entries.length === 0 ? {} : { rules: { action: 'DENY', policies } };
  const rbac = { '@type': 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC', ...rules };
  const extension = { '@type': 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig', name: filter, typed_config: rbac };
  return `${JSON.stringify({ version_info: String(version), resources: [extension] })}\n`;
}

function principalOf({ by, value, issuer, keep }: Denial): unknown {
  // Entries by a digest are refused before they come here.
  const ids = [claim(by === 'sha256' ? 'jti' : claims[by], value), ...issuer === null ? [] : [claim('iss', issuer)]];
  if (keep === null) return { and_ids: { ids } };
  // As the access log tells it, by which the places were learnt.
  const places = keep.networks.map((network) => {
    const [address, bits] = network.split('/');
    return { remote_ip: { address_prefix: address, prefix_len: Number(bits) } };
  });
  return { and_ids: { ids: [...ids, { not_id: { or_ids: { ids: places } } }] } };
}

function claim(name: string, value: string): unknown {
  const path = [{ key: 'payload' }, { key: name }];
  return { metadata: { filter: 'envoy.filters.http.jwt_authn', path, value: { string_match: { exact: value } } } };
}
