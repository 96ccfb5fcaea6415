import { xml, xmlHead } from '../xml-text.ts';
import type { Action, DoneTarget, ManyResults, MergedFormat } from './results.ts';

/** A suite for each image; its name begins the classes of its tests, as CI systems identify tests by class and name. */
export function mergedJunit<One extends { name: string }>(
  action: Action,
  suiteOf: (one: One, prefix: string) => Iterable<string>,
): MergedFormat<One, ManyResults<unknown>> {
  return {
    part: (one) => suiteOf(one, `${one.name}.`),
    whole: ({ targets }) => whole(targets, action),
  };
}

function* whole(targets: readonly DoneTarget<unknown>[], { command, done }: Action): Iterable<string> {
  yield `${xmlHead}<testsuites name="scapfeed ${command}">\n`;
  for (const target of targets) {
    if (target.error) yield errorSuite(target, done);
    yield* target.part();
  }
  yield '</testsuites>\n';
}

function errorSuite({ target, name, error }: DoneTarget<unknown>, test: string): string {
  const counts = { tests: '1', failures: '0', errors: '1', skipped: '0' };
  const message = `${target}: ${error?.message}`;
  const failure = xml('error', { message, type: error?.code });
  const one = xml('testcase', { classname: `${name}.scapfeed`, name: test, time: '0' }, failure);
  return `${xml('testsuite', { name, ...counts }, `\n${one}\n`)}\n`;
}
