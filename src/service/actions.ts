import type { Assembly } from '../assemble.ts';
import type { Configuration } from '../config/configuration.ts';
import { openActions, type ActionsParts } from '../respond/actions/index.ts';
import { watchAction, watchName } from '../respond/actions/watch.ts';
import { knowledgeOf } from '../respond/knowledge.ts';
import { tokenOpener } from '../respond/open-token.ts';
import type { Actions } from '../respond/port.ts';
import { readCredentials } from '../server/credentials.ts';
import type { ServedList } from '../server/deny-lists.ts';
import { tracedAction } from './spans.ts';

export interface MadeActions {
  readonly actions: Actions;
  /** What gateways fetch. */
  readonly denyLists: readonly ServedList[];
}

/** The actions that the configuration names. Throws where a key, a secret or a URL cannot be used. */
export function makeActions({ respond }: Configuration, { store, correlator }: Assembly, onClockOff?: ActionsParts['onClockOff']): MadeActions {
  const { sealed, denials } = store.effects;
  const keyFile = respond.sealTokens?.private_key_file;
  sealed.forgetEnded(Date.now());
  const canonical = (fingerprint: string): string => correlator.token(fingerprint)?.fingerprint ?? fingerprint;
  const openToken = keyFile === undefined ? null : tokenOpener(keyFile, { store: sealed, canonical });
  const { actions, denyLists } = openActions(respond.actions, { denials, openToken, ...(onClockOff === undefined ? {} : { onClockOff }) });
  const knowledge = knowledgeOf(correlator);
  const watching = watchAction(({ target, alertId }) => {
    const alert = store.effects.alert(alertId);
    return alert === null ? [] : knowledge.dependents(target.token, alert);
  });
  const served = denyLists.map((list) => {
    list.publish();
    const section = respond.actions.find(({ name }) => name === list.name);
    const gateways = section?.type === 'deny_list' ? section.gateways : [];
    return {
      name: list.name, gateways: gateways.map(({ name, credentials_file: file }) => ({ name, credentials: readCredentials(file) })),
      current: () => list.current(), acknowledge: (gateway: string, number: number) => list.acknowledge(gateway, number),
    };
  });
  return { actions: new Map([...actions, [watchName, watching] as const].map(([name, action]) => [name, tracedAction(action)])), denyLists: served };
}
