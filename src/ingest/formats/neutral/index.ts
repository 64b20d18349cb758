import type { Format } from '../format.ts';
import { ecs } from './ecs.ts';

export const neutralFormats: readonly Format[] = [ecs];
