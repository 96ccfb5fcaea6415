import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { didYouMean, ScapfeedError } from '../../model/index.ts';
import { looksLikeAddress, unknownAddress } from '../../publish/address.ts';
import { canWrite, type Encoding, encodings } from '../../publish/feed/encoding.ts';
import { defaultLimits, type GateName, gateNames, type Sentinel } from '../../publish/gates/gates.ts';
import { canAccept, type GateAcceptance, gateText } from '../../publish/gates/report.ts';
import { type OciPublishOutcome, publishOci } from '../../publish/oci/publish-oci.ts';
import type { Amount } from '../../publish/oci/push-site.ts';
import { feedPath, isOci } from '../../publish/oci/repository.ts';
import { type PublishOptions, type PublishOutcome, publish as publishFeeds } from '../../publish/publish.ts';
import { shellWord } from '../../report/shell-word.ts';
import { plural, textTable } from '../../report/text-table.ts';
import { type Arguments, type Command, type OptionValues, usage, wholeNumber } from '../command.ts';
import { registryAccess, registryHelp, registryOptions } from '../options/registry-access.ts';
import { expiryDate, signingDate } from '../options/signing-date.ts';
import { invalidPlatforms } from '../options/validate-parts.ts';
import { outputChoices, writeOutputs } from '../outputs.ts';
import { passphraseHelp, passphraseOptions, passphrasesFrom } from '../passphrase.ts';
import type { Terminal } from '../terminal.ts';
import { requireShape } from '../user-file.ts';
import { chosenKeys } from './keys.ts';

export const publish: Command = {
  name: 'publish',
  synopsis: '--to DIR|oci://HOST/NAME [OPTIONS]',
  summary: 'sign a feed into a folder that any web server or USB stick carries, or into a registry',
  help: `  --to PLACE         the published folder; targets, deltas and signed metadata are added to it. Or a registry:
                     oci://HOST/NAME[:TAG]; what it has is not sent again, the tag is moved last
  --work DIR         of a registry: the publisher's own folder, made again from the registry when it is lost
                     (default: below XDG_DATA_HOME/scapfeed/published)
  --feed DIR         a feed to publish; repeatable, so that sources can be built apart (default: out)
  --no-oval          index only
  --official DIR     hold OVAL and data streams to the official schemas too (default: scapfeed's stricter profile);
                     Debian's openscap-common puts them in /usr/share/openscap/schemas
  --encode E         ${encodings.join(', ')}; repeatable (default br and gz; zst needs Node 22.15 or later to write)
  --keep N           publications whose content stays (default 8)
  --deltas N         of them, how many have a delta to the new one (default 7)
  --keys DIR         keys and roots (default: XDG_CONFIG_HOME/scapfeed/keys)
${passphraseHelp}  --expires R=AGE    life of what is signed: targets (default 90d), snapshot (14d), timestamp (3d); repeatable
  --date ISO         the day that is signed as of (default: SOURCE_DATE_EPOCH, then the clock)
  --sentinels FILE   rows that must hold: [{"platform", "package", "vulnerability", "status", "fixed"?}]
  --limit GATE=N     shrink, flip, year, findings (beyond the usual): per cent; package: ids; repeatable
  --accept GATE      let a gate pass: ${gateNames.filter(canAccept).join(', ')}; GATE:PLATFORM for one platform
  --reason TEXT      why; recorded in the manifest
${registryHelp}  -o FORMAT[=FILE]   summary as table (default) or json; repeatable

Each platform is judged against what was published last. One that a gate holds back stays as it was, marked with its
age; the others go out. changes.json and changes.html in the folder tell what changed.
Registries are asked with the logins of \`docker login\` and \`podman login\`.
Exit codes: 0 all went out; 3 something was held back, or nothing could be published.

Example:
  scapfeed keys make && scapfeed publish --feed out --to public
`,
  options: {
    to: { type: 'string' },
    work: { type: 'string' },
    feed: { type: 'string', multiple: true },
    'no-oval': { type: 'boolean' },
    official: { type: 'string' },
    encode: { type: 'string', multiple: true },
    keep: { type: 'string' },
    deltas: { type: 'string' },
    keys: { type: 'string' },
    ...passphraseOptions,
    expires: { type: 'string', multiple: true },
    date: { type: 'string' },
    sentinels: { type: 'string' },
    limit: { type: 'string', multiple: true },
    accept: { type: 'string', multiple: true },
    reason: { type: 'string' },
    ...registryOptions,
    output: { type: 'string', short: 'o', multiple: true },
  },
  positionals: { min: 0, max: 0 },
  run,
};

