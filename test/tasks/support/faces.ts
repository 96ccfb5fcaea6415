import { flagNames } from '../../../src/tasks/outcome.ts';
import { scapfeed } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** The time of every run. */
export const now = new Date('2026-11-01');

/** A gate's result: the exit code and its sentences on stderr. */
export type Told = [code: number | null, reasons: string[]];

/** The command in a folder. */
export function byCommand(folder: string, ...args: string[]): Told {
  const home = temporaryFolder();
  const env = { SOURCE_DATE_EPOCH: String(now.getTime() / 1000), XDG_DATA_HOME: home, HOME: home };
  const { code, err } = scapfeed(args, env, folder);
  return [code, err.split('\n').filter(isOfGate)];
}

const options = [
  ...['failOnRule', 'failOnNew', 'failOn'],
  ...['allowUncovered', 'allowUnrated', 'allowUnjudged', 'severity'],
];
const named = new RegExp(`(?<!-)\\b(?:${options.join('|')})\\b`, 'g');

/** The same of a result of the library, with its options spelled as flags. */
export function byLibrary({ policy }: { policy: { exitCode: number; reasons: readonly string[] } }): Told {
  const reasons = policy.reasons.filter(isOfGate);
  return [policy.exitCode, reasons.map((text) => text.replace(named, flagNames))];
}

function isOfGate(text: string): boolean {
  return /^(?:policy|not judged|not covered|signatures): /.test(text);
}
