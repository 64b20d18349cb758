import type { Command } from 'commander';
import { detectors } from '../../detectors/index.ts';
import type { Alert, Incident } from '../model/alert.ts';
import type { TokenEvent, WorkloadEvidence } from '../model/event.ts';
import type { Measures } from '../model/finding.ts';
import { plainStory } from '../model/incident.ts';
import type { Token } from '../model/token.ts';
import { knowledgeOf } from '../respond/knowledge.ts';
import { intentsOf } from '../respond/told.ts';
import { catalogueOf } from '../rules/catalogue.ts';
import { alertDocument } from '../sinks/alert-document.ts';
import { currentIncident } from '../store/current-incident.ts';
import { alertTable } from './alert-list.ts';
import { findAlert } from './find-alert.ts';
import { hiddenLines, hiddenTable } from './hidden.ts';
import { bytesText } from './progress.ts';
import { withKnown, type Known, type KnownOptions } from './known.ts';
import { dependentLines } from './respond-plan.ts';
import { severityWord } from './severity.ts';
import { touchedLines } from './touched.ts';

interface Options extends KnownOptions { readonly json?: true; readonly hidden?: true; readonly touched?: true }

const maxReaders = 8;
const evidenceWords: Readonly<Record<WorkloadEvidence, string>> = {
  event: 'its own uses say', registry: 'earlier records say', inventory: 'the inventory says',
};

export function register(program: Command): void {
  program.command('explain')
    .description('an alert in full: what happened, against which baseline, the evidence, and who else depends on the token')
    .argument('[alert]', 'id of the alert (`event.id`), or its first characters; without one all alerts are listed')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--data-dir <dir>', 'the folder that replay keeps its state in')
    .option('--json', 'the alert as an ECS document')
    .option('--touched', 'instead: every object that was touched since the first alert, by network, and what was issued')
    .option('--hidden', 'instead: everything that exceptions hid, and how much each did')
    .action((id: string | undefined, options: Options) => withKnown(options, (known) => {
      if (options.hidden) return void process.stdout.write(`${hiddenTable(known)}\n`);
      if (id === undefined) return void process.stdout.write(`${alertTable(known)}\n`);
      const alert = findAlert(known.store, id);
      if (options.touched) return void process.stdout.write(`${touchedLines(alert, known).join('\n')}\n`);
      const incident = currentIncident(known.store.effects, alert.incidentId);
      const text = options.json ? JSON.stringify(documentOf(alert, incident, known), null, 2) : explanation(alert, incident, known).join('\n');
      process.stdout.write(`${text}\n`);
    }));
}

function documentOf(alert: Alert, incident: Incident | null, known: Known): object {
  const { store } = known;
  return alertDocument(alert, ruleOf(alert, known), incident, intentsOf(alert, store.effects.responses));
}

function ruleOf(alert: Alert, { configuration }: Known) {
  return catalogueOf(detectors, configuration.rules).of(alert.detector);
}

/** The alert in lines for people. */
function explanation(alert: Alert, incident: Incident | null, known: Known): string[] {
  const { first } = alert;
  const { correlator } = known;
  const rule = ruleOf(alert, known);
  const token = first.token === null ? null : correlator.token(first.token);
  return [
    `${rule.alertTitle}  [${alert.detector}, ${severityWord(alert.severity)}, confidence ${Math.round(alert.confidence * 100)} %]`,
    alert.reason,
    '',
    ...section('Who', [
      ['identity', `${first.identityName ?? first.identityId ?? 'unknown'} (${first.identityKind ?? 'unknown'})`],
      ['token', first.tokenHandle ?? first.token ?? 'none'], ['kind', first.tokenKind],
      ...tokenLines(token), ...workloadLines(first, correlator), ...readerLines(first, correlator),
    ]),
    ...section('From where', [
      ['address', first.sourceIp ?? first.sourceAddress ?? 'unknown'], ['network', networkOf(alert)], ['client', first.userAgent ?? 'unknown'],
    ]),
    ...alert.hiddenBy === undefined ? [] : section('Hidden', hiddenLines(alert, known.configuration.exceptions)),
    ...section('When', [
      ['first', iso(alert.startMs)], ['last', iso(alert.endMs)], ['events', String(alert.count)], ['bytes out', bytesText(alert.bytesOut)],
    ]),
    ...section('Baseline', measures(alert.baseline)),
    ...section('Seen', measures(alert.observed)),
    ...section('Evidence', [...alert.evidenceFirst, ...alert.evidenceLast].slice(0, 10).map((id, place) => [String(place + 1), id])),
    ...alert.claims === undefined ? [] : section('Said to be his own', alert.claims.map(({ atMs, by, text }) => [by, `${iso(atMs)}  ${text}`])),
    ...section('Incident', [
      ['id', incident?.id ?? alert.incidentId], ...kindLines(incident), ['risk', String(incident?.riskScore ?? alert.riskScore)],
      ['alerts', String(incident?.alertIds.length ?? 1)], ['tokens', String(incident?.tokens.length ?? alert.tokens.length)], ...stageLines(incident),
    ]),
    ...section('If the token is cut', cut(alert, correlator)).slice(0, -1), ...usersOf(alert, correlator), '',
  ];
}

