import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Target } from '../../../model/intent.ts';
import { secretIn } from '../auth/authorizer.ts';
import { awsSignature } from '../auth/aws-signature.ts';
import type { Family, ProviderSettings } from '../provider.ts';

export interface AwsSettings extends ProviderSettings {
  /** Our own key's public id. */
  readonly accessKeyId: string;
  readonly account: string;
  /** VPCs in which private addresses say where somebody is. */
  readonly vpcs: readonly string[];
  /** Without a slash at the end. */
  readonly endpoint: string;
}

const services = {
  access_key: 'iam', user_keys: 'iam', role_sessions: 'iam', session: 'iam', outbound_federation: 'iam', api_gateway_key: 'apigateway',
  secret_rotation: 'secretsmanager',
} as const satisfies Record<SectionOf<'aws'>['call'], string>;

export const aws: Family<SectionOf<'aws'>, AwsSettings> = {
  type: 'aws',
  configure(section) {
    const { account_id: account, access_key_id: accessKeyId, secret_key_file: file, session_token_file: tokenFile, call, identities, exposure, vpcs } = section;
    const service = services[call];
    // IAM is one for all regions of a partition, and signed for in this one.
    const region = service === 'iam' ? 'us-east-1' : section.region;
    const standard = service === 'iam' ? 'https://iam.amazonaws.com' : `https://${service}.${region}.amazonaws.com`;
    const credential = { accessKeyId, secret: secretIn(file), sessionToken: tokenFile === undefined ? null : secretIn(tokenFile) };
    return {
      account, accessKeyId, vpcs, endpoint: (section.endpoint ?? standard).replace(/\/+$/, ''), identities, exposureMs: durationMs(exposure) as number,
      authorizer: awsSignature(credential, { region, service }),
    };
  },
  urls: ({ endpoint }) => [endpoint],
};

/** The account that an identity belongs to: `aws:<account>:<unique id>`, or an ARN. */
export function isOfAccount({ issuer, identityId }: Target, { account }: Pick<AwsSettings, 'account'>): boolean {
  if (issuer !== 'aws' || identityId === null) return false;
  return identityId.startsWith(`aws:${account}:`) || /^arn:aws[\w-]*:(?:iam|sts)::(\d{12}):/.exec(identityId)?.[1] === account;
}
