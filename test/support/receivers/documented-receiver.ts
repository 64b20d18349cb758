import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../source.ts';

/** The receiver that docs/webhook-receiver.md shows, running as it stands there. */
export interface DocumentedReceiver {
  readonly url: string;
  /** Ids that the gateway would refuse. */
  denied(): string[];
  stop(): Promise<void>;
}

export interface ReceiverOptions {
  /** An empty folder for its code. */
  readonly folder: string;
  /** `whsec_…`, one a line. */
  readonly secrets: string;
  readonly denyFile: string;
}

/** Takes the one JavaScript block out of the page, and starts it in a process of its own. */
export async function startDocumentedReceiver({ folder, secrets, denyFile }: ReceiverOptions): Promise<DocumentedReceiver> {
  const page = readFileSync(join(root, 'docs/webhook-receiver.md'), 'utf8');
  const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)];
  if (blocks.length !== 1) throw new Error(`the page has ${blocks.length} blocks of JavaScript instead of one`);
  writeFileSync(join(folder, 'receiver.mjs'), blocks[0]![1]!);
  writeFileSync(join(folder, 'secret'), secrets);
  const child = spawn(process.execPath, [join(folder, 'receiver.mjs')], {
    env: { SECRET_FILE: join(folder, 'secret'), DENY_FILE: denyFile, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => resolve(/\d+/.exec(text)?.[0] ?? ''));
    child.once('exit', (code) => reject(new Error(`the receiver ended with ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    denied: () => readFileSync(denyFile, 'utf8').split('\n').filter((line) => line !== ''),
    stop: () => {
      child.kill();
      return exited;
    },
  };
}
