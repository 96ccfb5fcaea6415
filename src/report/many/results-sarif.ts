import { sarifFoot, sarifHead, sarifRun } from '../formats/sarif.ts';
import type { EntryRule, ReportEntry, ReportSubject } from '../subject.ts';
import type { Action, ManyResults, MergedFormat } from './results.ts';

/** GitHub refuses a file with more than 20 runs; one of them is about the images that could not be judged. */
export const mostSarifTargets = 19;

/** A run for each image, as each is a category of alerts of its own. `propertiesOf`: what the file states about all of them. */
export function mergedSarif<One, Many extends ManyResults<unknown>>(
  action: Action,
  subjectOf: (one: One) => ReportSubject,
  propertiesOf: (many: Many) => Readonly<Record<string, unknown>>,
): MergedFormat<One, Many> {
  return {
    part: (one, { count }) => sarifRun(subjectOf(one), count + 1),
    whole: (many) => whole(many, action, propertiesOf(many)),
  };
}

function* whole(
  many: ManyResults<unknown>,
  action: Action,
  properties: Readonly<Record<string, unknown>>,
): Iterable<string> {
  yield sarifHead;
  yield* sarifRun(unjudgedRun(many, action, properties), 1);
  for (const { part, facts } of many.targets) {
    if (!facts) continue;
    yield ',\n';
    yield* part();
  }
  yield sarifFoot;
}

function ruleOf({ verb, done }: Action): EntryRule {
  const help = `Correct what the message names, and ${verb} it again.`;
  return {
    id: `image-not-${done}`,
    short: `An image could not be ${done}`,
    full: 'Nothing is known about this image: it could not be read or judged.',
    help: { text: help, markdown: help },
    level: 'error',
    tags: ['security'],
  };
}

/**
 * An alert for each image that was not judged, in a category of their own: a run without results in the image's category
 * would close its alerts as if they were repaired.
 */
function unjudgedRun(
  { toolVersion, targets, exitCode }: ManyResults<unknown>,
  action: Action,
  properties: Readonly<Record<string, unknown>>,
): ReportSubject {
  const { command, done } = action;
  const rule = ruleOf(action);
  const failed = targets.flatMap(({ target, name, error }) => (error ? [{ target, name, error }] : []));
  return {
    toolVersion,
    category: `scapfeed-${command}-targets`,
    entries: failed.map(
      ({ target, name, error: { code, message, where, remedy = '' } }): ReportEntry => ({
        ruleId: rule.id,
        rule: () => rule,
        state: 'found',
        severity: code,
        level: 'error',
        message: `${target} was not ${done}: ${message} [${code}]${where === undefined ? '' : ` at ${where}`}. ${remedy}`,
        path: name,
        places: [],
        identity: [rule.id, name],
      }),
    ),
    notices: failed.map(({ target, error: { code, message } }) => ({
      level: 'error' as const,
      id: code,
      text: `${target}: ${message}`,
    })),
    exitCode,
    facts: { targets: targets.map(({ target }) => target), ...properties },
  };
}
