import type { Command } from 'commander';
import type { Decision, FeedView } from '../server/feeds.ts';
import { askService, type AskOptions } from './ask.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

interface Options extends AskOptions { readonly from: string; readonly reason?: string; readonly json?: true }

const refusals: Readonly<Record<string, string>> = {
  unknown_feed: 'the service reads no feed of this name: see "tokenward feeds list"',
  not_stopped: 'the feed is not stopped',
  no_such_place: 'its log does not reach there, or Kafka does not answer now',
  busy: 'too much was asked for at once',
  stopping: 'the service is stopping',
  bad_request: 'the reason is empty or longer than 500 characters',
};

export function register(program: Command): void {
  program.command('feeds')
    .description('the feeds of the running service; lets a stopped one go on')
    .argument('[what]', 'list, go-on', 'list')
    .argument('[name]', 'feed that is to go on, such as kafka/gateway.access/0')
    .option('-c, --config <file>', 'configuration file of the service (default: tokenward.yaml, if it is there)')
    .option('--from <where>', 'where it goes on: earliest, end (what is unread is given up), or an offset', 'earliest')
    .option('--reason <text>', 'why, in your words; it is kept with the decision')
    .option('--token-file <file>', 'file that holds your token, where the service asks for one')
    .option('--json', 'the list as JSON')
    .action(async (what: string, name: string | undefined, options: Options) => {
      if (what === 'list') process.stdout.write(`${shown(await askService<List>(options, '/api/feeds', refusals), options)}\n`);
      else if (what === 'go-on') await goOn(name, options);
      else throw new UsageError(`feeds knows list and go-on, not ${what}`);
    });
}

interface List { readonly feeds: readonly FeedView[]; readonly decisions: readonly Decision[] }

async function goOn(feed: string | undefined, options: Options): Promise<void> {
  if (feed === undefined) throw new UsageError('which feed is to go on?', '"tokenward feeds list" names those that are stopped');
  if (options.reason === undefined) throw new UsageError('say why with --reason TEXT', 'it is kept with the decision');
  const from = options.from === 'earliest' || options.from === 'end' ? options.from : Number(options.from);
  if (typeof from === 'number' && !/^\d{1,15}$/.test(options.from)) throw new UsageError('--from is earliest, end, or an offset');
  const { position } = await askService<{ position: string }>(options, '/api/feeds/go-on', refusals, { feed, from, reason: options.reason });
  process.stderr.write(`${feed} goes on at ${position}\n`);
}

function shown({ feeds, decisions }: List, { json }: Options): string {
  if (json) return JSON.stringify({ feeds, decisions }, null, 2);
  const rows = feeds.map(({ feed, source, position, lag, stoppedBecause }) =>
    [feed, source, position ?? 'unknown', lag === null ? 'unknown' : String(lag), stoppedBecause === null ? 'reads' : `stopped: ${stoppedBecause}`]);
  const past = decisions.map(({ timeMs, feed, position, actor, reason }) => [new Date(timeMs).toISOString(), feed, position, actor, reason]);
  const parts = [rows.length === 0 ? 'No feed has a position that could be set.' : table(['feed', 'source', 'position', 'lag', 'state'], rows)];
  if (past.length > 0) parts.push(table(['went on', 'feed', 'position', 'by', 'reason'], past));
  return parts.join('\n\n');
}
