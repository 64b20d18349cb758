import type { Format } from '../format.ts';
import { keycloakEvents } from './keycloak-events.ts';
import { oidcProviderAudit } from './oidc-provider-audit.ts';

export const identityFormats: readonly Format[] = [keycloakEvents, oidcProviderAudit];
