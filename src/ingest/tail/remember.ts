const maxRemembered = 20_000;

/** Sets an entry of a bounded map: the one that was set longest ago goes. */
export function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  if (map.size >= maxRemembered) map.delete(map.keys().next().value!);
  map.set(key, value);
}
