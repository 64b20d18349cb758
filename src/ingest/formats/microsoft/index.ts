import type { Format } from '../format.ts';

export const microsoftFormats: readonly Format[] = [];
