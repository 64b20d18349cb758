import type { Format } from '../format.ts';
import { azuredevopsAudit } from './azuredevops-audit.ts';
import { databricksAudit } from './databricks-audit.ts';
import { gcpAudit } from './gcp-audit.ts';
import { gcpLb } from './gcp-lb.ts';
import { githubAudit } from './github-audit.ts';
import { gitlabAudit } from './gitlab-audit.ts';
import { snowflakeLogin } from './snowflake-login.ts';
import { teleportAudit } from './teleport-audit.ts';

export const cloudFormats: readonly Format[] = [
  gcpAudit, gcpLb, githubAudit, gitlabAudit, azuredevopsAudit, snowflakeLogin, databricksAudit, teleportAudit,
];
