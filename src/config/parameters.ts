import type { Parameter, Parameters, ValuesOf } from '../model/detector.ts';
import { settingName, type Configurable } from './schema.ts';
import { byteCount, durationMs } from './units.ts';

/** Values that the configuration gives to parameters: detector id, name as the configuration writes it. */
export type ParameterTexts = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/**
 * What a detector is called with: the configured value of each parameter, else its default. Durations in
 * milliseconds, `auto` as `null`, sizes in bytes. Throws when a declared default does not fit its own kind.
 */
export function parameterValues<P extends Parameters>(
  detector: Configurable & { readonly parameters: P }, configuration: { readonly detectors: ParameterTexts },
): ValuesOf<P> {
  const given = configuration.detectors[detector.id] ?? {};
  const names = Object.keys(detector.parameters);
  const values = names.map((name) => [name, convert(detector.id, name, detector.parameters[name]!, given[settingName(name)])]);
  return Object.fromEntries(values) as ValuesOf<P>;
}

function convert(id: string, name: string, parameter: Parameter, given: unknown): number | null {
  const value = (given ?? parameter.default) as Parameter['default'];
  if (parameter.kind === 'duration-or-auto' && value === 'auto') return null;
  const number = typeof value === 'boolean' ? null : numberOf(parameter.kind, value);
  if (number === null || !Number.isFinite(number)) throw new Error(`${id}.${name}: "${value}" is no ${parameter.kind}`);
  return number;
}

function numberOf(kind: Parameter['kind'], value: number | string): number | null {
  if (kind === 'number') return typeof value === 'number' ? value : null;
  return kind === 'bytes' ? byteCount(value) : durationMs(value);
}
