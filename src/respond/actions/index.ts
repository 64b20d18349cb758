import { readFileSync } from 'node:fs';
import type { ActionSection, SectionOf } from '../../config/respond-schema.ts';
import { durationMs } from '../../config/units.ts';
import { checkedClient, type Send } from '../../outbound/client.ts';
import type { Resolve } from '../../outbound/egress.ts';
import type { DenialStore } from '../../store/denial-port.ts';
import { DenyList } from '../deny-list/deny-list.ts';
import { readSigner } from '../deny-list/document.ts';
import type { Action, Actions } from '../port.ts';
import { withAuthorizer, type Authorizer } from './auth/authorizer.ts';
import type { HttpProvider } from './declaration.ts';
import { denyList } from './deny-list.ts';
import { oauthRevocation } from './oauth-revocation.ts';
import { askingOwnName } from './own-name.ts';
import { makeAction, type OpenToken } from './perform.ts';
import { askRights } from './rights.ts';
import { apim } from './providers/apim.ts';
import { awsCalls } from './providers/aws-services.ts';
import { entra } from './providers/entra.ts';
import { github } from './providers/github.ts';
import { google } from './providers/google.ts';
import { keycloak } from './providers/keycloak.ts';
import { kong } from './providers/kong.ts';
import { kubernetes } from './providers/kubernetes.ts';
import { ociDomain } from './providers/oci-domain.ts';
import { oci } from './providers/oci.ts';
import { okta } from './providers/okta.ts';
import { ords } from './providers/ords.ts';
import { pingFederate, pingOne } from './providers/ping.ts';
import { sharedSignals } from './providers/shared-signals.ts';
import { vault } from './providers/vault.ts';
import { openRotation } from './rotation/open.ts';
import { openSpire } from './spire/open.ts';
import { withRotation } from './webhook-rotation.ts';
import { webhook } from './webhook.ts';

export interface ActionsParts {
  readonly denials: DenialStore;
  /** See `ActionParts`. */
  readonly openToken: OpenToken | null;
  readonly now?: () => number;
  readonly resolve?: Resolve;
  /** A provider's clock is so far ahead of ours (ms; negative: behind) that it refused what we had dated. */
  readonly onClockOff?: (action: string, offsetMs: number) => void;
}

/** Actions that speak HTTP. */
type HttpSection = Exclude<ActionSection, { type: 'deny_list' | 'spire' }>;

/** What the configuration names under `respond.actions`, ready to be called. */
export interface OpenedActions {
  readonly actions: Actions;
  /** For the server, which gives them out to gateways. */
  readonly denyLists: readonly DenyList[];
}

/** Throws an `Error` in plain words where a URL, key or secret cannot be used. */
export function openActions(sections: readonly ActionSection[], parts: ActionsParts): OpenedActions {
  const actions = new Map<string, Action>();
  const denyLists: DenyList[] = [];
  for (const section of sections) {
    if (actions.has(section.name)) throw new Error(`two actions are named ${section.name}`);
    if (section.type !== 'deny_list') {
      actions.set(section.name, section.type === 'spire' ? openSpire(section, parts) : openProvider(section, parts));
      continue;
    }
    const list = openList(section, parts);
    denyLists.push(list);
    actions.set(section.name, openDenial(section, list, parts));
  }
  return { actions, denyLists };
}

function openList(section: SectionOf<'deny_list'>, { denials, now }: ActionsParts): DenyList {
  const { name, signing_key_file: keyFile, gateways, file, writes, max_entries: maxEntries } = section;
  return new DenyList({
    name, signer: readSigner(keyFile), store: denials, gateways: gateways.map((gateway) => gateway.name), file: file ?? null, gatewayFiles: writes,
    formats: gateways.flatMap(({ format }) => (format === undefined ? [] : [format])), maxEntries,
    ...(now === undefined ? {} : { now }),
  });
}

function openDenial({ name, by, gateways, exposure }: SectionOf<'deny_list'>, list: DenyList, parts: ActionsParts): Action {
  const settings = { by, isFetched: gateways.length > 0, exposureMs: durationMs(exposure) as number };
  return makeAction(denyList, settings, { ...parts, name, send: (request) => Promise.resolve(list.handle(request)) });
}

