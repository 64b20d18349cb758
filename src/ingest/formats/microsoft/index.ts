import type { Format } from '../format.ts';
import { azureActivity } from './azure-activity.ts';
import { azureApim } from './azure-apim.ts';
import { azureAppgateway } from './azure-appgateway.ts';
import { azureFrontdoor } from './azure-frontdoor.ts';
import { azureGraph } from './azure-graph.ts';
import { azureKeyvault } from './azure-keyvault.ts';
import { entraAudit } from './entra-audit.ts';
import { entraRisk } from './entra-risk.ts';
import { entraSignin } from './entra-signin.ts';
import { m365UnifiedAudit } from './m365-unified-audit.ts';

export const microsoftFormats: readonly Format[] = [
  entraSignin, entraAudit, entraRisk, m365UnifiedAudit, azureActivity, azureGraph, azureKeyvault, azureApim, azureFrontdoor, azureAppgateway,
];
