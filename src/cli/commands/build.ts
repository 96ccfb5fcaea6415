import { sources } from '../../distros/builds.ts';
import { type BuildInput, type BuildOutcome, buildFeed } from '../../feed/build-feed.ts';
import { newestDate } from '../../feed/compile/index.ts';
import { lastGoodInput, type SourceFailure } from '../../feed/last-good.ts';
import { type Shrinkage, shrinkageText } from '../../feed/shrinkage.ts';
import { currentTime } from '../../io/clock.ts';
import { writing } from '../../io/disk-refusal.ts';
import { createHttp } from '../../io/http/create-http.ts';
import { didYouMean, type ScapfeedError } from '../../model/index.ts';
import { type CopyFormat, copyFormats } from '../../oval/document/copies.ts';
import { buildSummary } from '../../report/build-summary.ts';
import type { Source } from '../../sources/contract.ts';
import { defaultKeep } from '../../sources/kept-feeds.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { type Arguments, type Command, type OptionValues, usage, wholeNumber } from '../command.ts';
import { failureLines } from '../failure.ts';
import { type FetchOptions, fetchedInputs, storedInputs } from '../options/build-inputs.ts';
import {
  chosenMirror,
  chosenSnapshots,
  requireMirror,
  snapshotHelp,
  snapshotOptions,
} from '../options/snapshot-choice.ts';
import { outputChoices, writeOutputs } from '../outputs.ts';
import { isoSeconds, sourceDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';
import { toolVersion } from '../version.ts';

export const build: Command = {
  name: 'build',
  synopsis: '[OPTIONS]',
  summary: "make a feed from the vendors' data: index, OVAL and manifest",
  help: `  --source ID        read this source: ${sources.map(({ id }) => id).join(', ')}; repeatable (default: all)
  --platform ID      make this platform only; repeatable (default: all that the sources have)
  --out DIR          where the feed goes; replaced as a whole at the end (default: out)
  --offline          read the snapshots at hand, fetch nothing
${snapshotHelp}  --unsigned-mirror  accept documents that the vendor signs and whose signature the mirror lacks, or whose signed term is
                     over; what is made of them carries the mark unsigned_input in feeds and scans
  --no-oval          index only
  --strict           fail when any source cannot be brought up to date; else its last good snapshots are used
  --keep N           feeds whose snapshots stay for rebuild, none older than 60 days (default 8)
  --scap             also a SCAP 1.3 data stream (XCCDF, OVAL, CPE) for each platform, in scap/, and its XCCDF benchmark
                     by itself, which refers to the files in oval/
  --copies FORMATS   compressed copies of the OVAL: gz,bz2,zst
  -o FORMAT[=FILE]   summary as table (default) or json; repeatable

A feed is dated by what the documents in it say, never by when or from where they were fetched: the same documents give
the same bytes. SOURCE_DATE_EPOCH sets the date in the manifest; the dates of the platforms stay those of their data.
HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are honoured. A build that fails leaves the last feed as it was.
A source that cannot be fetched or read does not keep the others back: its platforms are built from the snapshots of the last
feed that had it and marked last_good_input, or are absent when there is none; the exit code is then 3.

Example:
  scapfeed build --source debian --mirror feeds/sample --unsigned-mirror --out out
`,
  options: {
    ...snapshotOptions,
    source: { type: 'string', multiple: true },
    platform: { type: 'string', multiple: true },
    out: { type: 'string' },
    offline: { type: 'boolean' },
    'unsigned-mirror': { type: 'boolean' },
    'no-oval': { type: 'boolean' },
    strict: { type: 'boolean' },
    keep: { type: 'string' },
    scap: { type: 'boolean' },
    copies: { type: 'string' },
    output: { type: 'string', short: 'o', multiple: true },
  },
  positionals: { min: 0, max: 0 },
  run,
};

async function run({ values }: Arguments, terminal: Terminal): Promise<number> {
  const outputs = outputChoices(build, values['output'] as string[] | undefined, ['table', 'json']);
  const chosen = chosenSources(values['source'] as string[] | undefined);
  const store = chosenSnapshots(values, terminal.env);
  const keep = wholeNumber(build, values, 'keep', defaultKeep.feeds);
  const created = sourceDate(terminal.env);
  const failures: SourceFailure[] = [];
  const strict = values['strict'] === true;
  const fallBack = async (source: Source, error: ScapfeedError): Promise<BuildInput> => {
    const { input, failure } = await lastGoodInput(source, error, store);
    failures.push(failure);
    return input;
  };
  const reading = { chosen, store, ...(strict ? {} : { fallBack }) };
  const current =
    values['offline'] === true ? storedInputs(reading) : fetchedInputs(reading, sourceHttp(values, terminal));
  const inputs = await writing(current, 'snapshots', roomForSnapshots);
  const out = (values['out'] as string | undefined) ?? 'out';
  const platforms = values['platform'] as string[] | undefined;
  const building = buildFeed({
    toolVersion,
    inputs,
    store,
    out,
    oval: values['no-oval'] !== true,
    dataStreams: values['scap'] === true,
    copies: chosenCopies(values['copies'] as string | undefined),
    progress: terminal.progress,
    ...(strict ? {} : { fallBack }),
    ...(created === undefined ? {} : { created: isoSeconds(created) }),
    ...(platforms === undefined ? {} : { platforms }),
  });
  const outcome = await writing(building, out, 'make room, and build again; the last feed is as it was');
  await writing(tidy(store, outcome.snapshots, keep), 'snapshots', roomForSnapshots);
  for (const { error } of failures) failureLines(error).forEach(terminal.err);
  outcome.shrunk.flatMap(warning).forEach(terminal.err);
  writeOutputs(terminal, outputs, (format) => summary(format, out, outcome, failures));
  return failures.length > 0 ? 3 : 0;
}

/** The feed is in place all the same: whether it goes out is for its publisher to decide. */
function warning(shrinkage: Shrinkage): string[] {
  return [
    `scapfeed: ${shrinkageText(shrinkage)}, in the last feed [INPUT_SHRANK]`,
    '  next: compare it with what the vendor serves; publish holds back what is made of it (gate shrink)',
  ];
}

/** Keeps what this feed was built from, and of earlier feeds as many as were asked for. */
async function tidy(store: SnapshotStore, snapshots: readonly SourceInput[], feeds: number): Promise<void> {
  await store.keepFeed(snapshots);
  await store.forgetFeeds({ ...defaultKeep, feeds });
  await store.prune();
}

function summary(
  format: string,
  out: string,
  { manifest, oval, shrunk }: BuildOutcome,
  failures: readonly SourceFailure[],
): string {
  const told = failures.map(({ source, instead, error: { code, message, where, remedy } }) => {
    const own = manifest.inputs.filter((input) => input.source === source);
    return {
      source,
      code,
      message,
      where,
      remedy,
      instead,
      ...(own.length > 0 && { dataOf: newestDate(own) }),
    };
  });
  return format === 'json'
    ? `${JSON.stringify({ manifest, oval, failures: told, shrunk }, undefined, 2)}\n`
    : buildSummary(out, manifest, oval, told);
}

function sourceHttp(values: OptionValues, terminal: Terminal): FetchOptions {
  const mirror = chosenMirror(values, terminal.env);
  if (mirror !== undefined) requireMirror(build, mirror);
  const unsignedMirror = values['unsigned-mirror'] === true;
  if (unsignedMirror && mirror === undefined)
    throw usage(
      build,
      '--unsigned-mirror without a mirror',
      'name one with --mirror DIR|URL; vendors sign what they serve',
    );
  const http = createHttp({
    userAgent: `scapfeed/${toolVersion}`,
    env: terminal.env,
    ...(mirror === undefined ? {} : { mirror }),
  });
  return { http, unsignedMirror, now: currentTime(), progress: terminal.progress };
}

const roomForSnapshots =
  'make room where snapshots are kept, or name another place with --snapshots DIR; the last feed is as it was';

function chosenSources(ids: readonly string[] | undefined): readonly Source[] {
  if (ids === undefined) return sources;
  return [...new Set(ids)].map((id) => {
    const source = sources.find((candidate) => candidate.id === id);
    if (source) return source;
    const known = sources.map((candidate) => candidate.id);
    throw usage(build, `no source ${id}`, didYouMean(id, known));
  });
}

function chosenCopies(text: string | undefined): CopyFormat[] {
  const known: readonly string[] = copyFormats;
  const formats = text === undefined ? [] : text.split(',');
  const unknown = formats.find((format) => !known.includes(format));
  if (unknown !== undefined) throw usage(build, `no compressed form ${unknown}`, `use ${known.join(', ')}`);
  return formats as CopyFormat[];
}
