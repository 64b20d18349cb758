import { expect, test } from 'vitest';
import { branchOfCall, classOf, classOfName, isLastResort, isTelling, keyOfAction } from '../../detectors/action-classes.ts';
import { refusalOf } from '../../detectors/refusals.ts';
import { numberIn, ownerIn } from '../../detectors/object-ids.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';

const event = (fields: Partial<TokenEvent>): TokenEvent => ({ ...emptyEvent('ecs', 0), ...fields });

test.each([
  ['GetCallerIdentity', 'asks'], ['ListBuckets', 'discovers'], ['GetObject', 'reads'], ['GetSecretValue', 'secrets'], ['CreateAccessKey', 'mints'],
  ['AttachUserPolicy', 'permits'], ['PutBucketPolicy', 'exposes'], ['SendCommand', 'runs'], ['TerminateInstances', 'destroys'], ['StopLogging', 'disarms'],
  ['CreateQueue', 'writes'], ['google.iam.admin.v1.CreateServiceAccountKey', 'mints'], ['storage.objects.get', 'reads'], ['v1.compute.instances.delete', 'destroys'],
  ['MICROSOFT.SQL/SERVERS/DELETE', 'destroys'], ['Microsoft.Storage/storageAccounts/listKeys/action', 'secrets'], ['Microsoft.Compute/disks/read', 'reads'],
  ['repo.destroy', 'destroys'], ['Add member to role', 'permits'], ['Update application – Certificates and secrets management ', 'mints'], ['sapi', null],
] as const)('%s %s', (name, what) => {
  expect(classOfName(name)).toBe(what);
});

test('names without end are forgotten and told anew', () => {
  for (let number = 0; number < 10_000; number += 1) expect(classOfName(`Describe${number}`)).toBe('discovers');
});

test('verbs of Kubernetes mean what they are done to', () => {
  const kubernetes = (action: string, resourceKind: string, resourceId = ''): TokenEvent => event({ module: 'kubernetes', action, resourceKind, resourceId });
  expect([
    classOf(kubernetes('get', 'secrets')), classOf(kubernetes('create', 'selfsubjectrulesreviews')), classOf(kubernetes('create', 'pods', 'shop/db-0/exec')),
    classOf(kubernetes('list', 'roles')), classOf(kubernetes('create', 'rolebindings')), classOf(kubernetes('delete', 'pods')), classOf(kubernetes('watch', 'pods')),
    classOf(kubernetes('create', 'serviceaccounts', 'shop/cart/token')),
  ]).toEqual(['secrets', 'asks', 'runs', 'discovers', 'permits', 'destroys', 'discovers', 'mints']);
  expect(keyOfAction(kubernetes('get', 'secrets'))).not.toBe(keyOfAction(kubernetes('get', 'pods')));
});

test('of calls without an operation those tell that change something or lead where nobody goes', () => {
  const call = (method: string, resourceId: string): boolean => isTelling(event({ method, resourceId }));
  expect([call('GET', 'api/v1/orders'), call('POST', 'api/v1/orders'), call('GET', 'api/admin/users'), call('HEAD', 'api/administration'), isTelling(event({}))])
    .toEqual([false, true, true, false, false]);
});

test('keys, snapshots and databases are last resorts, a machine is none', () => {
  expect(['DeleteDBSnapshot', 'ScheduleKeyDeletion', 'DeleteBackupVault', 'DeleteDBInstance', 'TerminateInstances', 'DeleteObject'].map(isLastResort))
    .toEqual([true, true, true, true, false, false]);
});

test.each([
  ['AccessDenied', null, 'x', 'denied'], ['Client.UnauthorizedOperation', null, 'x', 'denied'], ['7', null, 'x', 'denied'], ['NoSuchBucket', null, 'x', 'missing'],
  ['NoSuchBucketPolicy', null, 'x', null], ['ThrottlingException', null, 'x', null], [null, 403, null, 'denied'], [null, 404, null, 'missing'], [null, 404, 'get', null],
  [null, 500, null, null], [null, 429, null, null],
] as const)('a failure with %s, %s of %s is %s', (code, status, action, what) => {
  expect(refusalOf(event({ outcome: 'failure', code, status, action }))).toBe(what);
  expect(refusalOf(event({ outcome: 'success', code, status, action }))).toBeNull();
});

test('numbers and owners of objects', () => {
  expect(['17', '7001/12', 'a1', '12/x', '1234567890123456', ''].map(numberIn)).toEqual([17, 12, -1, -1, -1, -1]);
  expect([
    ownerIn('7001/12', '/v1/customers/{id}/orders/{id}'), ownerIn('7001', '/v1/Tenants/{id}'), ownerIn('12', '/v1/orders/{id}'), ownerIn('12', null),
  ]).toEqual(['7001', '7001', null, null]);
});

test.each([
  ['/v3/shop/orders/{int}', '/v3/shop/carts', true], ['/admin', '/admin/{int}', true], ['/v1/customers/{int}/orders/{uuid}', '/v1/customers/{int}/carts', true],
  ['/admin', '/files', false], ['/v1/orders/{int}', '/v2/orders/{int}', false], ['/internal/users', '/debug/vars', false], ['/', '/{int}', false],
] as const)('%s and %s are of one branch: %s', (one, other, isOne) => {
  expect(branchOfCall(event({ route: one })) === branchOfCall(event({ urlPath: other }))).toBe(isOne);
});
