import type { Format } from '../format.ts';
import { awsAlb } from './aws-alb.ts';
import { awsApigateway } from './aws-apigateway.ts';
import { awsCloudfront } from './aws-cloudfront.ts';
import { awsCloudtrail } from './aws-cloudtrail.ts';
import { awsCostAnomaly } from './aws-cost-anomaly.ts';
import { awsS3access } from './aws-s3access.ts';
import { awsVpcflow } from './aws-vpcflow.ts';
import { focusBilling } from './focus-billing.ts';

export const awsFormats: readonly Format[] = [
  awsCloudtrail, awsApigateway, awsAlb, awsS3access, awsCloudfront, awsVpcflow, awsCostAnomaly, focusBilling,
];
