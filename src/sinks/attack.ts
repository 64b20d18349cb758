import type { AttackTechnique } from '../model/detector.ts';

/** Version of MITRE ATT&CK (Enterprise) that the names below are of. */
export const attackVersion = '18.1';

/** Edition of the OWASP Non-Human Identities Top 10 that the ids in alerts are of. */
export const owaspNhiYear = 2025;

const tactics: Readonly<Record<string, string>> = {
  TA0001: 'Initial Access', TA0003: 'Persistence', TA0004: 'Privilege Escalation', TA0005: 'Defense Evasion',
  TA0006: 'Credential Access', TA0007: 'Discovery', TA0008: 'Lateral Movement', TA0009: 'Collection',
  TA0010: 'Exfiltration', TA0011: 'Command and Control', TA0040: 'Impact',
};

const techniques: Readonly<Record<string, string>> = {
  'T1020': 'Automated Exfiltration',
  'T1041': 'Exfiltration Over C2 Channel',
  'T1069': 'Permission Groups Discovery',
  'T1069.003': 'Cloud Groups',
  'T1078': 'Valid Accounts',
  'T1078.001': 'Default Accounts',
  'T1078.004': 'Cloud Accounts',
  'T1087': 'Account Discovery',
  'T1087.004': 'Cloud Account',
  'T1090': 'Proxy',
  'T1090.003': 'Multi-hop Proxy',
  'T1098': 'Account Manipulation',
  'T1098.001': 'Additional Cloud Credentials',
  'T1119': 'Automated Collection',
  'T1213': 'Data from Information Repositories',
  'T1496': 'Resource Hijacking',
  'T1484': 'Domain or Tenant Policy Modification',
  'T1484.002': 'Trust Modification',
  'T1485': 'Data Destruction',
  'T1490': 'Inhibit System Recovery',
  'T1526': 'Cloud Service Discovery',
  'T1528': 'Steal Application Access Token',
  'T1530': 'Data from Cloud Storage',
  'T1537': 'Transfer Data to Cloud Account',
  'T1550': 'Use Alternate Authentication Material',
  'T1550.001': 'Application Access Token',
  'T1550.004': 'Web Session Cookie',
  'T1552': 'Unsecured Credentials',
  'T1552.001': 'Credentials In Files',
  'T1552.005': 'Cloud Instance Metadata API',
  'T1555': 'Credentials from Password Stores',
  'T1555.006': 'Cloud Secrets Management Stores',
  'T1562': 'Impair Defenses',
  'T1562.008': 'Disable or Modify Cloud Logs',
  'T1567': 'Exfiltration Over Web Service',
  'T1580': 'Cloud Infrastructure Discovery',
  'T1606': 'Forge Web Credentials',
  'T1619': 'Cloud Storage Object Discovery',
};

export interface NamedTechnique {
  readonly tacticId: string;
  readonly tacticName: string;
  readonly techniqueId: string;
  readonly techniqueName: string;
  readonly subtechnique: { readonly id: string; readonly name: string } | null;
}

/** Does the table have it? */
export function isTechnique({ tactic, technique }: AttackTechnique): boolean {
  return tactic in tactics && technique in techniques && (technique.split('.')[0] as string) in techniques;
}

/** Ids with their names; a sub-technique comes with the technique it belongs to. Throws on an id that is not in the table. */
export function nameTechnique({ tactic, technique }: AttackTechnique): NamedTechnique {
  const parent = technique.split('.')[0] as string;
  const [tacticName, techniqueName, ownName] = [tactics[tactic], techniques[parent], techniques[technique]];
  if (tacticName === undefined || techniqueName === undefined || ownName === undefined) {
    throw new Error(`ATT&CK table has no ${tactic} ${technique}`);
  }
  const subtechnique = parent === technique ? null : { id: technique, name: ownName };
  return { tacticId: tactic, tacticName, techniqueId: parent, techniqueName, subtechnique };
}
