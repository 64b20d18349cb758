import type { Format } from '../format.ts';
import { awsAlb } from './aws-alb.ts';
import { awsCloudfront } from './aws-cloudfront.ts';
import { awsCloudtrail } from './aws-cloudtrail.ts';
import { awsS3access } from './aws-s3access.ts';
import { awsVpcflow } from './aws-vpcflow.ts';

export const awsFormats: readonly Format[] = [awsCloudtrail, awsAlb, awsS3access, awsCloudfront, awsVpcflow];
