import type { Action } from '../../../src/respond/port.ts';

const moto = 'a strict fake; `moto` 5.2 with AWS\'s rules added, a stand-in';
/** Against what an action was tried, by `type.call` or by type; else against a strict fake. */
const tried: Readonly<Record<string, string>> = {
  deny_list: 'HAProxy 2.6, Envoy 1.40, nginx 1.22, a gateway\'s reader of ours', keycloak: 'a strict fake; Keycloak 26.7',
  vault: 'a strict fake; OpenBao 2.6, the core of Vault 1.14 (where `TEST_VAULT` names one)',
  kubernetes: 'a strict fake; `kube-apiserver` 1.36 with its audit log (where `TEST_KUBERNETES` names one)',
  'aws.access_key': moto, 'aws.user_keys': moto, 'aws.role_sessions': moto, 'aws.session': moto,
  'aws.outbound_federation': 'a strict fake; the policy, not its effect, at `moto` (by hand)',
  'rotation.aws_access_key': moto, 'rotation.keycloak_secret': 'a strict fake; Keycloak 26.7 with the preview switched on (by hand)',
  oci: 'a strict fake; signatures equal to those of Oracle\'s SDK (by hand)',
  oauth_revocation: '`oidc-provider`, Keycloak 26.7', webhook: 'the receiver of its page',
  spire: 'a strict fake; SPIRE 1.15.3 (where `TEST_SPIRE` names its programs)',
  shared_signals: 'a receiver of ours, signatures checked with `jose`',
};

export interface TableRow { readonly name: string; readonly action: Action }

/** The facts of all actions as a table in Markdown. */
export function tableOf(rows: readonly TableRow[]): string {
  const head = ['action', 'steps', 'live tokens', 'delay', 'undo', 'can be asked', 'least rights', 'tried against'];
  const lines = rows.map(({ name, action }) => {
    const { facts: { effect, delay, undo, rights }, kinds, probe } = action;
    const [type = '', call] = name.split('.', 2);
    const against = tried[name] ?? tried[type] ?? 'a strict fake';
    return [call === undefined ? `\`${type}\`` : `\`${type}\` \`${call}\``, kinds.join(', '), effect, delay, undo ?? 'None.', probe === null ? 'no' : 'yes', rights, against];
  });
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}
