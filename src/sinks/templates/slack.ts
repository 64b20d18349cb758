import { asObject } from '../../outbound/answer.ts';
import type { AlertFacts } from '../alert-facts.ts';
import { clip } from '../formats/text.ts';
import { mendMs } from '../http-verdict.ts';
import type { Verdict } from '../sink.ts';
import type { Template } from '../template.ts';
import { details, headline, jsonRequest } from './message.ts';

export interface SlackOptions {
  /** `https://slack.com`. */
  readonly url: string;
  /** Of a bot with the rights `chat:write` and `channels:history` (`groups:history` for a private channel) that is in the channel. */
  readonly token: string;
  /** The channel's id, such as `C0123456789`. */
  readonly channel: string;
}

const eventType = 'tokenward_alert';
/** How far back a message of an earlier life is looked for. */
const searched = 100;
const maxAnswerBytes = 2 * 1024 * 1024;

/** One message for each alert, changed in place. A message is known by its metadata, so nothing about it need be kept here. */
export function slackTemplate({ url, token, channel }: SlackOptions): Template {
  const headers = { authorization: `Bearer ${token}` };
  const typed = { ...headers, 'content-type': 'application/json; charset=utf-8' };
  const call = (method: string, body: object) => jsonRequest('POST', new URL(`/api/${method}`, url).href, { channel, ...body }, typed);
  const query = new URLSearchParams({ channel, limit: String(searched), include_all_metadata: 'true' });
  return {
    urls: [url], verdict: verdictOf, maxAnswerBytes,
    create: (alert) => call('chat.postMessage', { ...messageOf(alert), unfurl_links: false, unfurl_media: false }),
    change: {
      find: () => jsonRequest('GET', new URL(`/api/conversations.history?${query.toString()}`, url).href, null, headers),
      found: ({ messages }, alert) => timestampOf((Array.isArray(messages) ? messages : []).find((message) => keyOf(message) === alert.key)),
      made: timestampOf,
      apply: (alert, ts) => call('chat.update', { ts, ...messageOf(alert) }),
      isGone: ({ error }) => error === 'message_not_found',
    },
  };
}

/** In blocks of plain text nothing is a link, a mention or a style; the notification's text has Slack's three letters escaped. */
function messageOf(alert: AlertFacts): object {
  const plain = (text: string): object => ({ type: 'plain_text', text, emoji: false });
  const title = headline(alert, 150);
  const fields = details(alert).filter(([name]) => name !== 'What').slice(0, 10).map(([name, value]) => plain(clip(`${name}: ${value}`, 2000)));
  const link = alert.url === null ? [] : [{ type: 'actions', elements: [{ type: 'button', text: plain('Open'), url: alert.url }] }];
  return {
    text: escaped(title),
    blocks: [
      { type: 'header', text: plain(title) },
      ...(alert.reason === '' ? [] : [{ type: 'section', text: plain(clip(alert.reason, 3000)) }]), { type: 'section', fields }, ...link,
    ],
    metadata: { event_type: eventType, event_payload: { key: alert.key, version: alert.version } },
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function timestampOf(message: unknown): string | null {
  const ts = asObject(message)?.['ts'];
  return typeof ts === 'string' ? ts : null;
}

function keyOf(message: unknown): unknown {
  const metadata = asObject(asObject(message)?.['metadata']);
  return metadata?.['event_type'] === eventType ? asObject(metadata['event_payload'])?.['key'] : null;
}

/** About the message itself; all else is about the token, the channel or Slack. */
const refusals: ReadonlySet<unknown> = new Set(
  ['invalid_blocks', 'msg_too_long', 'msg_blocks_too_long', 'no_text', 'invalid_arguments', 'metadata_too_large', 'edit_window_closed'],
);
const passing: ReadonlySet<unknown> = new Set(['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

/** Slack answers 200 to nearly everything. */
function verdictOf(answer: Readonly<Record<string, unknown>> | null): Verdict {
  if (answer?.['ok'] === true) return { kind: 'done' };
  const error = answer?.['error'];
  if (typeof error === 'string' && refusals.has(error)) return { kind: 'refused', reason: error };
  if (error === undefined || passing.has(error)) return { kind: 'retry', reason: 'unavailable' };
  return { kind: 'retry', reason: known.get(error) ?? 'slack_refused', afterMs: mendMs };
}

/** Slack's own fixed words, as far as they help whoever mends it. */
const known: ReadonlyMap<unknown, string> = new Map([
  'invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive', 'missing_scope', 'channel_not_found', 'not_in_channel',
  'is_archived', 'restricted_action',
].map((word) => [word, word]));
