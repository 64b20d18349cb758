import type { Format } from '../format.ts';
import { awsCloudtrail } from './aws-cloudtrail.ts';

export const awsFormats: readonly Format[] = [awsCloudtrail];
