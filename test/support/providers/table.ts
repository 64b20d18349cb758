import type { Action } from '../../../src/respond/port.ts';

/** Against what an action was tried, by `type.call` or by type; else against a strict fake. */
const tried: Readonly<Record<string, string>> = {
  deny_list: 'a gateway\'s reader of ours', oauth_revocation: '`oidc-provider`', webhook: 'the receiver of its page',
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
