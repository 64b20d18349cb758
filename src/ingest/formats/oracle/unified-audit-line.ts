import type { Value } from '../format.ts';
import { Pairs } from '../line.ts';

const maxLine = 16_384;
const maxPairs = 64;
/** Names of the fields that the database writes to the system log, and the columns that they come from. */
const columns: ReadonlyMap<string, string> = new Map([
  ['DBID', 'DBID'], ['SESID', 'SESSIONID'], ['CLIENTID', 'CLIENT_IDENTIFIER'], ['ENTRYID', 'ENTRY_ID'], ['STMTID', 'STATEMENT_ID'],
  ['DBUSER', 'DBUSERNAME'], ['CURUSER', 'CURRENT_USER'], ['ACTION', 'ACTION_CODE'], ['RETCODE', 'RETURN_CODE'], ['SCHEMA', 'OBJECT_SCHEMA'],
  ['OBJNAME', 'OBJECT_NAME'], ['PDB_GUID', 'PDB_GUID'], ['TYPE', 'AUDIT_TYPE'],
]);

/** `Oracle Unified Audit[1234]: LENGTH: '...' TYPE:"4" DBID:"..." ...`, as UNIFIED_AUDIT_SYSTEMLOG writes it; `null` for other lines. */
export function unifiedAuditLine(line: string): Readonly<Record<string, Value>> | null {
  if (line.length > maxLine) return null;
  const start = line.indexOf('TYPE:"');
  if (start < 0 || !line.includes(' DBID:"', start)) return null;
  const found = new Pairs();
  let at = start;
  for (let pairs = 0; at < line.length && pairs < maxPairs; pairs++) {
    const open = line.indexOf(':"', at);
    const close = open < 0 ? -1 : line.indexOf('"', open + 2);
    if (close < 0) break;
    const column = columns.get(line.slice(at, open));
    if (column !== undefined) found[column] = line.slice(open + 2, close);
    at = close + 1;
    while (line.charCodeAt(at) === 32) at++;
  }
  return found;
}
