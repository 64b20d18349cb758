import type { Say } from '../../outbound/line-socket.ts';
import { GatewayFault } from './gateway.ts';

/** Table of the requests that are being answered: see docs/deny-list.md. */
const table = 'tokenward_running';
/** A command and what it carries must fit into one of HAProxy's buffers, 16 KiB unless that was changed. */
const payloadBytes = 8 * 1024;

/** Puts these lines in the place of a map's, as a whole. */
export async function replaceMap(say: Say, map: string, lines: readonly string[]): Promise<void> {
  const version = /New version created: (\d+)/.exec(await accepted(say, `prepare map ${map}`))?.[1];
  if (version === undefined) throw new GatewayFault('map_not_loaded');
  for (const part of inParts(lines)) await quietly(say, `add map @${version} ${map} <<\n${part}`);
  await quietly(say, `commit map @${version} ${map}`);
}

/** Lines together, each part as long as a command may be. */
function* inParts(lines: readonly string[]): Generator<string> {
  let part = '';
  for (const line of lines) {
    if (part.length + line.length > payloadBytes) {
      yield part;
      part = '';
    }
    part += `${line}\n`;
  }
  if (part !== '') yield part;
}

/** A request that is being answered. */
export interface Running {
  /** HAProxy's own number of it. */
  readonly number: number;
  /** Address and port of the connection that it came by. */
  readonly connection: string;
  /** Whom HAProxy takes to be the caller. */
  readonly source: string;
  /** As the maps name the token. */
  readonly key: string;
}

/** All requests with a token that are being answered. */
export async function runningRequests(say: Say): Promise<readonly Running[]> {
  const answer = await accepted(say, `show table ${table} data.conn_cur gt 0`);
  if (!answer.startsWith(`# table: ${table},`)) throw new GatewayFault('no_table_of_running_requests');
  return answer.split('\n').flatMap((line) => {
    const label = / key=(.*) use=\d+ /.exec(line)?.[1]?.replaceAll(/\\(.)/g, '$1');
    const parts = /^(\d+)\/([^/]+)\/([^/]+)\/(.+)$/.exec(label ?? '');
    return parts === null ? [] : [{ number: Number(parts[1]), connection: parts[2]!, source: parts[3]!, key: parts[4]! }];
  });
}

/**
 * Ends these requests and no others. What HAProxy calls a session is one request; its address in memory, by which it is ended, is soon another's,
 * so that it still has the number is asked immediately before. Answers how many were ended.
 */
export async function endRequests(say: Say, requests: readonly Running[]): Promise<number> {
  if (requests.length === 0) return 0;
  const byConnection = Map.groupBy((await accepted(say, 'show sess')).matchAll(/^(0x[0-9a-f]+): .*? src=(\S+) /gm), ([, , source]) => source!);
  let ended = 0;
  for (const { connection, number } of requests) {
    for (const [, address] of byConnection.get(connection) ?? []) {
      const told = await accepted(say, `show sess ${address!}`);
      if (Number(/ id=(\d+) /.exec(told)?.[1] ?? Number.NaN) !== number) continue;
      await quietly(say, `shutdown session ${address!}`);
      ended++;
    }
  }
  return ended;
}

/** The processes behind a master's socket, those included that only finish what they have begun: each is asked for itself. */
export async function workersBehind(master: Say): Promise<readonly Say[]> {
  const processes = await accepted(master, 'show proc');
  const workers = [...processes.matchAll(/^(\d+)\s+worker\s/gm)].map(([, id]) => id!);
  if (workers.length === 0) throw new GatewayFault('no_worker');
  return workers.map((id) => (command) => master(`@!${id} ${command}`));
}

async function accepted(say: Say, command: string): Promise<string> {
  const answer = await say(command).catch(() => { throw new GatewayFault('socket_unreachable'); });
  if (/^Permission denied/m.test(answer)) throw new GatewayFault('socket_level');
  return answer;
}

/** For commands that answer nothing where they did what they were told. */
async function quietly(say: Say, command: string): Promise<void> {
  const answer = (await accepted(say, command)).trim();
  // It ended by itself meanwhile.
  if (answer !== '' && !/No such session/.test(answer)) throw new GatewayFault('command_refused');
}
