import type { Claims } from './claim.ts';
import type { FileOwner } from './file.ts';

/** What examining a file needs of the source. */
export interface Examiner extends FileOwner, Claims {
  readonly name: string;
  readonly maxRecordBytes: number;
}
