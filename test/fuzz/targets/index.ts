import type { Target } from '../target.ts';
import { databaseTargets } from './databases.ts';

/** All kinds of foreign input that are fuzzed. */
export const targets: readonly Target[] = [...databaseTargets];
