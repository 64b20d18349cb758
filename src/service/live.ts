import type { Assembly } from '../assemble.ts';
import type { Configuration } from '../config/configuration.ts';
import type { KillSwitch } from '../respond/kill-switch.ts';
import { knowledgeOf } from '../respond/knowledge.ts';
import type { Actions } from '../respond/port.ts';
import { Accounts, readAccounts } from '../server/accounts.ts';
import type { Desk, Triage } from '../server/api/ports.ts';
import type { LiveOptions } from '../server/live.ts';
import type { Readiness } from '../server/readiness.ts';
import type { RefusalNote } from '../server/refusals.ts';
import type { EffectsStore } from '../store/port.ts';
import { ServiceApi } from './api.ts';
import { makeLogin } from './login.ts';
import { packageVersion, pageFolder } from './package-files.ts';

/** Who acts, as far as the API needs it. */
export interface Acting {
  readonly desk: Desk;
  readonly triage: Triage;
  readonly killSwitch: Pick<KillSwitch, 'state'>;
  readonly actions: Actions;
}

/** What the API, the live stream and the page are made of, over the service's pieces. Throws where the file of accounts cannot be used. */
export function makeLive(
  { server, respond, posture, exceptions, listings }: Configuration, assembly: Assembly,
  { desk, triage, killSwitch, actions }: Acting, readiness: () => Readiness,
): { readonly api: ServiceApi; readonly options: LiveOptions } {
  const { store, correlator, intel, ruleOf, decisions } = assembly;
  const version = packageVersion();
  const knowledge = knowledgeOf(correlator);
  const api = new ServiceApi({
    version, correlator, intel, ruleOf, actions, killSwitch, readiness, effects: store.effects, caps: respond.caps, nowMs: Date.now,
    links: server, posture: { policy: { ...posture, exceptions }, listings },
    denyLists: respond.actions.filter((action) => action.type === 'deny_list')
      .map(({ name, gateways }) => ({ name, gateways: gateways.map((gateway) => gateway.name) })),
    get rules() { return decisions.policy.rules; },
    dependents: (token, alert) => knowledge.dependents(token, alert),
  });
  const options: LiveOptions = {
    version, reader: api, feed: api, desk, triage, publicUrl: server.publicUrl, pageDir: pageFolder(),
    accounts: accountsOf(server), login: server.login === null ? null : makeLogin(server.login, server.publicUrl as string),
    audit: (note) => keep(note, store.effects),
  };
  return { api, options };
}

/** Where people log in elsewhere, there are accounts even without one of our own. */
function accountsOf({ accountsFile, login }: Configuration['server']): Accounts | null {
  if (accountsFile !== null) return readAccounts(accountsFile);
  return login === null ? null : new Accounts([]);
}

/** Refusals belong in the chain; where it cannot be written, the service has worse troubles and tells of them. */
function keep({ reason, status, route, account, count, timeMs }: RefusalNote, effects: EffectsStore): void {
  try {
    effects.transact(() => ({ audit: [{ timeMs, kind: 'api.refused', actor: account, subject: route, detail: { reason, status, count } }] }));
  } catch {
    // Told by the loop, whose next commit fails as well.
  }
}
