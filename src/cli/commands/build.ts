import type { SourceFailure } from '../../feed/last-good.ts';
import { type Shrinkage, shrinkageText } from '../../feed/shrinkage.ts';
import { currentTime } from '../../io/clock.ts';
import { readNamed } from '../../io/read-at-most.ts';
import { requireReplaceable } from '../../io/staging.ts';
import { writing } from '../../io/system-reason.ts';
import { isTooOld } from '../../model/data-date.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Manifest } from '../../model/feed/index.ts';
import { buildSummary } from '../../report/build-summary.ts';
import { openFeed } from '../../runtime/node.ts';
import { allSources, buildOptions } from '../../tasks/build/options.ts';
import { buildFromSources, failedSource } from '../../tasks/build/run.ts';
import { usualMaxAge } from '../../tasks/feed-options.ts';
import { usage } from '../../tasks/given-words.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { chosenMirror, chosenSnapshots } from '../options/snapshot-choice.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import { programDigest, toolVersion } from '../program.ts';
import { sourceDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...buildOptions, output: outputs('build') };

type BuildCommandOptions = OptionValues<typeof options>;

export const build = defineCommand({
  name: 'build',
  operands: [],
  options,
  isLong: true,
  notes: `The dates in a feed come from its documents, not from the time or server of the fetch: the same documents
give the same bytes. SOURCE_DATE_EPOCH sets the date in the manifest; the dates of the platforms stay those of their
data.
HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are used. If a build fails, the last feed is unchanged.

If a source cannot be fetched or read, its platforms are built from the snapshots of the last feed that had it and
marked last_good_input, or left out if there are none; the other sources are built normally, and the exit code is 3.
So it is if a platform of the feed in --out is gone, though its source was read and --platform did not leave it out.`,
  examples: ['scapfeed build --source debian --mirror feeds/sample --unsigned-mirror --out out'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const {
    out,
    strict,
    platform: platforms,
    copies = [],
    keep,
    offline,
    scap,
    'vex-repositories': vex,
  } = given;
  requireExportable(given);
  const created = sourceDate(terminal.env);
  const mirror = chosenMirror(given, terminal.env);
  const list = given.content === undefined ? undefined : contentList(given.content);
  const { outcome, failures, leftOut, asked } = await buildFromSources(
    {
      ...{ out, strict, copies, keep, offline, scap },
      ratings: !given['no-ratings'],
      unsignedMirror: given['unsigned-mirror'],
      oval: !given['no-oval'],
      ...(given.source && { sources: given.source }),
      ...(platforms && { platforms }),
      ...(list !== undefined && { content: list }),
      ...(vex !== undefined && { vexRepositories: readList(vex, '--vex-repositories', 'a readable file') }),
      ...(mirror !== undefined && { mirror }),
      ...(given['severity-from'] && { severityFrom: given['severity-from'] }),
      ...(created && { created }),
    },
    {
      store: chosenSnapshots(given, terminal.env),
      http: { env: terminal.env },
      contentPlace: given.content ?? '',
      program: programDigest(),
      progress: terminal.progress,
    },
  );
  await exportBuilt(given, terminal);
  for (const error of reportedFailures(failures)) terminal.failure(error);
  if (leftOut.length > 0) terminal.err(withoutRatings(leftOut));
  partOfMirror(failures, asked, mirror).forEach(terminal.err);
  outcome.shrunk.flatMap(warning).forEach(terminal.err);
  const { manifest, oval, shrunk } = outcome;
  const failed = failures.map((failure) => failedSource(failure, outcome));
  await writeOutputs(terminal, given.output, {
    json: () => json({ manifest, oval, failures: failed, leftOut, shrunk, usage: terminal.measure() }),
    table: () => buildSummary(out, manifest, oval, failed, tooOld(manifest)),
  });
  return failures.length > 0 || shrunk.some(isLost) ? 3 : 0;
}

/** Platforms with data older than the default age limit of a scan. */
function tooOld({ platforms }: Manifest): Manifest['platforms'] {
  const now = currentTime();
  return platforms.filter(({ updated }) => isTooOld(updated, now, usualMaxAge));
}

/** Nothing failed: a mirror, or a folder of snapshots, may be without ratings. */
function withoutRatings(sources: readonly string[]): string {
  return (
    `scapfeed: nothing of ${sources.join(', ')} is here: the feed is without them, and a severity in --fail-on needs nvd or cve-records; ` +
    '--no-ratings leaves them out'
  );
}

/** A build takes minutes: what its exports cannot be made of is refused before it. */
function requireExportable({
  export: to = [],
  exports,
  scap,
  source = [],
  'no-oval': noOval,
}: BuildCommandOptions): void {
  if (to.includes('ds') && !scap)
    throw usage('build', '--export ds, and no data streams', 'add --scap, or omit ds');
  if (to.includes('oval') && noOval) throw usage('build', '--export oval, and --no-oval', 'omit one of them');
  const restricted = allSources().find(({ id, terms }) => terms === 'restricted' && source.includes(id));
  if (to.length > 0 && restricted)
    throw usage(
      'build',
      `--export, and --source ${restricted.id}, whose licence (${restricted.licence}) does not allow it`,
      `build it, and export with scapfeed export --accept-terms ${restricted.id}`,
    );
  if (to.length > 0) requireReplaceable(exports);
}

/** The layouts of the feed that is in place now. */
async function exportBuilt(
  { export: to, exports, out }: BuildCommandOptions,
  terminal: Terminal,
): Promise<void> {
  if (to === undefined) return;
  const [{ exportTargets }, { replaceExports }] = await Promise.all([
    import('../../export/targets.ts'),
    import('../../export/write-exports.ts'),
  ]);
  const feed = openFeed(out);
  try {
    const targets = exportTargets.filter(({ name }) => to.some((each) => each === name));
    const work = replaceExports(exports, { feed, targets, toolVersion, progress: terminal.progress });
    await writing(work, exports, 'free space, and export with `scapfeed export`; the feed is in place');
  } finally {
    feed.close();
  }
}

/** The error of each source; of those that the mirror or server does not have, the first stands for all. */
function reportedFailures(failures: readonly SourceFailure[]): ScapfeedError[] {
  const absent = failures.filter(isAbsent);
  if (absent.length < 2) return failures.map(({ error }) => error);
  const { code, message, where, remedy } = absent[0]!.error;
  const all = new ScapfeedError({
    code,
    message: `${absent.length} sources are not there: ${absent.map(({ source }) => source).join(', ')}; of the first: ${message}`,
    ...(where !== undefined && { where }),
    ...(remedy !== undefined && { remedy }),
  });
  return [...failures.filter((failure) => !isAbsent(failure)).map(({ error }) => error), all];
}

function isAbsent({ instead, error }: SourceFailure): boolean {
  return instead === 'absent' && error.code === 'FETCH_NOT_FOUND';
}

/** A mirror need not have every vendor: what to ask it for instead. */
function partOfMirror(
  failures: readonly SourceFailure[],
  wanted: readonly string[],
  mirror: string | undefined,
): string[] {
  const absent = failures.filter(isAbsent).map(({ source }) => source);
  if (mirror === undefined || absent.length === 0) return [];
  const others = wanted.filter((id) => !absent.includes(id));
  return [`  if the mirror is not meant to have ${absent.join(', ')}: --source ${others.join(',')}`];
}

function isLost({ unit }: Shrinkage): boolean {
  return unit === 'statements';
}

/** A warning only: the feed is in place, and its publisher decides whether it goes out. */
function warning(shrinkage: Shrinkage): string[] {
  const next = isLost(shrinkage)
    ? 'build from a server or snapshots that have it, or scans of its images end with 4; publish keeps what it has of it (gate missing)'
    : 'compare it with what the vendor serves; publish holds back what is made of it (gate shrink)';
  return [`scapfeed: ${shrinkageText(shrinkage)}, in the last feed [INPUT_SHRANK]`, `  next: ${next}`];
}

/** The text of the list that --content names. */
function contentList(file: string): string {
  return file === 'ssg' ? file : readList(file, '--content', 'a readable file, or ssg');
}

function readList(file: string, option: string, expected: string): string {
  try {
    return readNamed(file).toString('utf8');
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : '';
    throw usage('build', `${option}: the list cannot be read: ${fault}`, `specify ${expected}`);
  }
}
