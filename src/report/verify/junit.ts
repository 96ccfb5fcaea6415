import { escapeXmlLines, type Verification } from '../../model/index.ts';
import { noteText } from '../note-text.ts';
import { line } from '../printable.ts';
import { ignoredText } from '../scan/exceptions-text.ts';
import { stableImageName } from '../scan/words.ts';
import { xml, xmlHead } from '../xml-text.ts';
import { deviationText } from './words.ts';

/** Formats a verification as JUnit XML: a test case that fails for each deviation; a suite is never empty. */
export function* verificationJunit(result: Verification): Iterable<string> {
  const { deviations, accepted = [], uncovered, inventory, image } = result;
  const isFine = deviations.length === 0 && uncovered.length === 0;
  const attributes = {
    name: stableImageName(image.reference),
    tests: String(deviations.length + accepted.length + uncovered.length + (isFine ? 1 : 0)),
    failures: String(deviations.length),
    errors: String(uncovered.length),
    skipped: String(accepted.length),
  };
  const [open, close] = xml('testsuite', attributes, '\n').split('\n') as [string, string];
  yield `${xmlHead}<testsuites name="scapfeed verify">\n${open}\n`;
  for (const { name } of uncovered) {
    const message = 'the package has no list of its files';
    yield testCase('uncovered', name, xml('error', { message, type: 'uncovered' }));
  }
  for (const deviation of deviations) {
    const { kind, path, detail } = deviation;
    const failure = xml('failure', { message: detail, type: kind }, escapeXmlLines(deviationText(deviation)));
    yield testCase(kind, path, failure);
  }
  for (const { kind, path, ignored } of accepted)
    yield testCase(kind, path, xml('skipped', { message: ignoredText(ignored) }));
  if (isFine) yield testCase('scapfeed', 'every file is as packaged', '');
  const notes = inventory.notes.map((note) => line(noteText(note))).join('');
  if (notes !== '') yield `${xml('system-out', {}, escapeXmlLines(notes))}\n`;
  yield `${close}\n</testsuites>\n`;
}

function testCase(classname: string, name: string, outcome: string): string {
  return `${xml('testcase', { classname, name, time: '0' }, outcome)}\n`;
}
