/** A text that stood in a log, so that anybody may have written it: never markup, never an instruction, never our word. */
export interface FromLog { readonly fromLog: string }


export function fromLog(text: string | null | undefined): FromLog | null {
  return text === null || text === undefined ? null : { fromLog: text };
}

export function allFromLog(texts: readonly string[]): FromLog[] {
  return texts.map((text) => ({ fromLog: text }));
}

export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

export function isoOrNull(timeMs: number | null): string | null {
  return timeMs === null ? null : iso(timeMs);
}
