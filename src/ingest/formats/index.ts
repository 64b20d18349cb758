import { awsFormats } from './aws/index.ts';
import { cloudFormats } from './clouds/index.ts';
import type { Format } from './format.ts';
import { gatewayFormats } from './gateways/index.ts';
import { identityFormats } from './identity/index.ts';
import { leakFormats } from './leaks/index.ts';
import { microsoftFormats } from './microsoft/index.ts';
import { neutralFormats } from './neutral/index.ts';
import { oracleFormats } from './oracle/index.ts';
import { secretsFormats } from './secrets/index.ts';

/** Every log format there is, in the order in which they are asked. */
export const formats: readonly Format[] = [
  ...awsFormats, ...microsoftFormats, ...oracleFormats, ...identityFormats, ...secretsFormats,
  ...cloudFormats, ...leakFormats, ...gatewayFormats, ...neutralFormats,
];
