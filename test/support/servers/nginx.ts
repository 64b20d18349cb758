import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRoot, isRunning } from './cache.ts';
import { debianProgram, type Program } from './debian.ts';
import type { GatewayOptions } from './envoy.ts';
import { freePorts, logged, runFolder, ServerProcess } from './process.ts';

const needed = 'The tests need nginx with njs, which they fetch as Debian\'s package `libnginx-mod-http-js`, with what it needs.';
const reloadLimitMs = 20_000;

/** What a module that checks tokens would set: nginx has none of its own, so here the service behind it would have to check them. */
const script = `function claims(r) {
  try {
    return JSON.parse(Buffer.from(r.headersIn.Authorization.slice(7).split('.')[1], 'base64url').toString());
  } catch (e) {
    return {};
  }
}
export default { jti: (r) => String(claims(r).jti || ''), iss: (r) => String(claims(r).iss || '') };
`;

/** A real nginx that refuses as the deny list's page says. */
export async function startNginx({ upstream }: Pick<GatewayOptions, 'upstream'>): Promise<Nginx> {
  const program = await debianProgram({ package: 'libnginx-mod-http-js', names: ['nginx'], inside: 'usr/sbin/nginx', needed, onlyUnpacked: true });
  const dir = runFolder('nginx');
  const [port] = await freePorts(1);
  const nginx = new Nginx(program, dir, port!);
  mkdirSync(nginx.maps);
  for (const name of ['networks.map', 'places.map', 'tokens.map']) writeFileSync(join(nginx.maps, name), '');
  writeFileSync(join(dir, 'claims.js'), script);
  writeFileSync(join(dir, 'nginx.conf'), configurationOf(program, dir, port!, upstream));
  await nginx.restart();
  return nginx;
}

export class Nginx {
  readonly port: number;
  /** The folder of its three maps. */
  readonly maps: string;
  readonly pidFile: string;
  readonly #program: Program;
  readonly #dir: string;
  #process: ServerProcess | null = null;

  constructor(program: Program, dir: string, port: number) {
    [this.port, this.maps, this.pidFile] = [port, join(dir, 'maps'), join(dir, 'nginx.pid')];
    [this.#program, this.#dir] = [program, dir];
  }

  get pid(): number {
    return this.#process!.pid;
  }

  /** Starts, also after a `kill`, on the same port and with the maps as they are. */
  async restart(): Promise<void> {
    const { path, env } = this.#program;
    rmSync(this.#file('nginx.pid'), { force: true });
    this.#process = await ServerProcess.start({
      command: path, args: ['-c', this.#file('nginx.conf'), '-e', this.#file('error.log')], env: { ...process.env, ...env }, log: this.#file('nginx.log'),
      isReady: () => fetch(`http://127.0.0.1:${this.port}/generation`).then(({ ok }) => ok, () => false),
    });
  }

  /** Reads the maps again. Resolves when nobody answers by the old ones; throws where that does not come, as with a map that it cannot read. */
  async reload(): Promise<void> {
    const before = await this.#generation();
    process.kill(this.pid, 'SIGHUP');
    const untilMs = performance.now() + reloadLimitMs;
    while (isRunning(before)) {
      if (performance.now() > untilMs || logged(this.#file('error.log'), '[emerg]')) throw new Error('nginx keeps the configuration that it has');
      await sleep(10);
    }
  }

  /** Workers are killed as well: an orphan would go on answering. */
  async kill(): Promise<void> {
    const workers = await this.#generation();
    await this.#process?.kill();
    process.kill(workers, 'SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Process id of the worker that answers. */
  async #generation(): Promise<number> {
    return Number(await (await fetch(`http://127.0.0.1:${this.port}/generation`, { headers: { connection: 'close' } })).text());
  }

  #file(name: string): string {
    return join(this.#dir, name);
  }
}

function configurationOf({ folder }: Program, dir: string, port: number, upstream: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${dir}/${name};`).join('\n');
  return `load_module ${folder ?? ''}/usr/lib/nginx/modules/ngx_http_js_module.so;
daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log warn;
${isRoot() ? 'user root;' : ''}
events { worker_connections 512; }
http {
${temporary}
  access_log off;
  js_import claims from ${dir}/claims.js;
  js_set $jti claims.jti;
  js_set $iss claims.iss;
  map_hash_bucket_size 512;
  variables_hash_bucket_size 128;
  map "jti/$iss/$jti" $verdict { default ""; include ${dir}/maps/tokens.map; }
  geo $net { default 0; include ${dir}/maps/networks.map; }
  map "jti/$iss/$jti/$net" $place { default ""; include ${dir}/maps/places.map; }
  map "$verdict$place" $refused { default ""; "deny" 1; "deny1" 1; "pin" 1; }
  server {
    listen 127.0.0.1:${port};
    if ($refused) { return 401; }
    location / { proxy_pass http://127.0.0.1:${upstream}; }
    location = /generation { return 200 $pid; }
  }
}
`;
}
