import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from './support/source.ts';

// No engine for containers is at hand here: what can be told of these files without one.

interface Service { readonly image?: string; readonly build?: string; readonly volumes?: readonly string[]; readonly depends_on?: readonly string[] | object }
interface Compose { readonly services: Readonly<Record<string, Service>>; readonly volumes: Readonly<Record<string, unknown>> }

const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const compose = parse(text('docker-compose.yml')) as Compose;

test('each service is built or has an image of an exact version, and depends only on services that are there', () => {
  const isExact = ({ image, build }: Service): boolean => build !== undefined || /:v?\d+\.\d+\.\d+$/.test(image ?? '');
  expect(Object.keys(compose.services).filter((name) => !isExact(compose.services[name]!))).toEqual([]);
  for (const { depends_on: needs = [] } of Object.values(compose.services)) {
    for (const other of Array.isArray(needs) ? needs as string[] : Object.keys(needs)) expect(Object.keys(compose.services)).toContain(other);
  }
  expect(Object.keys(compose.services).sort()).toEqual(['elasticsearch', 'grafana', 'kafka', 'kibana', 'prometheus', 'tokenward']);
});

test('every mounted file is there, and every named volume is declared', () => {
  const mounts = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0]!));
  expect(mounts.filter((mount) => !(mount.startsWith('.') ? existsSync(join(root, mount)) : mount in compose.volumes))).toEqual([]);
});

test('Tokenward runs unprivileged on a root that it cannot write to', () => {
  expect(compose.services['tokenward']).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  expect(text('Dockerfile')).toMatch(/^USER node$/m);
});

test('its configuration is right, at the paths of this checkout', () => {
  const environment = {
    TOKENWARD_SERVER__CREDENTIALS_FILE: join(root, 'dashboards/compose/metrics.sha256'), TOKENWARD_SERVER__ACCOUNTS_FILE: join(root, 'dashboards/compose/accounts'),
  };
  const words = [join(root, 'src/main.ts'), 'validate', '--config', 'dashboards/compose/tokenward.yaml'];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: root, env: { ...process.env, ...environment }, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('what the Dockerfile copies and starts is what the package has', () => {
  const { bin, files } = JSON.parse(text('package.json')) as { readonly bin: { readonly tokenward: string }; readonly files: readonly string[] };
  expect(text('Dockerfile')).toContain(`/app/node_modules/tokenward/${bin.tokenward}`);
  expect(files).toContain('dist');
});
