import { bytesText } from '../progress.ts';
import type { Story } from './story.ts';

/** What the story reads of an alert's document. */
export interface AlertLine {
  readonly message: string;
  readonly rule: { readonly id: string };
  readonly tokenward: {
    readonly token: { readonly handle?: string };
    readonly alert: {
      readonly count: number;
      readonly incident_id: string;
      readonly announced: readonly { readonly at: string; readonly severity: number; readonly reason: string }[];
    };
  };
}

const severityWords: Readonly<Record<number, string>> = { 21: 'low', 47: 'medium', 73: 'high', 99: 'critical' };
const clock = (timeMs: number): string => new Date(timeMs).toISOString().slice(11, 19);
const day = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** The story in lines for a terminal: what happened, what Tokenward saw, what it cost. Only what was measured is told. */
export function narrate(story: Story, alerts: readonly AlertLine[], folder: string, seconds: number): string[] {
  const { stolen } = story;
  const total = story.theft.reduce((sum, part) => sum + part.bytes, 0);
  return [
    '',
    `${day(story.theftStartMs)}, a shop. ${story.services} services call its APIs; the gateway and the identity provider write their logs.`,
    `${story.historyDays} quiet days lie behind, ${story.calls.toLocaleString('en')} calls in all.`,
    '',
    `  ${day(stolen.issuedAtMs)}  a JWT is issued to ${stolen.holder.clientId}, good for years. Somebody copies it.`,
    `  ${clock(story.theftStartMs)}    from ${story.thiefAddress}, a VPN provider's address, that token begins to pull the staging data.`,
    `  ${clock(story.resetMs)}    every human password is reset. The token does not care.`,
    `  ${clock(story.theftEndMs)}    ${bytesText(total)} are gone, if nobody cuts the token.`,
    '',
    `Tokenward read both logs in ${seconds.toFixed(1)} s with its defaults, and had not been told of any of this:`,
    '',
    ...announcements(alerts, story, total),
    ...verdict(story, alerts),
    '',
    `The logs and alerts are in ${folder}. Look closer:`,
    `  npm run -s tokenward -- replay --config ${folder}/tokenward.yaml --stats - --alerts /dev/null ${folder}/*.ndjson`,
    '  npm run -s tokenward -- detectors',
    '',
  ];
}

/** What was said when, in order of time, each with the bytes that had left by then, that call included. */
function announcements(alerts: readonly AlertLine[], story: Story, total: number): string[] {
  const said = alerts.flatMap(({ message, rule, tokenward }) => tokenward.alert.announced.map((one, place) => ({
    timeMs: Date.parse(one.at), title: place === 0 ? message : 'and it grows', rule: rule.id, ...one,
  })));
  return said.sort((a, b) => a.timeMs - b.timeMs).flatMap(({ timeMs, title, rule, severity, reason }) => {
    const left = story.theft.filter((part) => part.endMs <= timeMs).reduce((sum, part) => sum + part.bytes, 0);
    return [
      `  ${clock(timeMs)}  ${title} [${rule}, ${severityWords[severity] ?? severity}]`,
      `            ${reason}`,
      `            gone by then: ${bytesText(left)}, ${((100 * left) / total).toFixed(2)} % of what the thief wanted`,
      '',
    ];
  });
}

function verdict(story: Story, alerts: readonly AlertLine[]): string[] {
  const named = new Set(alerts.map((alert) => alert.tokenward.token.handle));
  const right = named.size === 1 && named.has(story.stolen.jti);
  if (!right) return [`This did not go as it should: ${named.size} tokens were named.`];
  const { length } = new Set(alerts.map((alert) => alert.tokenward.alert.incident_id)).size === 1 ? { length: 1 } : alerts;
  return [
    `One token is named, the stolen one: ${story.stolen.jti} of ${story.stolen.holder.clientId}.`,
    `${alerts.length} alerts, ${length} incident${length === 1 ? '' : 's'}; no alert on the other ${story.services - 1} services.`,
  ];
}
