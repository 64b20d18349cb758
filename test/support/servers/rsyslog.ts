import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { debianProgram } from './debian.ts';
import { freePorts, runFolder, ServerProcess } from './process.ts';

const needed = 'The tests need rsyslog with TLS: install Debian\'s package (`apt-get install rsyslog-gnutls`).';

/** A message as rsyslog has parsed it; its own names of the parts of RFC 5424. */
export interface SyslogMessage {
  readonly input: 'tls' | 'tcp' | 'udp';
  readonly pri: string;
  readonly version: string;
  readonly time: string;
  readonly hostname: string;
  readonly app: string;
  readonly procid: string;
  readonly msgid: string;
  readonly data: string;
  readonly msg: string;
}

export interface Rsyslog {
  readonly ports: { readonly tls: number; readonly tcp: number; readonly udp: number };
  /** PEM of the authority of its certificate, which is for `localhost`. */
  readonly ca: string;
  /** What it has written so far. */
  messages(): SyslogMessage[];
  /** Ends in order, and comes back at the same ports. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** A real rsyslog that writes what it takes by TLS, TCP and UDP, parsed, to a file. */
export async function startRsyslog(): Promise<Rsyslog> {
  const architecture = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const module = `lib/${architecture}/rsyslog/lmnsd_gtls.so`;
  // Found by its module for TLS: the program alone may be there without it.
  const found = await debianProgram({ package: 'rsyslog-gnutls', names: [`../${module}`], inside: `usr/${module}`, needed });
  const command = found.folder === null ? '/usr/sbin/rsyslogd' : join(found.folder, 'usr/sbin/rsyslogd');
  const dir = runFolder('rsyslog');
  makeCertificate(dir);
  const [tls, tcp, udp] = await freePorts(3) as [number, number, number];
  const [config, written] = [join(dir, 'rsyslog.conf'), join(dir, 'messages.ndjson')];
  writeFileSync(config, configurationOf(dir, written, { tls, tcp, udp }));
  const start = (): Promise<ServerProcess> => ServerProcess.start({
    command, args: ['-n', '-f', config, '-i', join(dir, 'pid'), '-M', dirname(found.path)], env: { ...process.env, ...found.env }, log: join(dir, 'log'),
    isReady: () => listens(tcp) && listens(tls),
  });
  let server = await start();
  return {
    down: () => server.stop(),
    up: async () => { server = await start(); },
    ports: { tls, tcp, udp }, ca: readFileSync(join(dir, 'cert.pem'), 'utf8'),
    messages: () => (existsSync(written) ? readFileSync(written, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as SyslogMessage) : []),
    stop: () => server.stop(),
  };
}

function listens(port: number): boolean {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8').split('\n').some((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return local?.endsWith(wanted) === true && state === '0A';
  });
}

function makeCertificate(dir: string): void {
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
    '-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem'),
  ], { stdio: 'ignore' });
}

/** Tabs are left as they are: LEEF parts by them, and rsyslog writes them as `#011` by default. */
function configurationOf(dir: string, written: string, { tls, tcp, udp }: Rsyslog['ports']): string {
  const parts = { pri: 'pri', version: 'protocol-version', time: 'timereported', hostname: 'hostname', app: 'app-name', procid: 'procid', msgid: 'msgid', data: 'structured-data', msg: 'msg' };
  const list = Object.entries(parts).map(([name, property]) => (
    `property(outname="${name}" name="${property}" format="jsonf"${name === 'time' ? ' dateFormat="rfc3339"' : ''}) constant(value=",")`)).join('\n  ');
  const rules = (['tls', 'tcp', 'udp'] as const).map((input) => `
template(name="${input}" type="list") { constant(value="{")
  ${list} constant(value="\\"input\\":\\"${input}\\"}\\n") }
ruleset(name="${input}") { action(type="omfile" file="${written}" template="${input}") }`).join('');
  return `global(workDirectory="${dir}" maxMessageSize="64k" parser.escapeControlCharacterTab="off" defaultNetstreamDriverCAFile="${dir}/cert.pem"
  defaultNetstreamDriverCertFile="${dir}/cert.pem" defaultNetstreamDriverKeyFile="${dir}/key.pem")
module(load="imudp")
module(load="imtcp")
${rules}
input(type="imtcp" address="127.0.0.1" port="${tcp}" ruleset="tcp")
input(type="imtcp" address="127.0.0.1" port="${tls}" ruleset="tls" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imudp" address="127.0.0.1" port="${udp}" ruleset="udp")
`;
}