/** One line for each provider that speaks HTTP. */
function openProvider(section: HttpSection, parts: ActionsParts): Action {
  switch (section.type) {
    case 'oauth_revocation': return openHttp(oauthRevocation, section, parts);
    case 'webhook': return openWebhook(section, parts);
    case 'rotation': return openRotation(section, (urls) => clientFor(section, urls, parts), parts.now);
    case 'keycloak': return openHttp(keycloak[section.call], section, parts);
    case 'aws': return openHttp(awsCalls[section.call], section, parts);
    case 'entra': return openHttp(entra[section.call], section, parts);
    case 'apim': return openHttp(apim, section, parts);
    case 'okta': return openHttp(okta[section.call], section, parts);
    case 'vault': return openHttp(vault[section.call], section, parts);
    case 'kubernetes': return openHttp(kubernetes[section.call], section, parts);
    case 'google': return openHttp(google[section.call], section, parts);
    case 'github': return openHttp(github, section, parts);
    case 'kong': return openHttp(kong[section.call], section, parts);
    case 'oci': return openHttp(oci[section.call], section, parts);
    case 'oci_domain': return openHttp(ociDomain[section.call], section, parts);
    case 'ords': return openHttp(ords[section.call], section, parts);
    case 'ping_one': return openHttp(pingOne, section, parts);
    case 'ping_federate': return openHttp(pingFederate[section.call], section, parts);
    case 'shared_signals': return openHttp(sharedSignals[section.call], section, parts);
  }
}

function openWebhook(section: SectionOf<'webhook'>, parts: ActionsParts): Action {
  const action = openHttp(webhook, section, parts);
  if (!section.does.includes('rotate')) return action;
  const settings = webhook.configure(section);
  return withRotation(action, settings, {
    send: clientFor(section, webhook.urls(settings), parts), patienceMs: durationMs(section.patience) as number, now: parts.now,
  });
}

function openHttp<Section extends HttpSection, Settings>(provider: HttpProvider<Section, Settings>, section: Section, parts: ActionsParts): Action {
  const settings = provider.configure(section);
  const authorizer = provider.authorizer?.(settings);
  const plain = clientFor(section, [...provider.urls(settings), ...authorizer?.urls ?? []], parts);
  const tell = (offsetMs: number): void => parts.onClockOff?.(section.name, offsetMs);
  const send = authorizer === undefined ? plain : watchingClock(withAuthorizer(plain, authorizer, parts.now), authorizer, tell);
  const action = makeAction(provider, settings, { ...parts, name: section.name, send });
  const { rights } = provider;
  const isNamed = 'account' in section && section.account !== undefined;
  const named = isNamed || provider.ownName === undefined ? {} : { ownNames: askingOwnName(provider.ownName(settings), send) };
  if (rights === undefined) return { ...action, ...named };
  const { now = Date.now } = parts;
  return {
    ...action, ...named,
    rights: { unasked: rights.unasked ?? null, ask: (signal) => askRights(rights, { settings, send, plain, authorizer, nowMs: now() }, signal) },
  };
}

/** Tells when a provider's clock was found to differ, each time by how much. */
function watchingClock(send: Send, authorizer: Authorizer, tell: (offsetMs: number) => void): Send {
  let told = 0;
  return async (request, signal) => {
    const answer = await send(request, signal);
    const offsetMs = authorizer.offsetMs?.() ?? 0;
    if (offsetMs !== told) tell(told = offsetMs);
    return answer;
  };
}

/** Speaks to the hosts that the action names, and to nobody else. */
function clientFor(section: HttpSection, urls: readonly string[], { now, resolve }: ActionsParts): Send {
  return checkedClient(`a URL of action ${section.name}`, {
    urls, allowPrivate: section.allow_private,
    ...(section.ca_file === undefined ? {} : { ca: readFileSync(section.ca_file, 'utf8') }),
    ...(now === undefined ? {} : { now }), ...(resolve === undefined ? {} : { resolve }),
  });
}