async function run({ values }: Arguments, terminal: Terminal): Promise<number> {
  const outputs = outputChoices(publish, values['output'] as string[] | undefined, ['table', 'json']);
  const to = values['to'] as string | undefined;
  if (to === undefined) throw usage(publish, 'expected --to PLACE', 'name a folder or oci://HOST/NAME');
  if (!isOci(to) && looksLikeAddress(to)) throw unknownAddress(to, 'oci://HOST/NAME');
  const date = signingDate(values, terminal.env);
  const oval = values['no-oval'] !== true;
  const official = values['official'] as string | undefined;
  const options: PublishOptions = {
    feeds: (values['feed'] as string[] | undefined) ?? ['out'],
    to,
    store: chosenKeys(values, terminal.env).store,
    passphrase: passphrasesFrom(values, terminal),
    date,
    expires: chosenExpiries(values, date),
    encodings: chosenEncodings(values),
    keep: wholeNumber(publish, values, 'keep', 8),
    deltas: wholeNumber(publish, values, 'deltas', 7),
    oval,
    limits: chosenLimits(values),
    sentinels: readSentinels(values['sentinels'] as string | undefined),
    accepted: chosenAcceptances(values),
    validate: (directory, known) =>
      invalidPlatforms(directory, { known, oval, ...(official === undefined ? {} : { official }) }),
    progress: terminal.progress,
  };
  const work = isOci(to) ? workFolder(values, to, terminal.env) : to;
  const access = registryAccess(values, terminal.env);
  const outcome = isOci(to) ? await publishOci({ ...options, ...access, work }) : await publishFeeds(options);
  writeOutputs(terminal, outputs, (format) =>
    format === 'json'
      ? `${JSON.stringify(outcome, undefined, 2)}\n`
      : summary(to, work, join(options.store.directory, '1.root.json'), date, outcome),
  );
  const held = Object.keys(outcome.report.held);
  if (held.length === 0) return 0;
  terminal.err(`scapfeed: ${plural(held.length, 'platform')} held back: ${held.join(', ')} [PUBLISH_HELD]\n`);
  terminal.err(
    '  next: see the reasons above; mend the input, or let a gate pass with --accept GATE --reason TEXT\n',
  );
  return 3;
}

/** Of each tag its own: two feeds must not share one state. */
function workFolder(values: OptionValues, to: string, env: Terminal['env']): string {
  const given = values['work'] as string | undefined;
  const data = env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  return given ?? join(data, 'scapfeed', 'published', ...feedPath(to));
}

function summary(
  to: string,
  /** The publisher's own folder. */
  folder: string,
  /** The root that clients need, where the publisher keeps it. */
  root: string,
  date: Date,
  { report, changes, sizes, pruned, leftOut, pushed, restored }: PublishOutcome & Partial<OciPublishOutcome>,
): string {
  const rows = changes.platforms.map(({ platform, statements, counts }) => [
    platform,
    (statements.after ?? 0).toLocaleString('en-US'),
    `${((sizes[platform] ?? 0) / 1000).toLocaleString('en-US', { maximumFractionDigits: 0 })} kB`,
    platform in report.held ? 'held back' : statements.before === undefined ? 'new' : changeText(counts),
  ]);
  return [
    `published to ${to}, signed as of ${date.toISOString()}\n\n`,
    textTable(['PLATFORM', 'STATEMENTS', 'WHOLE', 'CHANGED'], rows),
    '\n',
    gateText(report),
    ...leftOut.map((path) => `not published, as it belongs to no platform: ${path}\n`),
    restored ? `the folder of this publisher was brought up to the registry: ${folder}\n` : '',
    pushed ? pushText(pushed) : pruned > 0 ? `${plural(pruned, 'old file')} removed\n` : '',
    `next: scapfeed pull --from ${shellWord(to)} --trust-root root.json\n`,
    `      root.json is ${root}; bring it to clients by another way than with the feed\n`,
  ].join('');
}

