import type { Format } from '../format.ts';
import { kubernetesAudit } from './kubernetes-audit.ts';
import { plainidAudit } from './plainid-audit.ts';
import { spireAudit } from './spire-audit.ts';
import { vaultAudit } from './vault-audit.ts';

export const secretsFormats: readonly Format[] = [vaultAudit, spireAudit, kubernetesAudit, plainidAudit];
