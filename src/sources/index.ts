import type { Source } from './contract.ts';
import { debian } from './debian/index.ts';
import { redhat } from './redhat/index.ts';
import { ubuntu } from './ubuntu/index.ts';

/** Every source, by id in code-unit order; test/sources/registry.test.ts holds this list against the folders. */
export const sources: readonly Source[] = [debian, redhat, ubuntu];
