import { issuer } from './authorization-server.ts';

/** How the story's Tokenward is told to respond. */
export interface Response {
  /** Where everything stands. */
  readonly folder: string;
  /** `enforce`: at once; `approve`: after a click. */
  readonly mode: 'approve' | 'enforce';
  readonly listen: string;
  readonly tokenDeskUrl: string;
  readonly vendorNetworks: readonly string[];
}

/**
 * The configuration that an operator of this company would write: where the logs are, whose the networks are, what may be
 * done. Neither a token nor a workload is named, and nothing of a theft.
 */
export function settings({ folder, mode, listen, tokenDeskUrl, vendorNetworks }: Response): string {
  return `# Written by \`tokenward demo\`.
sources:
  - { name: edge-gateway, type: file, paths: ['${folder}/edge.ndjson'], formats: [envoy.access], issuers: ['${issuer}'] }
  - { name: partner-gateway, type: file, paths: ['${folder}/partner.ndjson'], formats: [haproxy.http], issuers: ['${issuer}'], refuses_anonymous: true }
  - { name: authorization-server, type: file, paths: ['${folder}/authorization.ndjson'], formats: [oidc-provider.audit], issuers: ['${issuer}'] }

networks:
  - { name: our own estate, cidrs: [10.0.0.0/8], class: private }
  - { name: the vendor, cidrs: [${vendorNetworks.join(', ')}], class: hosting }

policy:
  - name: stolen-token
    match: { severity: high }
    mode: ${mode}
    plan:
      - { do: pin, by: gateways }
      - { do: deny, by: gateways }
      - { do: revoke, by: token-desk }

respond:
  caps: { per_minute: 10, per_hour: 50, per_day: 20 }
  kill_switch_file: ${folder}/kill-switch
  actions:
    - name: gateways
      type: deny_list
      signing_key_file: ${folder}/deny-list.key
      exposure: 2s
      gateways:
        - { name: edge, credentials_file: '${folder}/edge.sha256' }
        - { name: partner, credentials_file: '${folder}/partner.sha256' }
    - name: token-desk
      type: webhook
      url: ${tokenDeskUrl}/revoke
      status_url: ${tokenDeskUrl}/status
      secret_file: ${folder}/token-desk.secret
      does: [revoke]
      allow_private: true
      exposure: 5s

server: { listen: '${listen}', accounts_file: '${folder}/accounts' }
store: { dir: '${folder}/data', checkpoint_every: 2s }
`;
}
