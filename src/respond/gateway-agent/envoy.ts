import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { asObject, objectOf } from '../../outbound/answer.ts';
import type { Send } from '../../outbound/client.ts';
import { envoyFile } from '../deny-list/envoy-file.ts';
import { replaceFile } from '../deny-list/write-file.ts';
import { GatewayFault, type Gateway } from './gateway.ts';

export interface EnvoyOptions {
  readonly file: string;
  /** Its administration interface, asked whether the list is in force. */
  readonly admin: { readonly url: string; readonly send: Send };
}

const patienceMs = 3000;
const intervalMs = 20;

export function envoyGateway({ file, admin }: EnvoyOptions): Gateway {
  return {
    name: `envoy ${file}`,
    async put(entries, _before, version) {
      const wanted = write(file, envoyFile(entries, version));
      const untilMs = performance.now() + patienceMs;
      while (!await holds(admin, wanted)) {
        if (performance.now() > untilMs) throw new GatewayFault('list_not_taken');
        await sleep(intervalMs);
      }
      return { cut: 0 };
    },
  };
}

interface Content { readonly version_info: string; readonly resources: unknown }

/** Answers the version that is then in the file: Envoy takes no other version of what it has, so the same is not written again. */
function write(file: string, text: string): string {
  const wanted = JSON.parse(text) as Content;
  const present = contentOf(file);
  if (present !== null && JSON.stringify(present.resources) === JSON.stringify(wanted.resources)) return present.version_info;
  replaceFile(file, text);
  return wanted.version_info;
}

function contentOf(file: string): Content | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Content;
  } catch {
    return null;
  }
}

async function holds({ url, send }: EnvoyOptions['admin'], version: string): Promise<boolean> {
  const request = { method: 'GET', url: `${url}/config_dump?resource=ecds_filters&mask=version_info`, headers: {}, body: null } as const;
  const answer = await send(request, new AbortController().signal);
  if (answer.kind === 'failed') throw new GatewayFault('admin_unreachable');
  const dumped = objectOf(answer)?.['configs'];
  return Array.isArray(dumped) && dumped.some((one) => asObject(one)?.['version_info'] === version);
}