function pushText({ digest, sent, present, removed, left }: OciPublishOutcome['pushed']): string {
  const amount = ({ blobs, bytes }: Amount) =>
    `${plural(blobs, 'blob')}, ${bytes.toLocaleString('en-US')} bytes`;
  return [
    `pushed ${amount(sent)}; there already: ${amount(present)}\n`,
    `index ${digest}\n`,
    removed > 0 ? `${plural(removed, 'old publication')} removed from the registry\n` : '',
    left > 0
      ? `${plural(left, 'old publication')} not removed: the registry does not let go of manifests\n`
      : '',
  ].join('');
}

function changeText(counts: Readonly<Record<string, number>>): string {
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  if (told.length === 0) return 'nothing';
  return told.map(([kind, count]) => `${count} ${kind.replaceAll('_', ' ')}`).join(', ');
}

function chosenExpiries(values: OptionValues, date: Date) {
  const spans: Record<string, string> = { targets: '90d', snapshot: '14d', timestamp: '3d' };
  for (const text of (values['expires'] as string[] | undefined) ?? []) {
    const [role, span] = text.split('=');
    if (!role || !span || !(role in spans))
      throw usage(publish, `--expires ${text} is no ROLE=AGE`, 'write it as timestamp=3d');
    spans[role] = span;
  }
  const of = (role: string) => expiryDate(date, spans[role]!);
  return { targets: of('targets'), snapshot: of('snapshot'), timestamp: of('timestamp') };
}

function chosenEncodings(values: OptionValues): Encoding[] {
  const given = (values['encode'] as string[] | undefined) ?? ['br', 'gz'];
  return given.map((text) => {
    const found = encodings.find((encoding) => encoding === text);
    if (!found) throw usage(publish, `no encoding ${text}`, `use one of ${encodings.join(', ')}`);
    if (!canWrite(found))
      throw usage(publish, 'this Node cannot write zstd', 'use br or gz, or Node 22.15 or later');
    return found;
  });
}

const limitNames = {
  shrink: 'shrink',
  flip: 'flip',
  year: 'year',
  findings: 'findings',
  package: 'packageIds',
} as const;

function chosenLimits(values: OptionValues) {
  const limits = { ...defaultLimits };
  for (const text of (values['limit'] as string[] | undefined) ?? []) {
    const [name, number] = text.split('=');
    const field = limitNames[name as keyof typeof limitNames];
    if (!field || !/^\d{1,5}(\.\d+)?$/.test(number ?? '')) {
      throw usage(
        publish,
        `--limit ${text} is no GATE=N`,
        `use one of ${Object.keys(limitNames).join(', ')}`,
      );
    }
    limits[field] = field === 'packageIds' ? Number(number) : Number(number) / 100;
  }
  return limits;
}

function chosenAcceptances(values: OptionValues): GateAcceptance[] {
  const given = (values['accept'] as string[] | undefined) ?? [];
  const reason = values['reason'] as string | undefined;
  if (given.length > 0 && !reason) {
    throw usage(publish, '--accept needs --reason TEXT', 'say why; the manifest keeps it');
  }
  return given.map((text) => {
    const [gate, platform] = text.split(':') as [string, string | undefined];
    const known = gateNames.find((name) => name === gate);
    if (!known) {
      throw usage(publish, `no gate ${gate}`, didYouMean(gate, gateNames));
    }
    if (!canAccept(known))
      throw usage(
        publish,
        `--accept ${known} is not possible: what breaks its schema cannot be read`,
        'mend the feed; where only OVAL is invalid, --no-oval publishes the index',
      );
    return { gate: known as GateName, reason: reason!, ...(platform ? { platform } : {}) };
  });
}

function readSentinels(file: string | undefined): Sentinel[] {
  if (file === undefined) return [];
  let rows: unknown;
  try {
    rows = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: 'the sentinels cannot be read: expected a JSON list',
      where: file,
      cause,
    });
  }
  requireShape('sentinels', rows, file);
  return rows as Sentinel[];
}
