import type { Source } from '../sources/contract.ts';
import { debian } from './debian/data/index.ts';
import { redhat } from './redhat/data/index.ts';
import { ubuntu } from './ubuntu/data/index.ts';

/** Every source, by id in code-unit order; test/distros/registry.test.ts compares this list with the folders. */
export const sources: readonly Source[] = [debian, redhat, ubuntu];
