import { escapeXmlLines, type Verification } from '../../model/index.ts';
import { signatureCase } from '../junit-signatures.ts';
import { noteText } from '../note-text.ts';
import { line } from '../printable.ts';
import { ignoredText } from '../scan/exceptions-text.ts';
import { stableImageName } from '../scan/words.ts';
import { xml, xmlHead } from '../xml-text.ts';
import { deviationText } from './words.ts';

/** Formats a verification as JUnit XML: a test case that fails for each deviation; a suite is never empty. */
export function* verificationJunit(
  result: Verification,
  name: string = stableImageName(result.image.reference),
): Iterable<string> {
  yield `${xmlHead}<testsuites name="scapfeed verify">\n`;
  yield* verificationSuite(result, name);
  yield '</testsuites>\n';
}

/** The suite of one image. `prefix` stands before its classes, which tell its tests from those of other images. */
export function* verificationSuite(result: Verification, name: string, prefix = ''): Iterable<string> {
  const { deviations, accepted = [], uncovered, inventory } = result;
  const signatures = signatureCase(result, prefix);
  const isFine = deviations.length === 0 && uncovered.length === 0 && signatures === undefined;
  const attributes = {
    name,
    tests: String(deviations.length + accepted.length + uncovered.length + (isFine || signatures ? 1 : 0)),
    failures: String(deviations.length + (signatures?.kind === 'failure' ? 1 : 0)),
    errors: String(uncovered.length + (signatures?.kind === 'error' ? 1 : 0)),
    skipped: String(accepted.length),
  };
  const [open, close] = xml('testsuite', attributes, '\n').split('\n') as [string, string];
  yield `${open}\n`;
  if (signatures) yield signatures.text;
  for (const { name } of uncovered) {
    const message = 'the package has no list of its files';
    yield testCase(`${prefix}uncovered`, name, xml('error', { message, type: 'uncovered' }));
  }
  for (const deviation of deviations) {
    const { kind, path, detail } = deviation;
    const failure = xml('failure', { message: detail, type: kind }, escapeXmlLines(deviationText(deviation)));
    yield testCase(`${prefix}${kind}`, path, failure);
  }
  for (const { kind, path, ignored } of accepted)
    yield testCase(`${prefix}${kind}`, path, xml('skipped', { message: ignoredText(ignored) }));
  if (isFine) yield testCase(`${prefix}scapfeed`, 'every file is as packaged', '');
  const notes = inventory.notes.map((note) => line(noteText(note))).join('');
  if (notes !== '') yield `${xml('system-out', {}, escapeXmlLines(notes))}\n`;
  yield `${close}\n`;
}

function testCase(classname: string, name: string, outcome: string): string {
  return `${xml('testcase', { classname, name, time: '0' }, outcome)}\n`;
}
