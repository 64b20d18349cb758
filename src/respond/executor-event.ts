/** Something people or metrics should hear of. Words are our own. */
export type ExecutorEvent =
  | { readonly kind: 'call'; readonly action: string; readonly result: 'done' | 'already' | 'retry' | 'failed'; readonly reason: string | null }
  | { readonly kind: 'page'; readonly reason: string; readonly subject: string };
