/** The page on log formats, made of their declarations, of their sample records and of the counts of the larger data. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ecsFields } from '../../src/model/ecs.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import type { Format } from '../../src/ingest/formats/format.ts';
import { formats } from '../../src/ingest/formats/index.ts';
import { linesOf, reader } from '../ingest/formats/support.ts';
import { root } from './source.ts';

/** Where a record stood and which input it came from: every event has these. */
const ofAll: ReadonlySet<keyof TokenEvent> = new Set(['path', 'offset', 'index', 'source', 'orderMs']);

/** What the sample records of one format become. */
interface Samples { readonly records: number; readonly events: number; readonly fields: readonly string[] }

export function samplesOf({ id }: Format): Samples {
  const folder = join(root, 'test/data/formats', id);
  const read = reader();
  const lines = readdirSync(folder).filter((name) => /\.(?:ndjson|log)$/.test(name)).flatMap((name) => linesOf(join(folder, name)));
  const outcomes = lines.map(read);
  const events = outcomes.flatMap((outcome) => (outcome.kind === 'event' ? [outcome.event] : []));
  const fields = ecsFields.filter(({ field }) => !ofAll.has(field) && events.some((event) => event[field] !== null && !(field === 'partial' && event[field] === false)));
  return { records: lines.length, events: events.length, fields: fields.map(({ path }) => path.join('.')) };
}

/** For `src/ingest/formats/fills.json`, a line to a format. */
export function fillsText(): string {
  return `{\n${formats.map((format) => `  ${JSON.stringify(format.id)}: ${JSON.stringify(samplesOf(format).fields)}`).join(',\n')}\n}\n`;
}

/** Records of the larger data by format, out of the table that a test froze. */
function countsByFormat(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const row of readFileSync(join(root, 'test/data/counts/files.tsv'), 'utf8').split('\n').slice(1)) {
    for (const part of row.split('\t')[1]?.split(', ') ?? []) {
      const [what, count] = part.split(' ') as [string, string];
      counts.set(what, (counts.get(what) ?? 0) + Number(count));
    }
  }
  return counts;
}

const head = `# Log formats

What Tokenward reads, which fields of an event each format fills, where the verdict of the authenticator stands (\`tokenward.authenticated\`), whether
bytes count headers, and what to add at a gateway so that requests can be tied to tokens, to be pasted. \`npm run -s tokenward -- formats ID\` says the
same, and every path that is read. Which format a record has is found out record by record, from the record itself.

This page is made by a test of the declarations and of their sample records; \`npx vitest run -u test/ingest/formats/page.test.ts\` writes it anew.

**Not told apart.** A plain combined line (\`host ident user [time] "request" status bytes "referrer" "agent"\`) is the same from nginx, Apache and many
others: it is \`nginx.access\`, unless a field that only one of them writes says otherwise. A common line, without referrer and agent, is \`apache.access\`.
A source that carries one of them alone says so by \`formats: [apache.access]\`: its combined lines are refused then, not read as another's.

## Records read and fields filled

Samples stand in \`test/data/formats\`, each folder with its origin. The larger logs are public data sets and logs of real servers that are not part of this
repository; \`test/data/counts\` has what becomes of them, file by file and with the reasons of refusals.

`;

export function formatsPage(speed: string): string {
  const larger = countsByFormat();
  const rows = formats.map((format) => {
    const { records, events, fields } = samplesOf(format);
    return `| [\`${format.id}\`](#${anchor(format.id)}) | ${records} | ${events} | ${larger.get(format.id) ?? '-'} | ${fields.length} |`;
  });
  const table = ['| format | sample records | events of them | events of larger logs | fields filled |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
  return `${head}${table}\n\n${speed}\n${formats.map(sectionOf).join('\n')}`;
}

function anchor(id: string): string {
  return id.replaceAll('.', '');
}

function sectionOf(format: Format): string {
  const { fields } = samplesOf(format);
  return `## ${format.id}

${format.title}. ${format.describe} Looks from: ${format.vantage}.${format.repeats ? ' Its records have ids of their own; one that is delivered again counts once.' : ''}

\`\`\`text
${format.notes.join('\n')}
\`\`\`

Fills ${fields.map((field) => `\`${field}\``).join(', ')}.
`;
}
