import type { Format } from '../format.ts';
import { vaultAudit } from './vault-audit.ts';

export const secretsFormats: readonly Format[] = [vaultAudit];
