import type { Random } from '../../support/estate/random.ts';
import { cloud, http, secret } from './deeds.ts';
import type { Attack } from './attacks.ts';
import type { Deed, Workload } from './calls.ts';

/** What a thief does who does not come for bytes: one call after the other. */
export interface Step { readonly deed: Deed; readonly path: string }
export type Steps = (attack: Attack, random: Random) => Step[];

const many = (count: number, make: (at: number) => Step): Step[] => Array.from({ length: Math.max(1, Math.round(count)) }, (_, at) => make(at));
const asked = (deed: Deed): Step => ({ deed, path: '/' });

export const isOfCloud = ({ format }: Workload): boolean => format === 'aws.cloudtrail';
const doesNot = ({ duties }: Workload, ...names: readonly string[]): boolean => !names.some((name) => duties.names.has(name));

const looks: readonly (readonly [string, string])[] = [
  ['iam', 'ListUsers'], ['iam', 'ListRoles'], ['iam', 'GetAccountAuthorizationDetails'], ['iam', 'ListAttachedUserPolicies'], ['s3', 'ListBuckets'],
  ['ec2', 'DescribeInstances'], ['ec2', 'DescribeSecurityGroups'], ['rds', 'DescribeDBInstances'], ['secretsmanager', 'ListSecrets'], ['lambda', 'ListFunctions20150331'],
  ['ssm', 'DescribeInstanceInformation'], ['organizations', 'DescribeOrganization'],
];
const hidden = ['admin', 'internal/users', 'debug/vars', 'actuator/env', 'v1/credentials', 'backup/latest', 'v9/permissions', 'console/login', 'export/all', 'keys'];
const regions = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-west-3', 'ap-south-1', 'ap-southeast-2', 'sa-east-1', 'ca-central-1', 'eu-north-1', 'ap-northeast-1'];

/** A key or password for a user who is there already, after a look at who there is; or a key for himself. */
const mintsForOther: Steps = (_, random) => [
  asked(cloud('iam', 'ListUsers')), asked(cloud('iam', random.pick(['CreateAccessKey', 'CreateLoginProfile']), { userName: `svc-backup-${random.whole(90)}` })),
];
const mintsForSelf: Steps = ({ workload }) => [asked(cloud('iam', 'CreateAccessKey', { userName: workload.name }))];
const changesTrust: Steps = (_, random) => [
  asked(cloud('iam', 'ListRoles')), asked(random.next() < 0.5 ? cloud('iam', 'UpdateAssumeRolePolicy', { roleName: 'deploy', policyDocument: '{}' })
    : cloud('iam', 'CreateOpenIDConnectProvider', { url: 'https://idp.example.net' })),
];
const readsSecrets: Steps = ({ size }, random) => {
  const first = random.whole(9_000);
  return many(15 * size, (at) => asked(secret(`team-${first}/secret-${at}`)));
};
const readsRegions: Steps = () => regions.map((region, at) => asked(secret(`platform/${at % 2}`, region)));
const looksRound: Steps = (_, random) => [
  ...looks.filter(() => random.next() < 0.8).map(([service, name]) => asked(cloud(service, name))),
  asked(cloud('iam', 'AttachUserPolicy', { userName: 'svc', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' })),
];
const walks: Steps = ({ size, workload }, random) => {
  const first = 100_000 + random.whole(800_000);
  return many(40 * size, (at) => ({ deed: http('GET'), path: `/v2/${workload.profile}/${first + at}` }));
};
const othersObjects: Steps = ({ size }, random) => many(4 * size, () => (
  { deed: http('GET'), path: `/v1/customers/${10_000 + random.whole(9_000)}/orders/${random.whole(90_000)}` }));
const deletes: Steps = ({ size, workload }) => many(15 * size, (at) => (isOfCloud(workload)
  ? asked(at % 3 === 0 ? cloud('ec2', 'DeleteSnapshot', { snapshotId: `snap-${at}` }) : cloud('ec2', 'TerminateInstances', { instanceId: `i-${at}` }))
  : { deed: http('DELETE'), path: `/v2/${workload.profile}/${at * 17}` }));
const tries: Steps = ({ size, workload }, random) => many(8 * size, (at) => {
  if (!isOfCloud(workload)) return { deed: http('GET', at % 4 === 0 ? 404 : 403), path: `/${hidden[at % hidden.length] ?? ''}${at < hidden.length ? '' : `/${at}`}` };
  const verb = random.pick(['Create', 'Get', 'List', 'Put', 'Describe', 'Delete']);
  return asked(cloud(random.pick(['iam', 's3', 'ec2', 'kms', 'rds', 'ssm']), `${verb}${random.pick(['User', 'Role', 'Bucket', 'Key', 'Command', 'Snapshot'])}${at}`, {}, true));
});

/** Whom a way is tried on: nobody of whom it is the daily work. */
export const deedWays = [
  { name: 'a key for another', family: 'minting', sizes: [3], steps: mintsForOther, overMs: 300_000, fits: (one: Workload) => isOfCloud(one) && doesNot(one, 'keys', 'provisions') },
  { name: 'a key for itself', family: 'minting', sizes: [1], steps: mintsForSelf, overMs: 300_000, fits: (one: Workload) => isOfCloud(one) && doesNot(one, 'keys', 'provisions') },
  { name: 'changes a trust', family: 'minting', sizes: [3], steps: changesTrust, overMs: 300_000, fits: (one: Workload) => isOfCloud(one) && doesNot(one, 'provisions') },
  { name: 'reads secrets', family: 'secrets', sizes: [1.5, 3, 10], steps: readsSecrets, overMs: 900_000, fits: (one: Workload) => isOfCloud(one) && doesNot(one, 'secrets') },
  { name: 'secrets of regions', family: 'secrets', sizes: [3], steps: readsRegions, overMs: 900_000, fits: (one: Workload) => isOfCloud(one) && !doesNot(one, 'runs') && doesNot(one, 'secrets') },
  { name: 'looks round', family: 'actions', sizes: [3], steps: looksRound, overMs: 1_200_000, fits: (one: Workload) => isOfCloud(one) && doesNot(one, 'provisions') },
  { name: 'walks', family: 'reach', sizes: [1.5, 3, 10], steps: walks, overMs: 1_800_000, fits: (one: Workload) => !isOfCloud(one) && doesNot(one, 'exports') },
  { name: 'others\' objects', family: 'reach', sizes: [1.5, 3, 10], steps: othersObjects, overMs: 1_800_000, fits: (one: Workload) => !isOfCloud(one) && !doesNot(one, 'customers') },
  { name: 'deletes', family: 'destruction', sizes: [1.5, 3, 10], steps: deletes, overMs: 900_000, fits: (one: Workload) => doesNot(one, 'clears') },
  { name: 'tries', family: 'probing', sizes: [1.5, 3, 10], steps: tries, overMs: 1_200_000, fits: () => true },
] as const;
