import type { Format } from '../format.ts';
import { auth0Logs } from './auth0-logs.ts';
import { authentikEvents } from './authentik-events.ts';
import { cyberarkAudit } from './cyberark-audit.ts';
import { duoAuth } from './duo-auth.ts';
import { ibmVerify } from './ibm-verify.ts';
import { jumpcloudDirectory } from './jumpcloud-directory.ts';
import { keycloakEvents } from './keycloak-events.ts';
import { keystoneCadf } from './keystone-cadf.ts';
import { oidcProviderAudit } from './oidc-provider-audit.ts';
import { oktaSystem } from './okta-system.ts';
import { oneloginEvents } from './onelogin-events.ts';
import { onepasswordEvents } from './onepassword-events.ts';
import { pingFederate } from './ping-federate.ts';
import { pingOne } from './ping-one.ts';
import { siteminderAccess } from './siteminder-access.ts';

export const identityFormats: readonly Format[] = [
  keycloakEvents, oidcProviderAudit, oktaSystem, auth0Logs, oneloginEvents, pingFederate, pingOne, ibmVerify, siteminderAccess, jumpcloudDirectory,
  cyberarkAudit, authentikEvents, keystoneCadf, duoAuth, onepasswordEvents,
];
