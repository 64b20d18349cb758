import type { Format } from '../format.ts';

export const cloudFormats: readonly Format[] = [];
