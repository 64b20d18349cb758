import { readFileSync } from 'node:fs';
import type { ActionSection, SectionOf } from '../../config/respond-schema.ts';
import { durationMs } from '../../config/units.ts';
import { findFault, outboundClient, type OutboundOptions, type Send } from '../../outbound/client.ts';
import type { Resolve } from '../../outbound/egress.ts';
import { readSigningKeys } from '../../outbound/signature.ts';
import type { DenialStore } from '../../store/port.ts';
import { DenyList } from '../deny-list/deny-list.ts';
import { readSigner } from '../deny-list/document.ts';
import type { Action, Actions } from '../port.ts';
import { denyList } from './deny-list.ts';
import { oauthRevocation, type OAuthClient } from './oauth-revocation.ts';
import { makeAction, type OpenToken } from './perform.ts';
import { webhook } from './webhook.ts';

export interface ActionsParts {
  readonly denials: DenialStore;
  /** See `ActionParts`. */
  readonly openToken: OpenToken | null;
  readonly now?: () => number;
  readonly resolve?: Resolve;
}

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
      actions.set(section.name, section.type === 'webhook' ? openWebhook(section, parts) : openRevocation(section, parts));
      continue;
    }
    const list = openList(section, parts);
    denyLists.push(list);
    actions.set(section.name, openDenial(section, list, parts));
  }
  return { actions, denyLists };
}

function openList({ name, signing_key_file: keyFile, gateways, file, max_entries: maxEntries }: SectionOf<'deny_list'>, { denials, now }: ActionsParts): DenyList {
  return new DenyList({
    name, signer: readSigner(keyFile), store: denials, gateways: gateways.map((gateway) => gateway.name), file: file ?? null, maxEntries,
    ...(now === undefined ? {} : { now }),
  });
}

function openDenial({ name, by, gateways, exposure }: SectionOf<'deny_list'>, list: DenyList, parts: ActionsParts): Action {
  const settings = { by, isFetched: gateways.length > 0, exposureMs: durationMs(exposure) as number };
  return makeAction(denyList, settings, { ...parts, name, send: (request) => Promise.resolve(list.handle(request)) });
}

function openRevocation(section: SectionOf<'oauth_revocation'>, parts: ActionsParts): Action {
  const { name, issuer, revocation_endpoint: revocationEndpoint, introspection_endpoint: endpoint } = section;
  const client = clientOf(section, section.client_id, section.client_secret_file);
  const asking = section.introspection_client_id === undefined
    ? client
    : clientOf(section, section.introspection_client_id, section.introspection_client_secret_file);
  const settings = {
    issuer, revocationEndpoint, client, introspection: endpoint === undefined ? null : { endpoint, client: asking },
    exposureMs: durationMs(section.exposure) as number,
  };
  return makeAction(oauthRevocation, settings, { ...parts, name, send: clientFor(section, [revocationEndpoint, ...endpoint === undefined ? [] : [endpoint]], parts) });
}

function clientOf({ name, client_auth: method }: SectionOf<'oauth_revocation'>, id: string, secretFile: string | undefined): OAuthClient {
  if (secretFile === undefined) throw new Error(`action ${name} needs introspection_client_secret_file`);
  const secret = readFileSync(secretFile, 'utf8').trim();
  if (secret === '') throw new Error(`${secretFile} holds no secret`);
  return { id, secret, method };
}

function openWebhook(section: SectionOf<'webhook'>, parts: ActionsParts): Action {
  const { name, url, secret_file: secretFile, does, status_url: statusUrl, exposure } = section;
  const settings = { url, keys: readSigningKeys(secretFile), does, statusUrl: statusUrl ?? null, exposureMs: durationMs(exposure) as number };
  return makeAction(webhook, settings, { ...parts, name, send: clientFor(section, [url, ...statusUrl === undefined ? [] : [statusUrl]], parts) });
}

/** Speaks to the hosts that the action names, and to nobody else. */
function clientFor(section: Exclude<ActionSection, { type: 'deny_list' }>, urls: readonly string[], { now, resolve }: ActionsParts): Send {
  const options: OutboundOptions = {
    urls, allowPrivate: section.allow_private,
    ...(section.ca_file === undefined ? {} : { ca: readFileSync(section.ca_file, 'utf8') }),
    ...(now === undefined ? {} : { now }), ...(resolve === undefined ? {} : { resolve }),
  };
  const fault = findFault(options);
  if (fault !== null) throw new Error(`a URL of action ${section.name} ${fault}`);
  return outboundClient(options);
}
