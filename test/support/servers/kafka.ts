import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached, maven, needs } from './cache.ts';
import { freePorts, logged, runFolder, ServerProcess } from './process.ts';

const run = promisify(execFile);
const here = join(import.meta.dirname, 'kafka');
const version = '4.3.1';
const started = 'Kafka Server started';

/** Users of the secured listener; the password of `PLAIN` stands in its properties. */
export const kafkaPasswords = { 'plain': 'plain-secret', 'scram-sha-256': 'scram-256-secret', 'scram-sha-512': 'scram-512-secret' } as const;

/** Where a running Kafka is reached. */
export interface KafkaAddress {
  /** `host:port` without security. */
  readonly broker: string;
  /** `host:port` with TLS and SASL (PLAIN, SCRAM, OAUTHBEARER), user `app`. */
  readonly securedBroker: string;
  /** `host:port` with TLS for clients that show a certificate. */
  readonly mutualBroker: string;
  /** File with the certificate that these listeners are to be trusted by. */
  readonly caFile: string;
  /** A client's certificate and its key. */
  readonly clientCertFile: string;
  readonly clientKeyFile: string;
}

export interface KafkaOptions {
  /** Lines that replace or are added to those of `server.properties.template`. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly heap?: string;
  /** A second broker of this one's cluster; this one stays the only controller. */
  readonly joins?: Kafka;
}

/** A real Kafka of one node on free ports of the loopback, with its data in a folder of its own. */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const jars = await kafkaJars();
  for (let attempt = 1; ; attempt++) {
    const kafka = new Kafka(jars, runFolder('kafka'), options);
    try {
      await kafka.prepare();
      await kafka.restart();
      return kafka;
    } catch (error) {
      const taken = logged(kafka.log, 'Address already in use');
      await kafka.stop();
      if (!taken || attempt === 3) throw error;
    }
  }
}

/** The folder with the broker's jars, fetched if need be. They also hold the Java clients. */
export async function kafkaJars(): Promise<string> {
  return cached(`kafka-${version}`, (folder) => maven(
    join(here, 'pom.xml'), 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`,
  ));
}

export class Kafka implements KafkaAddress {
  broker = '';
  securedBroker = '';
  mutualBroker = '';
  readonly caFile: string;
  readonly clientCertFile: string;
  readonly clientKeyFile: string;
  readonly log: string;
  /** The tool takes an id that begins with "-" for an option. */
  #clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  #controllerPort = 0;
  readonly #jars: string;
  readonly #dir: string;
  readonly #options: KafkaOptions;
  #process: ServerProcess | null = null;

  constructor(jars: string, dir: string, options: KafkaOptions) {
    this.#jars = jars;
    this.#dir = dir;
    this.#options = options;
    this.caFile = join(dir, 'tls', 'ca.pem');
    this.clientCertFile = join(dir, 'tls', 'client.pem');
    this.clientKeyFile = join(dir, 'tls', 'client-key.pem');
    this.log = join(dir, 'broker.log');
  }

  /** Writes the settings and formats the folder. To be called once. */
  async prepare(): Promise<void> {
    const [port, securePort, mutualPort, controllerPort] = await freePorts(4);
    this.broker = `127.0.0.1:${port}`;
    this.securedBroker = `127.0.0.1:${securePort}`;
    this.mutualBroker = `127.0.0.1:${mutualPort}`;
    this.#controllerPort = controllerPort!;
    await this.#certify();
    const values: Readonly<Record<string, string>> = {
      DIR: this.#dir, PORT: `${port}`, SECURE_PORT: `${securePort}`, MUTUAL_PORT: `${mutualPort}`, CONTROLLER_PORT: `${controllerPort}`,
    };
    const template = readFileSync(join(here, 'server.properties.template'), 'utf8').replace(/@(\w+)@/g, (_, name: string) => values[name]!);
    const { joins, properties = {} } = this.#options;
    const more = Object.entries({ ...properties, ...(joins === undefined ? {} : this.#asMember(joins)) }).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(this.#properties, template + more.join(''));
    const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((mechanism) =>
      `${mechanism}=[name=app,password=${kafkaPasswords[mechanism.toLowerCase() as keyof typeof kafkaPasswords]}]`);
    await run('java', [...this.#java, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', 'kafka.tools.StorageTool', 'format', '-c', this.#properties,
      '-t', this.#clusterId, ...(joins === undefined ? users.flatMap((user) => ['--add-scram', user]) : [])]);
  }

  /** Lines that make it a broker of another's cluster. */
  #asMember(controller: Kafka): Readonly<Record<string, string>> {
    this.#clusterId = controller.#clusterId;
    const listener = `PLAINTEXT://${this.broker}`;
    return {
      'process.roles': 'broker', 'node.id': '2', 'controller.quorum.voters': `1@127.0.0.1:${controller.#controllerPort}`,
      'listeners': listener, 'advertised.listeners': listener,
    };
  }

  /** Starts on the same ports and data as before. */
  async restart(): Promise<void> {
    await this.#process?.stop();
    if (existsSync(this.log)) truncateSync(this.log);
    const heap = this.#options.heap ?? '384m';
    this.#process = await ServerProcess.start({
      command: 'java',
      args: [`-Xms${heap}`, `-Xmx${heap}`, ...this.#java, '-XX:+ExitOnOutOfMemoryError', '-Djava.awt.headless=true',
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info', 'kafka.Kafka', this.#properties],
      env: process.env,
      log: this.log,
      isReady: () => logged(this.log, started),
    });
  }

  /** As a crash of the machine would end it; `restart` brings it back. */
  async kill9(): Promise<void> {
    await this.#process?.kill();
    this.#process = null;
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = null;
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get #properties(): string {
    return join(this.#dir, 'server.properties');
  }

  /** Only the first compiler: half the processor time of a start. */
  get #java(): string[] {
    return ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-cp', `${this.#jars}/*`];
  }

  async #certify(): Promise<void> {
    await needs('openssl', ['version'], '`openssl`');
    const dir = join(this.#dir, 'tls');
    mkdirSync(dir);
    const fresh = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
    await run('openssl', [...fresh, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', 'key.pem', '-out', 'ca.pem'], { cwd: dir });
    await run('openssl', [...fresh, '-subj', '/CN=app', '-CA', 'ca.pem', '-CAkey', 'key.pem', '-keyout', 'client-key.pem', '-out', 'client.pem'], { cwd: dir });
    writeFileSync(join(dir, 'broker.pem'), readFileSync(join(dir, 'key.pem'), 'utf8') + readFileSync(this.caFile, 'utf8'), { mode: 0o600 });
  }
}
