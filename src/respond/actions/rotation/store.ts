import type { Answered } from './part.ts';
import type { Made } from './credential.ts';

/** What a store holds of one credential. It goes into requests and nowhere else. */
export interface Value {
  /** The store's own name of this version. */
  readonly version: string;
  /** A text that may be a JSON object, or the members of one. */
  readonly content: string | Readonly<Record<string, unknown>>;
  /** What whoever wrote it left there; `null` where nothing is, or the store has no room for it. */
  readonly mark: string | null;
}

export interface Write {
  readonly content: Value['content'];
  /** What it replaces: where that is not there any more, nothing is written. */
  readonly over: Value;
  /** Names this write: a repetition is the same write. */
  readonly mark: string;
  /** It is put back as it was, so that nothing of ours stays behind. */
  readonly isUndo: boolean;
}

/** A place from which those who depend on a credential read it. `where`: as the configuration names it. */
export interface SecretStore {
  /** `version`: absent for what is there now. */
  read(where: string, signal: AbortSignal, version?: string): Promise<Answered<Value>>;
  write(where: string, write: Write, signal: AbortSignal): Promise<Answered<true>>;
  /** Takes away what is needed for no longer than the old credential lives. Absent: there is nothing. */
  tidy?(where: string, signal: AbortSignal): Promise<Answered<true>>;
}

/** Which members are which. */
export interface Fields { readonly id_field?: string | undefined; readonly secret_field?: string | undefined }

/** The content with the new credential in place of the old; what else stands there stays. `null` where it is not as the configuration says. */
export function contentWith({ content }: Value, { id, secret }: Made, { id_field: idField, secret_field: secretField }: Fields): Value['content'] | null {
  if (secretField === undefined) return typeof content === 'string' ? secret : null;
  const members = membersOf(content);
  if (members === null) return null;
  const changed = { ...members, ...(idField === undefined ? {} : { [idField]: id }), [secretField]: secret };
  return typeof content === 'string' ? JSON.stringify(changed) : changed;
}

/** Is it the credential of this id that stands there, as far as that can be told? */
export function isHeld(value: Value, id: string, mark: string, { id_field: idField }: Fields): boolean {
  return value.mark === mark || idField !== undefined && membersOf(value.content)?.[idField] === id;
}

function membersOf(content: Value['content']): Readonly<Record<string, unknown>> | null {
  if (typeof content !== 'string') return content;
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}
