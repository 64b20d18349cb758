import type { Cluster } from '../../support/servers/kubernetes.ts';

/** The rights that docs/actions.md lists, and no others: of who acts, and of who writes new credentials. */
const rights = {
  responder: [
    { apiGroups: [''], resources: ['secrets', 'serviceaccounts'], verbs: ['get', 'delete'] }, { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  ],
  writer: [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['database'], verbs: ['get', 'patch'] }],
  poor: [],
  export: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
  report: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
};
export type Account = keyof typeof rights;
const ours: readonly string[] = ['responder', 'writer', 'poor'];

const rbac = '/apis/rbac.authorization.k8s.io/v1';
export const namespaceOf = (account: Account): string => (ours.includes(account) ? 'tokenward' : 'jobs');

/** Accounts with these rights at a new cluster: `jobs` holds whose tokens are stolen, `tokenward` who answers. */
export async function furnish(cluster: Cluster): Promise<void> {
  for (const name of ['jobs', 'tokenward']) await cluster.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const [name, rules] of Object.entries(rights)) {
    const namespace = namespaceOf(name as Account);
    await account(cluster, name as Account);
    await cluster.create(`${rbac}/clusterroles`, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: `of-${name}` }, rules });
    await cluster.create(`${rbac}/clusterrolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: `of-${name}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `of-${name}` }, subjects: [{ kind: 'ServiceAccount', name, namespace }],
    });
  }
  const token = await cluster.accountToken('jobs', 'export');
  await cluster.until('rights are in force', () => works(cluster, token));
}

export function account(cluster: Cluster, name: Account): Promise<string> {
  return cluster.create(`/api/v1/namespaces/${namespaceOf(name)}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
}

/** Without a kubelet it never runs; for tokens it is one like any other. `changes`: of its specification. */
export function pod(cluster: Cluster, name: string, changes: object = {}): Promise<string> {
  const spec = { serviceAccountName: 'export', automountServiceAccountToken: false, containers: [{ name: 'job', image: 'job' }], ...changes };
  return cluster.create('/api/v1/namespaces/jobs/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
}

export function secret(cluster: Cluster, name: string, members: Readonly<Record<string, string>> = {}): Promise<string> {
  return cluster.create('/api/v1/namespaces/jobs/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: members });
}

export async function podToken(cluster: Cluster, name: string, changes: object = {}): Promise<string> {
  return cluster.accountToken('jobs', 'export', { kind: 'Pod', name, uid: await pod(cluster, name, changes) });
}

export async function secretToken(cluster: Cluster, name: string): Promise<string> {
  return cluster.accountToken('jobs', 'export', { kind: 'Secret', name, uid: await secret(cluster, name) });
}

export async function works(cluster: Cluster, token: string): Promise<boolean> {
  return (await cluster.call('GET', '/api/v1/namespaces/jobs/configmaps', undefined, { token, from: '198.51.100.7', agent: 'export/1.4' })).status === 200;
}
