import { join } from 'node:path';
import { parseArgs } from 'node:util';

export const usage = `Usage: npm run fuzz -- [OPTIONS]

Reads damaged inputs of every kind, made from a seed, until the time is over.

  --target NAME      only this target; repeatable
  --seconds N        time for all targets together (default: 240)
  --seed N           where the damage comes from (default: 1)
  --cases N          end each target after N cases, even if there is time left
  --case N           only the case of this number
  --deadline N       seconds without a result after which a case hangs (default: 20)
  --table FILE       the module with the targets (default: test/fuzz/targets/index.ts)
  --out DIR          where the inputs of findings go (default: out/fuzz)

Exit codes: 0 no finding, 1 findings, 2 wrong use`;

/** A command line that cannot be used; its message says which part. */
export class UsageError extends Error {}

export interface Arguments {
  /** Empty: all. */
  targets: string[];
  seconds: number;
  seed: number;
  from: number;
  cases: number;
  deadline: number;
  table: string;
  out: string;
}

/** Parses the command line; undefined if it asks for help. Throws a UsageError if it is invalid. */
export function readArguments(args: string[]): Arguments | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  return {
    targets: values.target ?? [],
    seconds: number('seconds', values.seconds),
    seed: number('seed', values.seed),
    from: number('case', values.case ?? '0'),
    cases: values.case === undefined ? casesOf(values.cases) : 1,
    deadline: number('deadline', values.deadline),
    table: values.table,
    out: values.out,
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h' },
        target: { type: 'string', multiple: true },
        seed: { type: 'string', default: '1' },
        seconds: { type: 'string', default: '240' },
        case: { type: 'string' },
        cases: { type: 'string' },
        deadline: { type: 'string', default: '20' },
        table: { type: 'string', default: join(import.meta.dirname, 'targets/index.ts') },
        out: { type: 'string', default: 'out/fuzz' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Time alone ends a target whose cases are not limited. Not Infinity: the worker gets this number as JSON. */
function casesOf(text: string | undefined): number {
  return text === undefined ? Number.MAX_SAFE_INTEGER : number('cases', text);
}

function number(option: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new UsageError(`--${option} needs a number, not '${text}'`);
  return Number(text);
}
