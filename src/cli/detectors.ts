import type { Command } from 'commander';
import { detectors as catalogue } from '../../detectors/index.ts';
import { settingName } from '../config/schema.ts';
import { didYouMean } from '../config/suggest.ts';
import type { AttackTechnique, Detector } from '../model/detector.ts';
import type { StateLayout } from '../model/state.ts';
import { attackVersion, nameTechnique } from '../sinks/attack.ts';
import { byteLength } from '../state/layout.ts';
import { UsageError } from './usage-error.ts';
import { wrap } from './wrap.ts';

export function register(program: Command): void {
  program.command('detectors')
    .description('the catalogue: what each detector looks for, its state, parameters and blind spots')
    .argument('[id]', 'one detector in full')
    .option('--json', 'as JSON')
    .action((id: string | undefined, options: { json?: true }) => {
      const chosen = choose(catalogue, id, 'detector');
      const text = options.json ? JSON.stringify(chosen.map(detectorData), null, 2)
        : id === undefined ? chosen.map(shortText).join('\n') : chosen.map(fullText).join('\n');
      process.stdout.write(`${text}\n`);
    });
}

/** All, or the one with this id. Throws `UsageError` for an unknown one. */
export function choose<T extends { readonly id: string }>(all: readonly T[], id: string | undefined, what: string): readonly T[] {
  if (id === undefined) return all;
  const found = all.filter((one) => one.id === id);
  if (found.length === 0) throw new UsageError(`no ${what} "${id}"`, didYouMean(id, all.map((one) => one.id)));
  return found;
}

/** What the catalogue says about a detector, as plain data. */
export function detectorData(detector: Detector) {
  return {
    id: detector.id,
    title: detector.title,
    state: Object.entries(detector.state).map(([scope, layout]) => ({ scope, bytes: stateBytes(layout) })),
    parameters: Object.entries(detector.parameters).map(([name, parameter]) => ({
      name: settingName(name), kind: parameter.kind, default: parameter.default, describe: parameter.describe,
    })),
    attack: detector.attack,
    owasp_nhi: detector.owaspNhi,
    cases: detector.cases,
    grace: detector.grace,
    acceptance: detector.acceptance,
    never_hidden: detector.neverHidden === true,
    blind_spots: detector.blindSpots,
  };
}

/** Bytes of the fields of one record, before alignment. */
export function stateBytes(layout: StateLayout): number {
  return Object.values(layout.fields).reduce((sum, field) => sum + byteLength(field.type) * field.length, 0);
}

function shortText(detector: Detector): string {
  return `${detector.id.padEnd(22)} ${detector.title}`;
}

function fullText(detector: Detector): string {
  const data = detectorData(detector);
  return [
    `${data.id}: ${data.title}`,
    section('state', data.state.map(({ scope, bytes }) => `per ${scope}: ${bytes} bytes`)),
    section(`parameters (detectors.${data.id} in the configuration)`, data.parameters.map(parameterText)),
    section(`MITRE ATT&CK ${attackVersion}`, detector.attack.map(techniqueText)),
    section('OWASP Non-Human Identities Top 10, 2025', [data.owasp_nhi.join(', ')]),
    section('cases', data.cases),
    section('can be trusted from', [data.grace]),
    section('how a legitimate change is accepted', [data.acceptance, ...data.never_hidden ? ['No exception hides it.'] : []]),
    section('blind spots', data.blind_spots),
  ].filter((text) => text !== '').join('\n\n');
}

function techniqueText(technique: AttackTechnique): string {
  const { tacticName, techniqueName, subtechnique } = nameTechnique(technique);
  const name = subtechnique === null ? techniqueName : `${techniqueName}: ${subtechnique.name}`;
  return `${technique.technique} ${name} (${technique.tactic} ${tacticName})`;
}

function parameterText(parameter: { name: string; kind: string; default: unknown; describe: string }): string {
  return `${parameter.name} = ${String(parameter.default)} (${parameter.kind}): ${parameter.describe}`;
}

/** A heading with one indented paragraph for each entry; nothing when there is none. */
export function section(heading: string, entries: readonly string[]): string {
  return entries.length === 0 ? '' : `${heading}\n${entries.map((entry) => wrap(entry, 96, '  - ')).join('\n')}`;
}
