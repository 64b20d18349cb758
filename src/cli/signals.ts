/**
 * From now on `end` is called where the process would have ended at once. There is a listener at every moment: one that is
 * on its way meanwhile would be lost with the last of them.
 */
export function takeSignals(end: (signal: NodeJS.Signals) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const former = process.listeners(signal);
    process.on(signal, end);
    for (const listener of former) process.off(signal, listener as NodeJS.SignalsListener);
  }
}
