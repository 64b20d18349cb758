import type { Format } from '../format.ts';
import { ociApigateway } from './oci-apigateway.ts';
import { ociAudit } from './oci-audit.ts';
import { ociFlow } from './oci-flow.ts';
import { oracleUnifiedAudit } from './oracle-unified-audit.ts';
import { ordsAccess } from './ords-access.ts';

export const oracleFormats: readonly Format[] = [ociAudit, ociApigateway, ociFlow, ordsAccess, oracleUnifiedAudit];
