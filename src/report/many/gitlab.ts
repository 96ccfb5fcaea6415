import { type GitlabMessage, gitlabDocument, messagesOf, vulnerabilitiesOf } from '../scan/gitlab.ts';
import type { ManyScan, MergedScan } from './scan.ts';

/** The findings of all images, each with its image, in one report. A line for the messages, then one for each finding. */
export const mergedGitlab: MergedScan = {
  *part(report, { target }) {
    const messages = messagesOf(report).map(({ level, value }) => ({ level, value: `${target}: ${value}` }));
    yield `${JSON.stringify(messages)}\n`;
    for (const finding of vulnerabilitiesOf(report)) yield `${JSON.stringify(finding)}\n`;
  },
  whole,
};

function whole(scan: ManyScan): Iterable<string> {
  const messages = scan.targets.flatMap(({ target, error, facts, part }): GitlabMessage[] => {
    if (error)
      return [{ level: 'fatal', value: `${target} was not scanned: ${error.message} [${error.code}]` }];
    if (!facts) return [];
    // The first line that `part` wrote.
    for (const line of linesOf(part())) return JSON.parse(line) as GitlabMessage[];
    return [];
  });
  const status = scan.totals.notScanned > 0 ? 'failure' : 'success';
  return gitlabDocument(scan, status, messages, findings(scan));
}

function* findings({ targets }: ManyScan): Iterable<object> {
  for (const { part } of targets) {
    let isFirst = true;
    for (const line of linesOf(part())) {
      if (!isFirst) yield JSON.parse(line) as object;
      isFirst = false;
    }
  }
}

function* linesOf(parts: Iterable<string>): Iterable<string> {
  let rest = '';
  for (const part of parts) {
    const lines = `${rest}${part}`.split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}
