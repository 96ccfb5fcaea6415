import { type SarifRule, type SarifRun, sarifFoot, sarifHead, sarifRun, sarifUri } from '../sarif/log.ts';
import { scanRun } from '../scan/sarif.ts';
import type { ManyScan, MergedFormat } from './scan.ts';

/** GitHub refuses a file with more than 20 runs; one of them is about the images that could not be scanned. */
export const mostSarifTargets = 19;

/** A run for each image, as each is a category of alerts of its own. */
export const mergedSarif: MergedFormat = {
  part: (report, { count }) => sarifRun(scanRun(report), count + 1),
  whole,
};

function* whole(scan: ManyScan): Iterable<string> {
  yield sarifHead;
  yield* sarifRun(unscannedRun(scan), 1);
  for (const { part, facts } of scan.targets) {
    if (!facts) continue;
    yield ',\n';
    yield* part();
  }
  yield sarifFoot;
}

const rule: SarifRule = {
  id: 'image-not-scanned',
  short: 'An image could not be scanned',
  full: 'Nothing is known about this image: it could not be read or judged.',
  help: {
    text: 'Correct what the message names, and scan it again.',
    markdown: 'Correct what the message names, and scan it again.',
  },
  level: 'error',
  tags: ['security'],
};

/**
 * An alert for each image that was not scanned, in a category of their own: a run without results in the image's category
 * would close its alerts as if they were repaired.
 */
function unscannedRun({ toolVersion, targets, totals, exitCode, feed }: ManyScan): SarifRun {
  return {
    toolVersion,
    category: 'scapfeed-scan-targets',
    results: targets.flatMap(({ target, name, error }) =>
      error
        ? [
            {
              rule,
              level: 'error' as const,
              message: `${target} was not scanned: ${error.message} [${error.code}]${error.where === undefined ? '' : ` at ${error.where}`}. ${error.remedy ?? ''}`,
              uri: sarifUri(name),
              logical: [],
              identity: [rule.id, name],
            },
          ]
        : [],
    ),
    notifications: targets.flatMap(({ target, error }) =>
      error ? [{ level: 'error' as const, id: error.code, text: `${target}: ${error.message}` }] : [],
    ),
    exitCode,
    properties: { targets: targets.map(({ target }) => target), feedDigest: feed.digest, totals },
  };
}
