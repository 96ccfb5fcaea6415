import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as library from '../../../src/library/index.ts';
import { ParameterCheck } from '../../../src/library/parameters/parameter-check.ts';
import { project } from '../../support/cli.ts';

const folder = join(project, 'src/library');
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const modules = await Promise.all(files.map((name): Promise<object> => import(join(folder, name))));

/** Every check of the library: what each exported function takes. A function with several forms has several. */
export const parameterChecks: readonly ParameterCheck[] = [
  ...new Set(modules.flatMap((module) => Object.values(module))),
].filter((value: unknown) => value instanceof ParameterCheck);

/** Exports that accept any value. */
const withoutParameters = ['ScapfeedError', 'isScapfeedError'];

/** The exported functions that have arguments, by name. */
export const functions: ReadonlyMap<string, (...args: readonly unknown[]) => unknown> = new Map(
  Object.entries(library).flatMap(([name, value]) =>
    typeof value === 'function' && !withoutParameters.includes(name)
      ? [[name, value as (...args: readonly unknown[]) => unknown] as const]
      : [],
  ),
);
