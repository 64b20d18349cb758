import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeGatewayFiles } from '../deny-list/gateway-files.ts';
import { GatewayFault, type Gateway } from './gateway.ts';

export interface NginxOptions { readonly maps: string; readonly pidFile: string }

const patienceMs = 5000;
const intervalMs = 20;

/** Its master reads the maps when it is told to, and starts workers of their own for them; where it cannot read them it starts none. */
export function nginxGateway({ maps, pidFile }: NginxOptions): Gateway {
  return {
    name: `nginx ${maps}`,
    async put(entries, before) {
      writeGatewayFiles({ format: 'nginx', path: maps }, entries, 0, before);
      const master = masterIn(pidFile);
      const earlier = workersOf(master);
      try {
        process.kill(master, 'SIGHUP');
      } catch {
        throw new GatewayFault('signal_refused');
      }
      const untilMs = performance.now() + patienceMs;
      while (!workersOf(master).some((worker) => !earlier.includes(worker))) {
        if (performance.now() > untilMs) throw new GatewayFault('list_not_taken');
        await sleep(intervalMs);
      }
      return { cut: 0 };
    },
  };
}

function masterIn(pidFile: string): number {
  const id = Number(contentOf(pidFile).trim());
  if (!Number.isSafeInteger(id) || id < 2) throw new GatewayFault('not_running');
  return id;
}

function workersOf(master: number): readonly string[] {
  return contentOf(`/proc/${master}/task/${master}/children`).trim().split(' ');
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new GatewayFault('not_running');
  }
}
