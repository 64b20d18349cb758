import type { Format } from '../format.ts';
import { keycloakEvents } from './keycloak-events.ts';

export const identityFormats: readonly Format[] = [keycloakEvents];
