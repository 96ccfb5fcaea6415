import type { Source, TableSchema } from '../sources/contract.ts';
import { source as almalinux } from './almalinux/data/index.ts';
import { source as alpine } from './alpine/source.ts';
import { source as debian } from './debian/data/index.ts';
import { source as redhat } from './redhat/data/index.ts';
import { source as rocky } from './rocky/data/index.ts';
import { source as suse } from './suse/data/index.ts';
import { source as ubuntu } from './ubuntu/data/index.ts';

/** What a build needs of a distribution. */
export interface DistroBuild {
  source: Source;
}

/** Every distribution, by the source's id in code-unit order; test/distros/registry.test.ts compares it with the folders. */
export const builds: DistroBuild[] = [
  { source: almalinux },
  { source: alpine },
  { source: debian },
  { source: redhat },
  { source: rocky },
  { source: suse },
  { source: ubuntu },
];

export function sources(): Source[] {
  return builds.map(({ source }) => source);
}

/** Undefined: no distribution has such a source. */
export function sourceOf(id: string): Source | undefined {
  return sources().find((source) => source.id === id);
}

/** The tables of all sources. */
export function feedTables(): TableSchema[] {
  return sources().flatMap(({ tables = [] }) => tables);
}
