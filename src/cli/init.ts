import type { Command } from 'commander';
import { existsSync, writeFileSync } from 'node:fs';
import { adviceOf, gapsOf } from './init/gaps.ts';
import { addKafkaOptions, kafkaProblem, topicsOf, type KafkaOptions, type Topics } from './init/kafka.ts';
import { lookAt, lookAtTopics, traits, type Survey } from './init/look.ts';
import { planSources, planTopics, type PlannedSource } from './init/plan.ts';
import { configurationText } from './init/write.ts';
import { defaultFile } from './settings.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';
import { wrap } from './wrap.ts';

interface Options extends KafkaOptions { readonly output: string; readonly force?: true }

const maxUnknown = 10;
const lineLength = 120;

export function register(program: Command): void {
  const command = program.command('init')
    .description('look at logs, write a configuration for them, and say what they lack')
    .argument('[path...]', 'files, folders, or - for standard input, as replay takes them; none with --kafka')
    .option('-o, --output <file>', 'the configuration to write; - for standard output', defaultFile)
    .option('--force', 'overwrite the file if it is there');
  addKafkaOptions(command).action(async (paths: string[], options: Options) => {
    const topics = topicsOf(options);
    if (paths.length === 0 && topics === null) throw new UsageError('there is nothing to look at', 'name files or folders, or a topic by --kafka and --topic');
    if (options.output !== '-' && options.force !== true && existsSync(options.output)) {
      throw new UsageError(`${options.output} is there already`, 'name another file by --output, or overwrite it by --force');
    }
    const { survey, sources } = await look(paths, topics);
    if (sources.length === 0) throw new UsageError('no record of a known format was found', '"tokenward formats" lists what is known');
    const text = configurationText(sources, survey.looks, topics?.connection ?? null);
    if (options.output === '-') process.stdout.write(text);
    else writeFileSync(options.output, text, { flag: options.force === true ? 'w' : 'wx' });
    process.stderr.write(`${report(survey, sources, options.output, topics !== null)}\n`);
  });
}

interface Looked { readonly survey: Survey; readonly sources: readonly PlannedSource[] }

async function look(paths: readonly string[], topics: Topics | null): Promise<Looked> {
  if (paths.length === 0) {
    // kafkajs asks for pauses that are over already; Node would tell of each.
    process.removeAllListeners('warning');
    const survey = await lookAtTopics(topics as Topics).catch((error: unknown) => { throw kafkaProblem(error); });
    return { survey, sources: planTopics(survey.looks) };
  }
  const survey = await lookAt(paths);
  const sources = planSources(survey.looks, paths);
  if (topics === null) return { survey, sources };
  if (sources.length > 1 || topics.names.length > 1) throw new UsageError('a topic is one source, but there are several', 'give the records of one topic');
  return { survey, sources: sources.map((source) => ({ ...source, topic: topics.names[0] as string })) };
}

/** What was found and what is missing, for people. */
function report({ looks, isCut }: Survey, sources: readonly PlannedSource[], output: string, isTopic: boolean): string {
  const unknown = looks.filter(({ formats }) => formats.size === 0).map(({ path }) => path);
  const further = unknown.length > maxUnknown ? `, and ${unknown.length - maxUnknown} more` : '';
  return [
    table(
      ['source', 'files', 'records', 'formats', ...traits],
      sources.map((source) => {
        const { name, files, records, formats } = source;
        return [name, String(files), String(records), formats.join(' '), ...traits.map((trait) => part(source, trait))];
      }),
    ),
    '', 'The last columns: in which part of the uses the log says it.',
    `Of each ${isTopic ? 'topic about the last' : 'file only the first'} 2,000 records were looked at.`,
    ...isCut ? ['There are more than 5,000 files; the rest was not looked at.'] : [],
    ...unknown.length === 0 ? [] : ['', `No known format in ${unknown.slice(0, maxUnknown).join(', ')}${further}`],
    ...sources.flatMap(missingLines), ...adviceLines(sources),
    ...output === '-' ? [] : ['', `Written: ${output}. Look it through; "tokenward validate --config ${output}" checks it.`],
  ].join('\n');
}

function part({ uses, has }: PlannedSource, trait: (typeof traits)[number]): string {
  return uses === 0 ? '' : `${Math.floor((100 * has[trait]) / uses)} %`;
}

function missingLines(source: PlannedSource): string[] {
  const gaps = gapsOf(source);
  return gaps.length === 0 ? [] : ['', `${source.name}: what cannot be correlated yet`, ...gaps.map(({ text }) => wrap(text, lineLength, '  - '))];
}

/** Lines to be copied into a gateway's configuration are not broken. */
function adviceLines(sources: readonly PlannedSource[]): string[] {
  return adviceOf(sources).flatMap(({ id, notes }) => ['', `${id}: how to log what is missing`, ...notes.map((note) => `  - ${note}`)]);
}
