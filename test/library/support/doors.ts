import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Door } from '../../../src/library/door/door.ts';
import * as library from '../../../src/library/index.ts';
import { project } from '../../support/cli.ts';

const folder = join(project, 'src/library');
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const modules = await Promise.all(files.map((name): Promise<object> => import(join(folder, name))));

/** Every door of the library: what each exported function takes. A function with several forms has several. */
export const doors: readonly Door[] = [...new Set(modules.flatMap((module) => Object.values(module)))].filter(
  (value: unknown) => value instanceof Door,
);

/** What takes anything, or is no act of its own. */
const withoutDoor = ['ScapfeedError', 'isScapfeedError'];

/** The exported functions that have arguments, by name. */
export const functions: ReadonlyMap<string, (...args: readonly unknown[]) => unknown> = new Map(
  Object.entries(library).flatMap(([name, value]) =>
    typeof value === 'function' && !withoutDoor.includes(name)
      ? [[name, value as (...args: readonly unknown[]) => unknown] as const]
      : [],
  ),
);
