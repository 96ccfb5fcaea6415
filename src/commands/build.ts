import { writing } from '../io/disk-refusal.ts';
import { createHttp } from '../io/http.ts';
import { ScapfeedError } from '../model/index.ts';
import { type CopyFormat, copyFormats } from '../oval/index.ts';
import { buildSummary } from '../report/build-summary.ts';
import type { Source } from '../sources/contract.ts';
import { sources } from '../sources/index.ts';
import { offlineSnapshots, type SnapshotStore } from '../sources/snapshots.ts';
import { type BuildInput, buildFeed } from './build-feed.ts';
import { type Arguments, type Command, nearest, type OptionValues, usage } from './command.ts';
import { outputChoices, writeOutputs } from './outputs.ts';
import { chosenMirror, chosenSnapshots, snapshotHelp, snapshotOptions } from './snapshot-choice.ts';
import type { Terminal } from './terminal.ts';
import { toolVersion } from './version.ts';

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
  --scap             also a SCAP 1.3 data stream (XCCDF, OVAL, CPE) for each platform, in scap/, and its XCCDF benchmark
                     by itself, which refers to the files in oval/
  --copies FORMATS   compressed copies of the OVAL: gz,bz2,zst
  -o FORMAT[=FILE]   summary as table (default) or json; repeatable

A feed is dated by what the documents in it say, never by when or from where they were fetched: the same documents give
the same bytes. SOURCE_DATE_EPOCH sets the date in the manifest; the dates of the platforms stay those of their data.
HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are honoured. A build that fails leaves the last feed as it was.

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
  const inputs =
    values['offline'] === true
      ? await storedInputs(chosen, store)
      : await writing(fetchInputs(chosen, store, values, terminal), 'snapshots', roomForSnapshots);
  const out = (values['out'] as string | undefined) ?? 'out';
  const created = epochDate(terminal.env['SOURCE_DATE_EPOCH']);
  const platforms = values['platform'] as string[] | undefined;
  const building = buildFeed({
    inputs,
    store,
    out,
    oval: values['no-oval'] !== true,
    dataStreams: values['scap'] === true,
    copies: chosenCopies(values['copies'] as string | undefined),
    progress: terminal.progress,
    ...(created === undefined ? {} : { created }),
    ...(platforms === undefined ? {} : { platforms }),
  });
  const outcome = await writing(building, out, 'make room, and build again; the last feed is as it was');
  // Bytes of earlier fetches that no index names any more.
  if (values['offline'] !== true) await store.prune();
  writeOutputs(terminal, outputs, (format) =>
    format === 'json'
      ? `${JSON.stringify(outcome, undefined, 2)}\n`
      : buildSummary(out, outcome.manifest, outcome.oval),
  );
  return 0;
}

const roomForSnapshots =
  'make room where snapshots are kept, or name another place with --snapshots DIR; the last feed is as it was';

function chosenSources(ids: readonly string[] | undefined): readonly Source[] {
  if (ids === undefined) return sources;
  return [...new Set(ids)].map((id) => {
    const source = sources.find((candidate) => candidate.id === id);
    if (source) return source;
    const known = sources.map((candidate) => candidate.id);
    const near = nearest(id, known);
    throw usage(build, `no source ${id}`, near ? `did you mean ${near}?` : `use one of ${known.join(', ')}`);
  });
}

async function fetchInputs(
  chosen: readonly Source[],
  store: SnapshotStore,
  values: OptionValues,
  terminal: Terminal,
): Promise<BuildInput[]> {
  const mirror = chosenMirror(values, terminal.env);
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
  try {
    const inputs: BuildInput[] = [];
    for (const source of chosen) {
      const snapshots = await source.fetch({ http, store, unsignedMirror, progress: terminal.progress });
      inputs.push({ source, snapshots });
    }
    return inputs;
  } finally {
    await http.close();
  }
}

async function storedInputs(chosen: readonly Source[], store: SnapshotStore): Promise<BuildInput[]> {
  const inputs: BuildInput[] = [];
  for (const source of chosen) inputs.push({ source, snapshots: await offlineSnapshots(store, source.id) });
  return inputs;
}

function chosenCopies(text: string | undefined): CopyFormat[] {
  const known: readonly string[] = copyFormats;
  const formats = text === undefined ? [] : text.split(',');
  const unknown = formats.find((format) => !known.includes(format));
  if (unknown !== undefined) throw usage(build, `no compressed form ${unknown}`, `use ${known.join(', ')}`);
  return formats as CopyFormat[];
}

/** SOURCE_DATE_EPOCH (seconds) as ISO 8601, by the reproducible-builds.org specification. */
function epochDate(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,11}$/.test(text)) return new Date(Number(text) * 1000).toISOString().replace('.000Z', 'Z');
  throw new ScapfeedError({
    code: 'USAGE',
    message: `SOURCE_DATE_EPOCH is ${text}, expected seconds since 1970`,
    remedy: 'set it to a whole number, or unset it',
  });
}
