import { awsCloudtrail } from './aws-cloudtrail.ts';
import { envoyAccess } from './envoy-access.ts';
import type { Format } from './format.ts';
import { haproxyHttp } from './haproxy-http.ts';

/** Every log format there is, in the order in which they are asked. */
export const formats: readonly Format[] = [awsCloudtrail, envoyAccess, haproxyHttp];
