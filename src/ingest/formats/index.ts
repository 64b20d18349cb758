import { awsCloudtrail } from './aws-cloudtrail.ts';
import { ecs } from './ecs.ts';
import { envoyAccess } from './envoy-access.ts';
import type { Format } from './format.ts';
import { haproxyHttp } from './haproxy-http.ts';
import { keycloakEvents } from './keycloak-events.ts';
import { vaultAudit } from './vault-audit.ts';

/** Every log format there is, in the order in which they are asked. */
export const formats: readonly Format[] = [ecs, awsCloudtrail, envoyAccess, vaultAudit, keycloakEvents, haproxyHttp];
