/**
 * Operations that hand data to somebody outside, or make a copy or a link that can leave, whose records do not tell to whom. Names as the
 * providers write them in their logs.
 */
const copies = {
  'opened it to whoever has the link': ['AnonymousLinkCreated', 'AnonymousLinkUpdated'],
  'made a link or a copy that can leave': [
    'MICROSOFT.COMPUTE/SNAPSHOTS/BEGINGETACCESS/ACTION', 'MICROSOFT.COMPUTE/DISKS/BEGINGETACCESS/ACTION', 'MICROSOFT.SQL/SERVERS/DATABASES/EXPORT/ACTION',
    'cloudsql.instances.export', 'google.storagetransfer.v1.StorageTransferService.CreateTransferJob',
    'google.cloud.bigquery.datatransfer.v1.DataTransferService.CreateTransferConfig', 'ExportImage', 'CreateInstanceExportTask', 'SearchExportDownloaded',
    'migration.create', 'createShare', 'createRecipient',
  ],
  'handed it over to another owner': ['repo.transfer', 'repo.transfer_start'],
  'had mail sent on': ['New-InboxRule', 'Set-InboxRule', 'New-TransportRule', 'Set-Mailbox', 'UpdateInboxRules'],
} as const;

const byAction: ReadonlyMap<string, string> = new Map(Object.entries(copies).flatMap(([what, actions]) => actions.map((action) => [action, what])));

/** What the action does with data, for a sentence; `undefined` for nearly all. */
export function copiesBy(action: string): string | undefined {
  return byAction.get(action);
}

/** Calls that write an object: who serves a customer does so in his account. */
const writing: ReadonlySet<string> = new Set(['PutObject', 'CopyObject', 'UploadPart', 'UploadPartCopy', 'CreateMultipartUpload', 'CompleteMultipartUpload']);

export function writesObject(action: string | null): boolean {
  return action !== null && writing.has(action);
}
