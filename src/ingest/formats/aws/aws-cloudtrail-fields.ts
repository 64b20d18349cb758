import { firstOf, jsonIn, path, type Path } from '../../paths.ts';
import type { Value, Values } from '../format.ts';

const user = (...keys: string[]) => path('userIdentity', ...keys);
const session = (...keys: string[]) => path('userIdentity', 'sessionContext', ...keys);
const asked = (key: string) => path('requestParameters', key);
const opened = (kind: string, key: string) => path('requestParameters', kind, 'add', 'items', '0', key);
const answered = (...keys: string[]) => path('responseElements', ...keys);

/** What is read of a record. Credentials in responses (`sessionToken`, `secretAccessKey`) are not among it. */
export const cloudtrailFields = {
  eventTime: firstOf(path('eventTime'), path('@timestamp')),
  eventVersion: path('eventVersion'), eventId: path('eventID'), eventName: path('eventName'), eventSource: path('eventSource'),
  eventType: path('eventType'), eventCategory: path('eventCategory'), region: path('awsRegion'), sourceAddress: path('sourceIPAddress'),
  userAgent: path('userAgent'), errorCode: path('errorCode'), errorMessage: path('errorMessage'), requestId: path('requestID'),
  sharedEvent: path('sharedEventID'), account: path('recipientAccountId'), fromConsole: path('sessionCredentialFromConsole'),
  endpoint: path('vpcEndpointId'), host: path('tlsDetails', 'clientProvidedHostHeader'),
  type: user('type'), principalId: user('principalId'), arn: user('arn'), callerAccount: user('accountId'),
  accessKeyId: user('accessKeyId'),
  userName: user('userName'), invokedBy: user('invokedBy'), identityProvider: user('identityProvider'),
  onBehalfOf: user('onBehalfOf', 'userId'),
  issuedTo: user('inScopeOf', 'credentialsIssuedTo'),
  issuerPrincipalId: session('sessionIssuer', 'principalId'), issuerArn: session('sessionIssuer', 'arn'),
  issuerName: session('sessionIssuer', 'userName'),
  sessionCreated: session('attributes', 'creationDate'), mfa: session('attributes', 'mfaAuthenticated'),
  ec2Delivery: session('ec2RoleDelivery'),
  bytesOut: path('additionalEventData', 'bytesTransferredOut'),
  resource0: path('resources', '0', 'ARN'), resource0Type: path('resources', '0', 'type'),
  resource1: path('resources', '1', 'ARN'), resource1Type: path('resources', '1', 'type'),
  resource0Owner: path('resources', '0', 'accountId'), resource1Owner: path('resources', '1', 'accountId'),
  sharedWith: firstOf(opened('createVolumePermission', 'userId'), opened('launchPermission', 'userId')),
  sharedGroup: firstOf(opened('createVolumePermission', 'group'), opened('launchPermission', 'group')),
  restoredBy: path('requestParameters', 'valuesToAdd', '0'), principal: asked('principal'),
  replicatedTo: path('requestParameters', 'ReplicationConfiguration', 'Rule', 'Destination', 'Account'),
  bucket: asked('bucketName'), secretId: firstOf(asked('secretId'), path('requestParameters', 'secretIdList', '0')),
  table: asked('tableName'), functionName: asked('functionName'), parameter: firstOf(asked('name'), path('requestParameters', 'names', '0')),
  keyId: asked('keyId'), instance: firstOf(asked('instanceId'), path('requestParameters', 'instanceIds', '0')),
  role: asked('roleArn'), targetUser: asked('userName'), targetKey: asked('accessKeyId'), targetStatus: asked('status'),
  newKeyId: firstOf(answered('credentials', 'accessKeyId'), answered('accessKey', 'accessKeyId')),
  newExpiration: firstOf(answered('credentials', 'expiration'), answered('expiration')), newJwtId: answered('webIdentityTokenId'),
  newRoleId: answered('assumedRoleUser', 'assumedRoleId'),
  newRoleArn: answered('assumedRoleUser', 'arn'), newFederatedArn: answered('federatedUser', 'arn'), consoleLogin: answered('ConsoleLogin'),
};
export type CloudtrailFields = Values<typeof cloudtrailFields>;

/** The same fields inside the text that `LookupEvents` gives as `CloudTrailEvent`. */
export function within(key: string): typeof cloudtrailFields {
  const moved = Object.entries(cloudtrailFields).map(([name, at]: [string, Path<Value>]) => [name, jsonIn([key], at)]);
  return Object.fromEntries(moved) as typeof cloudtrailFields;
}

/** Maps in CloudTrail Lake and Athena: their keys stay as they are, what they hold is text, also where that text is JSON. */
const maps: ReadonlySet<string> = new Set(['requestparameters', 'responseelements', 'additionaleventdata']);

/** The same fields under the column names of CloudTrail Lake and Athena: in small letters but for the keys of maps. */
export function inColumns(): typeof cloudtrailFields {
  return Object.fromEntries(Object.entries(cloudtrailFields).map(([name, at]) => [name, column(at)])) as typeof cloudtrailFields;
}

function column(at: Path<Value>): Path<Value> {
  if (at.kind === 'firstOf') return firstOf(...at.options.map((option) => column(option as Path<Value>)));
  if (at.kind !== 'keys') return at;
  const [first = '', second = '', ...below] = at.keys;
  const top = first.toLowerCase();
  if (!maps.has(top)) return path(...at.keys.map((key) => key.toLowerCase()));
  return below.length === 0 ? path(top, second) : jsonIn([top, second], path(...below));
}
