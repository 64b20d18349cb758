import type { Denial } from '../../model/denial.ts';
import type { Say } from '../../outbound/line-socket.ts';
import { isRefused, mapSteps, tablesOf, writeGatewayFiles } from '../deny-list/gateway-files.ts';
import { GatewayFault, type Gateway } from './gateway.ts';
import { endRequests, replaceMap, runningRequests, workersBehind } from './haproxy-runtime.ts';

export interface HaproxyOptions {
  /** Folder of its maps. */
  readonly maps: string;
  /** The same as HAProxy's configuration names it. */
  readonly named: string;
  readonly sockets: readonly Say[];
  /** Socket of a master: all its workers are told, the old ones too. */
  readonly master: Say | null;
  /** Requests that are being answered are ended as well. */
  readonly cut: boolean;
}

/** What is let in while the maps change is looked for again. */
const passes = 3;

/** The maps' files first, so that a restart forgets nothing; then each process, by its runtime interface. */
export function haproxyGateway({ maps, named, sockets, master, cut }: HaproxyOptions): Gateway {
  const tell = async (say: Say, entries: readonly Denial[], before: readonly Denial[]): Promise<number> => {
    for (const { name, text } of mapSteps(entries, before, 'haproxy')) {
      await replaceMap(say, `${named}/${name}`, text.split('\n').filter((line) => line !== ''));
    }
    return cut ? endRefused(say, entries) : 0;
  };
  return {
    name: `haproxy ${maps}`,
    async put(entries, before) {
      writeGatewayFiles({ format: 'haproxy', path: maps }, entries, 0, before);
      let ended = 0;
      for (const say of [...sockets, ...master === null ? [] : await workersBehind(master)]) ended += await tell(say, entries, before);
      return { cut: ended };
    },
  };
}

/** Ends the requests that would be refused by now. Exactly these: others of the same client, address or connection go on. */
async function endRefused(say: Say, entries: readonly Denial[]): Promise<number> {
  const tables = tablesOf(entries);
  if (tables.tokens.size === 0) return 0;
  let ended = 0;
  for (let pass = 0; pass < passes; pass++) {
    const refused = (await runningRequests(say)).filter(({ key, source }) => isRefused(tables, key, source));
    if (refused.length === 0) return ended;
    ended += await endRequests(say, refused);
  }
  throw new GatewayFault('not_all_were_cut');
}
