import { describe, expect, test } from 'vitest';
import { filesBelow, importsOf } from '../support/source.ts';

/** Folder -> folders it may import from, besides itself. `assemble.ts` joins everything; nobody imports `cli` but `main.ts`. */
const folders: Readonly<Record<string, readonly string[]>> = {
  'src/model': [],
  'src/stats': [],
  'src/files': [],
  detectors: ['src/model', 'src/stats'],
  'src/ingest': ['src/model', 'src/intel', 'src/files'],
  'src/intel': ['src/model'],
  'src/store': ['src/model', 'src/files'],
  'src/state': ['src/model', 'src/store'],
  'src/correlate': ['src/model', 'src/state', 'src/intel'],
  'src/engine': ['src/model', 'src/stats', 'src/state', 'src/store', 'src/correlate', 'src/intel', 'src/ingest'],
  'src/sinks': ['src/model', 'src/store', 'src/ingest', 'src/intel', 'src/outbound'],
  'src/config': ['src/model', 'src/ingest'],
  'src/outbound': ['src/model', 'src/intel'],
  'src/posture': ['src/model'],
  'src/respond': ['src/model', 'src/store', 'src/state', 'src/outbound', 'src/config'],
  'src/rules': ['src/model', 'src/stats', 'src/config'],
  'src/server': ['src/model', 'src/ingest', 'src/outbound'],
  'src/service': [
    'src/model', 'src/state', 'src/ingest', 'src/intel', 'src/correlate', 'src/engine', 'src/store', 'src/sinks', 'src/server', 'src/config', 'src/respond',
    'src/outbound', 'src/posture', 'src/assemble.ts',
  ],
  'src/assemble.ts': [
    'detectors', 'src/model', 'src/ingest', 'src/intel', 'src/state', 'src/store', 'src/correlate', 'src/engine', 'src/sinks', 'src/config', 'src/respond', 'src/rules',
  ],
  'src/cli': [
    'detectors', 'src/model', 'src/ingest', 'src/state', 'src/store', 'src/correlate', 'src/engine', 'src/sinks', 'src/config', 'src/service',
    'src/stats', 'src/intel', 'src/server', 'src/respond', 'src/rules', 'src/outbound', 'src/posture', 'src/files',
    'src/assemble.ts',
  ],
  'src/main.ts': ['src/cli'],
};

/** Package -> the files or folders that may import it. */
const packages: Readonly<Record<string, readonly string[]>> = {
  commander: ['src/cli/'],
  kafkajs: ['src/ingest/kafka/', 'src/sinks/kafka.ts'],
  '@kafkajs/confluent-schema-registry': ['src/ingest/kafka/schema-worker.ts'],
  'kafkajs-snappy': ['src/ingest/kafka/'],
  'lz4-napi': ['src/ingest/kafka/'],
  '@elastic/elasticsearch': ['src/sinks/elasticsearch.ts'],
  '@opensearch-project/opensearch': ['src/sinks/opensearch.ts'],
  fastify: ['src/server/'],
  ws: ['src/server/'],
  pino: ['src/service/log.ts'],
  'prom-client': ['src/service/metrics.ts'],
  '@opentelemetry/api': ['src/service/spans.ts'],
  maxmind: ['src/intel/'],
  '@marcbachmann/cel-js': ['src/rules/language.ts'],
  re2js: ['src/rules/matching.ts'],
  yaml: ['src/config/'],
  zod: ['src/config/', 'src/server/api/'],
  'node:sqlite': ['src/store/'],
  'oidc-provider': ['src/cli/demo/world/'],
  jose: ['src/cli/demo/world/', 'src/server/oidc/'],
  '@grpc/grpc-js': ['src/outbound/grpc-call.ts'],
  '@grpc/proto-loader': ['src/outbound/grpc-call.ts'],
};

/** Who may open connections; nobody starts other programs. `node:net` only tells addresses from names. */
const forbidden = ['http', 'https', 'http2', 'tls', 'dgram', 'dns', 'child_process', 'cluster', 'vm'].map((name) => `node:${name}`);
const speakers = ['src/outbound/client.ts', 'src/outbound/egress.ts', 'src/outbound/stream.ts', 'src/ingest/kafka/client.ts', 'src/ingest/kafka/schema-worker.ts'];
/** The demo's company is made of servers and callers. */
const company = 'src/cli/demo/world/';
const mayConnect = (from: string): boolean => starts.includes(from) || speakers.includes(from) || from.startsWith(company);
/** Where a program starts: the command line, and what builds a release's data by hand. */
const starts = ['src/main.ts', 'src/intel/build.ts'];
/** No input or output, clock or randomness of the machine. */
const pure = ['src/model', 'src/stats', 'detectors'];

const sources = [...filesBelow('src', '.ts'), ...filesBelow('detectors', '.ts')];
const edges = sources.flatMap((file) => importsOf(file).map((target) => ({ from: file.path, target })));
const own = edges.filter(({ target }) => target.startsWith('src/') || target.startsWith('detectors/'));

function folderOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'src' ? `src/${second}` : first;
}

describe('who may import whom', () => {
  test('every folder has its row in the table', () => {
    expect([...new Set(sources.map((file) => folderOf(file.path)))].filter((folder) => !(folder in folders))).toEqual([]);
  });

  test('folders import only what the table allows', () => {
    const wrong = own.filter(({ from, target }) => folderOf(from) !== folderOf(target) && !folders[folderOf(from)]?.includes(folderOf(target)));
    expect(wrong).toEqual([]);
  });

  test('nobody imports main.ts', () => {
    expect(own.filter(({ target }) => target === 'src/main.ts')).toEqual([]);
  });

  test('the table itself has no cycles', () => {
    const visit = (folder: string, trail: readonly string[]): string[] => (trail.includes(folder)
      ? [[...trail, folder].join(' -> ')]
      : (folders[folder] ?? []).flatMap((next) => visit(next, [...trail, folder])));
    expect(Object.keys(folders).flatMap((folder) => visit(folder, []))).toEqual([]);
  });

  test('every file is imported by another or is where the program starts', () => {
    const imported = new Set(own.map(({ target }) => target));
    expect(sources.map((file) => file.path).filter((path) => !starts.includes(path) && !imported.has(path))).toEqual([]);
  });

  test('every imported file exists', () => {
    const known = new Set(sources.map((file) => file.path));
    expect(own.filter(({ target }) => target.endsWith('.ts') && !known.has(target))).toEqual([]);
  });
});

describe('packages', () => {
  const vendors = edges.filter(({ target }) => !target.startsWith('src/') && !target.startsWith('detectors/'));

  test('each stands only where the table says', () => {
    const wrong = vendors.filter(({ from, target }) => {
      const name = target.startsWith('node:') || target.startsWith('@') ? target : target.split('/')[0]!;
      const allowed = packages[name] ?? (name.startsWith('node:') ? [''] : []);
      return !allowed.some((place) => from.startsWith(place));
    });
    expect(wrong).toEqual([]);
  });

  test('only who must opens connections; nobody starts programs', () => {
    expect(vendors.filter(({ from, target }) => !mayConnect(from) && forbidden.includes(target))).toEqual([]);
  });

  test('the pure folders use nothing of the machine', () => {
    expect(vendors.filter(({ from, target }) => pure.includes(folderOf(from)) && target.startsWith('node:'))).toEqual([]);
  });
});
