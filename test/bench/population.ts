import { Random } from '../support/estate/random.ts';

/** What a workload of the corpus looks like from outside: where it calls from, with what, how much it takes. */
export interface Workload {
  readonly number: number;
  readonly addresses: readonly string[];
  readonly agent: string;
  readonly resources: readonly string[];
  /** Typical bytes of one answer. */
  readonly usualBytes: number;
}

const networks = ['3.120', '18.196', '34.89', '52.28', '81.169', '93.184', '185.199', '10.20', '10.30', '172.20'];
const agents = [
  'aws-cli/2.15.10 Python/3.11.6 Linux/6.1.0 exe/x86_64 prompt/off command/s3api.get-object',
  'Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux md/arch#x86_64 lang/python#3.11',
  'aws-sdk-go-v2/1.24.1 os/linux lang/go#1.21.6 md/GOOS#linux md/GOARCH#amd64 api/s3#1.48.0',
  'APN/1.0 HashiCorp/1.0 Terraform/1.5.2 (+https://www.terraform.io) terraform-provider-aws/5.7.0',
];

/** Workloads with one to four addresses in one or two networks each, and up to eight resources. */
export function population(count: number): Workload[] {
  const random = new Random(count);
  return Array.from({ length: count }, (_, number) => {
    const network = `${random.pick(networks)}.${random.whole(256)}`;
    return {
      number,
      addresses: Array.from({ length: 1 + random.whole(4) }, () => `${network}.${1 + random.whole(254)}`),
      agent: random.pick(agents),
      resources: Array.from({ length: 1 + random.whole(8) }, () => `exports-${random.whole(500)}`),
      usualBytes: 10 ** random.between(2, 6),
    };
  });
}
