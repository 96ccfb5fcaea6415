import { junitFoot, junitHead, junitSuite } from '../scan/junit.ts';
import { xml } from '../xml-text.ts';
import type { DoneTarget, ManyScan, MergedFormat } from './scan.ts';

/** A suite for each image; its name begins the classes of its tests, as CI systems tell tests apart by class and name. */
export const mergedJunit: MergedFormat = {
  part: (report) => junitSuite(report, `${report.name}.`),
  whole,
};

function* whole({ targets }: ManyScan): Iterable<string> {
  yield junitHead;
  for (const target of targets) {
    if (target.error) yield errorSuite(target);
    yield* target.part();
  }
  yield junitFoot;
}

function errorSuite({ target, name, error }: DoneTarget): string {
  const counts = { tests: '1', failures: '0', errors: '1', skipped: '0' };
  const message = `${target}: ${error?.message}`;
  const failure = xml('error', { message, type: error?.code });
  const test = xml('testcase', { classname: `${name}.scapfeed`, name: 'scanned', time: '0' }, failure);
  return `${xml('testsuite', { name, ...counts }, `\n${test}\n`)}\n`;
}
