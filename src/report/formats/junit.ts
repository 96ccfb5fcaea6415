import { escapeXmlLines } from '../../model/markup.ts';
import type { SignatureGate } from '../../model/verdict/index.ts';
import type { Action, DoneTarget, ManyResults, MergedFormat } from '../many/results.ts';
import { line } from '../printable.ts';
import { signatureFault } from '../signed-verdict.ts';
import type { ReportEntry, ReportTest, TestSuite } from '../subject.ts';
import { xml, xmlHead } from '../xml-text.ts';

/** Formats tests as JUnit XML. */
export function* junitReport(suite: TestSuite): Iterable<string> {
  const end = endOf(suite);
  yield `${headOf(suite)}${end}`;
  yield* junitSuite(suite, suite.title ?? suite.name);
  yield `${end}</testsuites>\n`;
}

/** A suite for each image; its name begins the classes of its tests, as CI systems identify tests by class and name. */
export function mergedJunit<One>(
  action: Action,
  suiteOf: (one: One) => TestSuite,
): MergedFormat<One, ManyResults<unknown>> {
  return {
    *part(one) {
      const suite = suiteOf(one);
      yield* junitSuite(suite, suite.name, `${suite.name}.`);
      yield '\n';
    },
    whole: ({ targets }) => whole(targets, action),
  };
}

function* whole(targets: readonly DoneTarget<unknown>[], action: Action): Iterable<string> {
  yield `${headOf(action)}\n`;
  for (const target of targets) {
    if (target.error) yield errorSuite(target, action.done);
    yield* target.part();
  }
  yield '</testsuites>\n';
}

function headOf({ command }: { command: string }): string {
  return `${xmlHead}<testsuites name="scapfeed ${command}">`;
}

function errorSuite({ target, name, error }: DoneTarget<unknown>, test: string): string {
  const counts = { tests: '1', failures: '0', errors: '1', skipped: '0' };
  const message = `${target}: ${error?.message}`;
  const failure = xml('error', { message, type: error?.code });
  const one = xml('testcase', { classname: `${name}.scapfeed`, name: test, time: '0' }, failure);
  return `${xml('testsuite', { name, ...counts }, `\n${one}\n`)}\n`;
}

/** The suite of one image. `prefix` precedes its classes, and so distinguishes its tests from those of other images. */
function* junitSuite(suite: TestSuite, name: string, prefix = ''): Iterable<string> {
  const { tests, evaluated, labels, remarks, unfinished } = suite;
  const end = endOf(suite);
  const count = (wanted: ReportTest['outcome']) =>
    String(tests.filter(({ outcome }) => outcome === wanted).length);
  const attributes = {
    name,
    tests: String(tests.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    timestamp: evaluated?.time.replace(/\.\d+Z$|Z$/, ''),
    hostname: evaluated?.reference,
  };
  const close = '</testsuite>';
  yield `${xml('testsuite', attributes, '\n').slice(0, -close.length - 1)}${end}`;
  if (labels) yield `${xml('properties', {}, ...labels.map(property))}${end}`;
  const taken = new Set<string>();
  for (const test of tests) {
    const classname = `${prefix}${test.group}`;
    let title = test.title;
    for (let nth = 2; taken.has(`${classname}\n${title}`); nth++) title = `${test.title} (${nth})`;
    taken.add(`${classname}\n${title}`);
    const time = test.time ?? (evaluated ? undefined : '0');
    yield `${xml('testcase', { classname, name: title, time }, outcomeOf(test))}${time ? '\n' : ''}`;
  }
  if (remarks.length > 0) yield `${xml('system-out', {}, escapeXmlLines(remarks.map(line).join('')))}${end}`;
  if (unfinished !== undefined) yield xml('system-err', {}, escapeXmlLines(unfinished));
  yield close;
}

/** Suites of an evaluation are one line. */
function endOf({ evaluated }: TestSuite): string {
  return evaluated ? '' : '\n';
}

function property([name, value]: readonly [string, string | undefined]): string {
  return value === undefined ? '' : xml('property', { name, value });
}

function outcomeOf({ outcome, message, type, details }: ReportTest): string {
  return outcome ? xml(outcome, { message, type }, escapeXmlLines(details?.() ?? '')) : '';
}

const outcomes: Readonly<Record<ReportEntry['state'], ReportTest['outcome']>> = {
  ...{ found: 'failure', failed: 'failure', open: 'error', skipped: 'skipped', passed: undefined },
};

/** The test that an entry is: skipped where the user put it aside. */
export function entryTest({ ruleId: group, state, accepted, severity, test }: ReportEntry): ReportTest {
  const { title, reason: message, evidence: details } = test!;
  const outcome = accepted === undefined ? outcomes[state] : 'skipped';
  if (outcome === 'skipped') return { group, title, outcome, message };
  return { group, title, outcome, message, type: severity, details };
}

/** The test that SCAP content is about the image. `doubt`: why it is not, or may not be: then the test is an error. */
export function platformTest(group: string, doubt: string | undefined): ReportTest {
  const outcome = doubt === undefined ? undefined : 'error';
  return { group, title: 'the content is about this image', outcome, message: doubt };
}

/** The test of an image that is not signed as required: an error where that is not known. Empty: it is. */
export function signatureTests(result: { signed?: SignatureGate }): ReportTest[] {
  const fault = signatureFault(result);
  if (!fault) return [];
  const outcome = fault.isUnknown ? 'error' : 'failure';
  const { text: message, verdict: type } = fault;
  return [{ group: 'scapfeed', title: 'signatures', outcome, message, type, time: '0' }];
}
