import type { Assembly } from '../assemble.ts';
import type { Configuration } from '../config/configuration.ts';
import type { KillSwitch } from '../respond/kill-switch.ts';
import type { AuditNote } from '../model/audit.ts';
import { knowledgeOf } from '../respond/knowledge.ts';
import type { Actions } from '../respond/port.ts';
import { Accounts, readAccounts } from '../server/accounts.ts';
import type { Desk, Triage } from '../server/api/ports.ts';
import type { LiveOptions } from '../server/live.ts';
import type { CanaryView } from '../server/api/shapes.ts';
import type { Readiness } from '../server/readiness.ts';
import type { RefusalNote } from '../server/refusals.ts';
import type { EffectsStore } from '../store/port.ts';
import { ServiceApi } from './api.ts';
import type { Measures } from './health.ts';
import type { PostureParts } from './inventory.ts';
import { makeLogin } from './login.ts';
import { packageVersion, pageFolder } from './package-files.ts';

/** Names of accounts in one entry of the audit. */
const maxListed = 20;

/** Who acts, as far as the API needs it. */
export interface Acting {
  readonly desk: Desk;
  readonly triage: Triage;
  readonly killSwitch: Pick<KillSwitch, 'state'>;
  readonly actions: Actions;
}

/** What the service knows of itself. */
export interface Knowing {
  readonly readiness: () => Readiness;
  readonly measures: Measures;
  readonly canaries: () => readonly CanaryView[];
}

export interface LiveParts {
  readonly api: ServiceApi;
  readonly options: LiveOptions;
  /** Takes over accounts, and what posture is judged by: nothing that alerts or plans rest on. Throws as `readAccounts`; then the former ones count. */
  reload(changed: Configuration): void;
}

/** What the API, the live stream and the page are made of, over the service's pieces. Throws where the file of accounts cannot be used. */
export function makeLive(
  configuration: Configuration, assembly: Assembly, { desk, triage, killSwitch, actions }: Acting, knowing: Knowing,
): LiveParts {
  const { server, respond, store: { checkpointEveryMs } } = configuration;
  const { store, correlator, intel, ruleOf, decisions } = assembly;
  const version = packageVersion();
  const knowledge = knowledgeOf(correlator);
  const api = new ServiceApi({
    version, correlator, intel, ruleOf, actions, killSwitch, checkpointEveryMs, ...knowing, dir: store.dir,
    exceptions: () => assembly.exceptions.list(), effects: store.effects, caps: respond.caps, nowMs: Date.now,
    links: server, posture: postureOf(configuration),
    denyLists: respond.actions.filter((action) => action.type === 'deny_list')
      .map(({ name, gateways }) => ({ name, gateways: gateways.map((gateway) => gateway.name) })),
    get rules() { return decisions.policy.rules; },
    dependents: (token, alert) => knowledge.dependents(token, alert),
  });
  const accounts = accountsOf(server);
  const options: LiveOptions = {
    version, reader: api, feed: api, desk, triage, publicUrl: server.publicUrl, pageDir: pageFolder(),
    accounts, login: server.login === null ? null : makeLogin(server.login, server.publicUrl as string),
    audit: (note) => keep(note, store.effects),
  };
  const { accountsFile } = server;
  return {
    api, options,
    reload(changed) {
      if (accountsFile !== null && accounts !== null) renew(accounts, accountsFile, store.effects);
      api.judgeBy(postureOf(changed));
    },
  };
}

function postureOf({ posture, exceptions, listings }: Configuration): PostureParts {
  return { policy: { ...posture, exceptions }, listings };
}

/** Where people log in elsewhere, there are accounts even without one of our own. */
function accountsOf({ accountsFile, login }: Configuration['server']): Accounts | null {
  if (accountsFile !== null) return readAccounts(accountsFile);
  return login === null ? null : new Accounts([]);
}

/** Reads the file again; who is not in it any more has no session and no stream from then on. Throws `CredentialsError`; then the former ones count. */
function renew(accounts: Accounts, file: string, effects: EffectsStore): void {
  const { added, removed } = accounts.replaceBy(readAccounts(file));
  if (added.length + removed.length === 0) return;
  const detail = { added: listed(added), removed: listed(removed) };
  keepNote({ timeMs: Date.now(), kind: 'accounts.reloaded', actor: 'operator', subject: 'accounts_file', detail }, effects);
}

function listed(titles: readonly string[]): string {
  return titles.slice(0, maxListed).join(', ') + (titles.length > maxListed ? `, and ${titles.length - maxListed} more` : '');
}

function keep({ reason, status, route, account, count, timeMs }: RefusalNote, effects: EffectsStore): void {
  keepNote({ timeMs, kind: 'api.refused', actor: account, subject: route, detail: { reason, status, count } }, effects);
}

/** Refusals and the like belong in the chain; where it cannot be written, the service has worse troubles and tells of them. */
function keepNote(note: AuditNote, effects: EffectsStore): void {
  try {
    effects.transact(() => ({ audit: [note] }));
  } catch {
    // Told by the loop, whose next commit fails as well.
  }
}
