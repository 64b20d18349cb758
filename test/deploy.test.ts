import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadFrom } from '../src/cli/settings.ts';
import { loadAgentSettings } from '../src/config/gateway-agent.ts';
import { root } from './support/source.ts';

// Neither systemd nor a cluster is at hand here: what can be told of these files without them.

interface Thing { readonly kind: string; readonly apiVersion: string; readonly metadata: { readonly name: string }; readonly spec: never; readonly data: Readonly<Record<string, string>> }
interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[]; readonly args: readonly string[]; readonly securityContext: object;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]; readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly livenessProbe: Probe; readonly readinessProbe: Probe; readonly startupProbe: Probe;
}
interface Probe { readonly httpGet: { readonly path: string; readonly port: string } }
interface Pod { readonly securityContext: object; readonly automountServiceAccountToken: boolean; readonly containers: readonly Container[]; readonly volumes: readonly { readonly name: string }[] }

const folder = join(root, 'deploy/kubernetes');
const things = readdirSync(folder).flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => {
  expect(document.errors).toEqual([]);
  return document.toJS() as Thing;
}));
const one = (kind: string): Thing => things.find((thing) => thing.kind === kind)!;
const set = one('StatefulSet').spec as { replicas: number; selector: { matchLabels: object }; template: { metadata: { labels: object }; spec: Pod }; volumeClaimTemplates: Thing[] };
const pod = set.template.spec;
const container = pod.containers[0]!;
const settings = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));

test('one pod that is not root, may gain nothing and writes nowhere but to its volumes', () => {
  expect(set.replicas).toBe(1);
  expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } });
  expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
  const volumes = [...pod.volumes.map(({ name }) => name), ...set.volumeClaimTemplates.map(({ metadata }) => metadata.name)];
  expect(container.volumeMounts.map(({ name }) => name).sort()).toEqual(volumes.sort());
  expect(container.volumeMounts.some(({ mountPath }) => settings['TOKENWARD_STORE__DIR']!.startsWith(`${mountPath}/`))).toBe(true);
});

test('probes ask what the service answers, where it listens', () => {
  expect([container.startupProbe, container.livenessProbe, container.readinessProbe].map(({ httpGet }) => [httpGet.path, httpGet.port]))
    .toEqual([['/healthz', 'http'], ['/healthz', 'http'], ['/readyz', 'http']]);
  expect(settings['TOKENWARD_SERVER__LISTEN']).toBe(`0.0.0.0:${container.ports[0]!.containerPort}`);
});

test('selectors find the pod, and the network policy is for it in both directions', () => {
  const { labels } = set.template.metadata;
  const policy = one('NetworkPolicy').spec as { podSelector: { matchLabels: object }; policyTypes: string[]; ingress: { ports: { port: number }[] }[] };
  for (const selector of [set.selector.matchLabels, (one('Service').spec as { selector: object }).selector, policy.podSelector.matchLabels]) expect(selector).toEqual(labels);
  expect(policy.policyTypes).toEqual(['Ingress', 'Egress']);
  expect(policy.ingress[0]!.ports[0]!.port).toBe(container.ports[0]!.containerPort);
});

test('the configuration is right with the secrets in their places', () => {
  const place = mkdtempSync(join(tmpdir(), 'tokenward-deploy-'));
  const [file, key, accounts] = ['tokenward.yaml', 'fingerprint.key', 'accounts'].map((name) => join(place, name)) as [string, string, string];
  writeFileSync(file, one('ConfigMap').data['tokenward.yaml']!);
  writeFileSync(key, 'k'.repeat(32), { mode: 0o400 });
  writeFileSync(accounts, `alice viewer ${'0'.repeat(64)}\n`, { mode: 0o400 });
  const configuration = loadFrom(file, { ...settings, TOKENWARD_SERVER__ACCOUNTS_FILE: accounts, TOKENWARD_IDENTITY__FINGERPRINT_KEY_FILE: key });
  expect(configuration.store.dir).toBe('/var/lib/tokenward/data');
  expect(container.args).toEqual(['run', '--config', '/etc/tokenward/tokenward.yaml']);
});

function unitOf(file: string): { readonly text: string; values(name: string): string[] } {
  const text = readFileSync(join(root, 'deploy/systemd', file), 'utf8');
  return { text, values: (name) => [...text.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value!) };
}

test('the unit of the agent beside a gateway checks before it starts, as nobody special, and its configuration is the page\'s', () => {
  const { text, values } = unitOf('tokenward-gateway-agent.service');
  const command = '/opt/tokenward/node_modules/.bin/tokenward gateway-agent --config /etc/tokenward/gateway-agent.yaml';
  expect([values('ExecStartPre'), values('ExecStart')]).toEqual([[`${command} --check`], [command]]);
  expect([values('User'), values('NoNewPrivileges'), values('ProtectSystem'), values('CapabilityBoundingSet')]).toEqual([['tokenward-agent'], ['yes'], ['strict'], ['']]);
  for (const line of text.split('\n')) expect(line).toMatch(/^(?:|#.*|\[\w+\]|[A-Z]\w+=.*)$/);
  const page = readFileSync(join(root, 'docs/deny-list.md'), 'utf8');
  const example = /```yaml\n(# \/etc\/tokenward\/gateway-agent\.yaml[\s\S]*?)```/.exec(page)![1]!;
  const file = join(mkdtempSync(join(tmpdir(), 'tokenward-deploy-')), 'gateway-agent.yaml');
  writeFileSync(file, example);
  const settings = loadAgentSettings(file);
  expect(settings.keep).toBe(`/var/lib/${values('StateDirectory')[0]}/edge.jws`);
  const places = [...settings.haproxy, ...settings.nginx].map(({ maps }) => maps);
  for (const place of places) expect(values('ReadWritePaths')[0]!.split(' ').map((one) => one.replace('-', ''))).toContain(place);
});

test('the unit starts what the package has, as nobody special', () => {
  const { text: unit, values } = unitOf('tokenward.service');
  const { bin } = parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: object };
  expect(Object.keys(bin)).toEqual(['tokenward']);
  expect(values('ExecStart')).toEqual(['/opt/tokenward/node_modules/.bin/tokenward run --config /etc/tokenward/tokenward.yaml']);
  expect(values('User')).toEqual(['tokenward']);
  expect([values('NoNewPrivileges'), values('ProtectSystem'), values('CapabilityBoundingSet')]).toEqual([['yes'], ['strict'], ['']]);
  expect(values('Environment')[0]).toContain(`TOKENWARD_STORE__DIR=/var/lib/${values('StateDirectory')[0]}`);
  for (const line of unit.split('\n')) expect(line).toMatch(/^(?:|#.*|\[\w+\]|[A-Z]\w+=.*)$/);
});
