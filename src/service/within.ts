/** Waits for some work, but no longer than this. Rejects where the work does in time. */
export async function withinMs(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => { timer = setTimeout(resolve, limitMs); });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
