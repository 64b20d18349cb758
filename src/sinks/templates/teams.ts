import type { AlertFacts } from '../alert-facts.ts';
import { clip } from '../formats/text.ts';
import type { Template } from '../template.ts';
import { details, headline, jsonRequest } from './message.ts';

export interface TeamsOptions {
  /** Of a workflow "when a Teams webhook request is received"; secret, since whoever has it can post. */
  readonly url: string;
}

/**
 * An adaptive card posted by a workflow of Teams. A workflow answers nothing by which a card could be changed later, so each telling is a card
 * of its own that names the alert and its version.
 */
export function teamsTemplate({ url }: TeamsOptions): Template {
  return { urls: [url], create: (alert) => jsonRequest('POST', url, messageOf(alert)) };
}

function messageOf(alert: AlertFacts): object {
  const lines = details(alert).filter(([name]) => name !== 'What');
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', type: 'AdaptiveCard', version: '1.4', fallbackText: headline(alert, 200),
    body: [
      textRun(headline(alert, 200), { weight: 'Bolder', size: 'Large' }),
      ...(alert.reason === '' ? [] : [textRun(clip(alert.reason, 3000))]),
      ...lines.map(([name, value]) => textRun(`${name}: ${clip(value, 500)}`, { size: 'Small' })),
      textRun(`${alert.key}, version ${alert.version}`, { size: 'Small', isSubtle: true }),
    ],
    ...(alert.url === null ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Open', url: alert.url }] }),
  };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }] };
}

/** Rich text knows no markup: what the logs hold can become no link. */
function textRun(text: string, style: object = {}): object {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...style }] };
}
