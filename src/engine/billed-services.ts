/** What bills call a service, by what its audit log calls it. Names as AWS, Google and Microsoft print them, in small letters. */
const billed: Readonly<Record<string, readonly string[]>> = {
  s3: ['amazon simple storage service', 'amazon s3'],
  ec2: ['amazon elastic compute cloud - compute', 'amazon elastic compute cloud', 'ec2 - other', 'amazonec2'],
  rds: ['amazon relational database service', 'amazon aurora'], 'rds-data': ['amazon relational database service', 'amazon aurora'],
  lambda: ['aws lambda'], dynamodb: ['amazon dynamodb'], athena: ['amazon athena'], bedrock: ['amazon bedrock'], 'bedrock-runtime': ['amazon bedrock'],
  sagemaker: ['amazon sagemaker'], kms: ['aws key management service'], sqs: ['amazon simple queue service'], sns: ['amazon simple notification service'],
  ses: ['amazon simple email service'], ecs: ['amazon elastic container service'], eks: ['amazon elastic container service for kubernetes'],
  redshift: ['amazon redshift'], 'redshift-data': ['amazon redshift'], glue: ['aws glue'], secretsmanager: ['aws secrets manager'],
  compute: ['compute engine'], storage: ['cloud storage', 'storage'], bigquery: ['bigquery'], aiplatform: ['vertex ai'], sqladmin: ['cloud sql'],
  'microsoft.compute': ['virtual machines'], 'microsoft.storage': ['storage', 'storage accounts'], 'microsoft.sql': ['sql database', 'azure sql database'],
  'microsoft.cognitiveservices': ['azure openai service', 'azure openai', 'cognitive services'],
};

const byBill = new Map<string, string[]>();
for (const [service, names] of Object.entries(billed)) for (const name of names) byBill.set(name, [...byBill.get(name) ?? [], service]);

/** An audit log's name of a service without the provider's domain: `s3` for `s3.amazonaws.com`. */
export function serviceKey(service: string): string {
  const name = service.toLowerCase();
  for (const domain of ['.amazonaws.com', '.googleapis.com']) if (name.endsWith(domain)) return name.slice(0, -domain.length);
  return name;
}

/** Keys of the services that a bill may mean; `null`: it names none that is known, so it may be any of the account. */
export function servicesOfBill(service: string | null): readonly string[] | null {
  return service === null ? null : byBill.get(service.toLowerCase()) ?? null;
}
