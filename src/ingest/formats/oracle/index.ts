import type { Format } from '../format.ts';

export const oracleFormats: readonly Format[] = [];
