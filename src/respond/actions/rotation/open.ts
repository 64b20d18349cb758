import type { RotationSection } from '../../../config/rotation-schema.ts';
import type { Send } from '../../../outbound/client.ts';
import type { Action, KnownAs, OwnRights } from '../../port.ts';
import { withAuthorizer } from '../auth/authorizer.ts';
import { allNames, askingOwnName } from '../own-name.ts';
import { askRights, rightsOfAll } from '../rights.ts';
import { awsAccessKeys } from './aws-access-key.ts';
import type { Credentials } from './credential.ts';
import { entraPasswords } from './entra-password.ts';
import { keyVault } from './key-vault.ts';
import { keycloakSecrets } from './keycloak-secret.ts';
import { kubernetesSecret } from './kubernetes-secret.ts';
import { oktaSecrets } from './okta-secret.ts';
import { ordsSecrets } from './ords-secret.ts';
import type { Part } from './part.ts';
import { rotationAction } from './rotation.ts';
import { secretsManager } from './secrets-manager.ts';
import type { SecretStore } from './store.ts';
import { vaultKv } from './vault-kv.ts';

/** `clientFor`: speaks to these hosts and to nobody else. Throws an `Error` in plain words where a URL, key or secret cannot be used. */
export function openRotation(section: RotationSection, clientFor: (urls: readonly string[]) => Send, now: () => number = Date.now): Action {
  const rights: OwnRights[] = [];
  const names: ((signal: AbortSignal) => Promise<KnownAs>)[] = [];
  const opened = <T>(part: Part<T>): T => {
    const { authorizer } = part;
    const plain = clientFor([...part.urls, ...authorizer.urls]);
    const send = withAuthorizer(plain, authorizer, now);
    const asked = part.rights;
    if (asked !== undefined) {
      rights.push({
        unasked: asked.unasked ?? null, ask: (signal) => askRights(asked, { settings: null, send, plain, authorizer, nowMs: now() }, signal),
      });
    }
    if (part.ownName !== undefined) names.push(askingOwnName(part.ownName, send));
    return part.make(send);
  };
  const credentials = opened(credentialsOf(section.credential));
  const stores = section.stores.map((store) => ({
    store: opened(storeOf(store)), secrets: store.secrets, id_field: store.id_field, secret_field: store.secret_field,
  }));
  const action = rotationAction(section, { credentials, stores, now });
  return { ...action, rights: rightsOfAll(rights), ...(names.length === 0 ? {} : { ownNames: (signal) => allNames(names, signal) }) };
}

function credentialsOf(section: RotationSection['credential']): Part<Credentials> {
  switch (section.type) {
    case 'aws_access_key': return awsAccessKeys(section);
    case 'entra_password': return entraPasswords(section);
    case 'keycloak_secret': return keycloakSecrets(section);
    case 'okta_secret': return oktaSecrets(section);
    case 'ords_secret': return ordsSecrets(section);
  }
}

function storeOf(section: RotationSection['stores'][number]): Part<SecretStore> {
  switch (section.type) {
    case 'aws_secrets_manager': return secretsManager(section);
    case 'azure_key_vault': return keyVault(section);
    case 'vault_kv': return vaultKv(section);
    case 'kubernetes_secret': return kubernetesSecret(section);
  }
}