function kindLines(incident: Incident | null): [string, string][] {
  const { kind, name, severity } = incident?.story ?? plainStory;
  if (kind === 'single') return [];
  return [['kind', name === null ? kind : `${kind}: ${name}`], ['severity', severityWord(severity)]];
}

/** How far it has come. */
function stageLines(incident: Incident | null): [string, string][] {
  const { stages } = incident?.story ?? plainStory;
  return stages.length < 2 ? [] : stages.map(({ stage, timeMs, detector, alertId }, place) => (
    [place === 0 ? 'stages' : '', `${iso(timeMs)}  ${stage}, seen by ${detector} (${alertId})`]));
}

function tokenLines(token: Token | null): [string, string][] {
  if (token === null) return [];
  const seen = token.issueSeen ? 'its issuance was read' : 'its issuance was not read';
  return [
    ['issued', token.issuedAtMs === null ? 'unknown' : `${iso(token.issuedAtMs)} (${seen})`],
    ['last use', token.lastUsedMs === null ? 'never' : iso(token.lastUsedMs)],
    ['issued from', token.parent ?? 'nothing that is known'],
  ];
}

/** What runs with it and how that is known; where evidence contradicts itself, all of it. */
function workloadLines({ workloadId, workloadEvidence, token }: TokenEvent, correlator: Known['correlator']): [string, string][] {
  const claims = token === null ? [] : correlator.contradictions(token);
  const others = claims.map(({ evidence, id }): [string, string] => ['', `contradiction: ${evidenceWords[evidence]} ${id}`]);
  return [['workload', workloadId === null ? 'unknown' : `${workloadId} (${evidenceWords[workloadEvidence ?? 'event']} it)`], ...others];
}

/** Who has it from the secret that it is kept in. */
function readerLines({ token }: TokenEvent, correlator: Known['correlator']): [string, string][] {
  const readers = token === null ? [] : correlator.readersOf(token).slice(0, maxReaders);
  return readers.map(({ secret, identityId, workloadId, lastMs }, place) => (
    [place === 0 ? 'read by' : '', `${workloadId ?? identityId}, last ${iso(lastMs)}, from ${secret}`]));
}

function networkOf({ first, networks }: Alert): string {
  const name = [first.networkName, first.asOrganization, first.country].filter((part) => part !== null).join(', ');
  const more = networks.length > 1 ? `, and ${networks.length - 1} more` : '';
  return `${first.networkBlock ?? 'unknown'} ${name === '' ? '' : `(${name}) `}${first.networkClass ?? ''}${more}`.trim();
}

/** Only what was observed: tokens minted from this one, and who uses it. */
function cut(alert: Alert, correlator: Known['correlator']): [string, string][] {
  const tokens = new Set(alert.tokens);
  const children = [...correlator.tokens()].filter((token) => token.parent !== null && tokens.has(token.parent));
  const live = children.filter((token) => token.lastUsedMs !== null);
  return [
    ['stops', `${alert.first.workloadId ?? alert.first.identityName ?? alert.first.identityId ?? 'its holder'}, until it has a new token`],
    ['issued from it', `${children.length} tokens known, ${live.length} of them seen in use`],
  ];
}

/** Of each token that deviates. */
function usersOf(alert: Alert, correlator: Known['correlator']): string[] {
  const knowledge = knowledgeOf(correlator);
  return alert.tokens.flatMap((token) => [
    ...alert.tokens.length === 1 ? [] : [`  ${correlator.token(token)?.handle ?? token}`], ...dependentLines(knowledge.dependents(token, alert)),
  ]);
}

function measures(values: Measures): [string, string][] {
  const textOf = (name: string, value: number | string): string =>
    (name.endsWith('Bytes') && typeof value === 'number' ? `${value} (${bytesText(value)})` : String(value));
  return Object.entries(values).map(([name, value]) => [name, textOf(name, value)]);
}

function section(title: string, lines: readonly (readonly string[])[]): string[] {
  const width = Math.max(0, ...lines.map(([name]) => (name ?? '').length));
  return [title, ...lines.map(([name, value]) => `  ${(name ?? '').padEnd(width)}  ${value}`), ''];
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
