import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readNamed } from '../../io/read-at-most.ts';
import { ScapfeedError } from '../../model/error.ts';
import { exploitedText } from '../../publish/changes/assessment-changes.ts';
import { gateNames, type Sentinel } from '../../publish/gates/gates.ts';
import { canAccept, type GateAcceptance, gateText, heldText } from '../../publish/gates/report.ts';
import { newestRootFile, openKeyStore } from '../../publish/keys/key-store.ts';
import type { OciPublishOutcome } from '../../publish/oci/publish-oci.ts';
import type { BlobCount } from '../../publish/oci/push-site.ts';
import { feedPath, isOci } from '../../publish/oci/repository.ts';
import { termsReason } from '../../publish/terms.ts';
import { assessmentParts } from '../../published/assessment-parts.ts';
import { line } from '../../report/printable.ts';
import { shellWord } from '../../report/shell-word.ts';
import { plural, textTable } from '../../report/text-table.ts';
import { oneOf, usage } from '../../tasks/given-words.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { publishOptions } from '../../tasks/publish/options.ts';
import { type PublishResult, publishFeeds } from '../../tasks/publish/run.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { registryAccess, registryWords } from '../options/registry-access.ts';
import { keyFolder, signingDate } from '../options/signing-date.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import { passphrasesFrom } from '../passphrase.ts';
import type { Terminal } from '../terminal.ts';
import { requireShape } from '../user-file.ts';

const options = { ...publishOptions, output: outputs('publish') };

type PublishCommandOptions = OptionValues<typeof options>;

export const publish = defineCommand({
  name: 'publish',
  operands: [],
  options,
  isLong: true,
  notes: `Each platform is compared with its last publication. If a gate holds a platform back, its old data stays
published, marked with its age; the others are published. changes.json and changes.html in the folder list the
changes.
Logins to registries are those of \`docker login\` and \`podman login\`.`,
  exitCodes: {
    0: 'everything was published',
    2: 'wrong use',
    3: 'something was held back, or nothing could be published',
  },
  examples: ['scapfeed keys make && scapfeed publish --feed out --to public'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const { to, feed: feeds = ['out'], official, 'cosign-key': cosignKey } = given;
  const date = signingDate(given, terminal.env);
  const trust = await trustChoice(given);
  const store = openKeyStore(keyFolder(given.keys, terminal.env));
  const work = isOci(to) ? workFolder(given.work, to, terminal.env) : to;
  const outcome = await publishFeeds(
    {
      feeds,
      to,
      work,
      expires: Object.fromEntries(given.expires ?? []),
      keep: given.keep,
      deltas: given.deltas,
      oval: !given['no-oval'],
      content: !given['no-content'],
      ...asked(given, 'blocks'),
      ...asked(given, 'site'),
      limits: Object.fromEntries(given.limit ?? []),
      sentinels: readSentinels(given.sentinels),
      accepted: chosenAcceptances(given),
      acceptedTerms: given['accept-terms'] ?? [],
      ...(given.encode && { encodings: given.encode }),
      ...(official !== undefined && { official }),
      ...(given.exports !== undefined && { exports: given.exports }),
      ...(cosignKey !== undefined && {
        cosignKey: { file: cosignKey, password: terminal.env['COSIGN_PASSWORD'] ?? '' },
      }),
      ...(trust && { trust }),
    },
    {
      store,
      passphrase: passphrasesFrom(given['passphrase-file'], terminal),
      date,
      access: registryAccess(given, terminal.env),
      progress: terminal.progress,
    },
  );
  await writeOutputs(terminal, given.output, {
    json: () => json({ ...outcome, usage: terminal.measure() }),
    table: () =>
      summary(to, work, newestRootFile(store), registryWords(given), date, outcome) + exportText(outcome),
  });
  const held = Object.keys(outcome.report.held);
  if (held.length === 0) return 0;
  terminal.err(`scapfeed: ${plural(held.length, 'platform')} held back: ${held.join(', ')} [PUBLISH_HELD]\n`);
  const isPrinted = given.output.some(({ format, file }) => format === 'table' && file === undefined);
  if (!isPrinted) terminal.err(heldText(outcome.report));
  terminal.err(
    '  next: see the reasons above; fix the input, or let a gate pass with --accept GATE --reason TEXT\n',
  );
  return 3;
}

/** A form that is asked for or declined; otherwise it is as in the last publication. @throws {ScapfeedError} USAGE */
function asked<Name extends 'blocks' | 'site'>(
  given: Readonly<Record<Name | `no-${Name}`, boolean>>,
  name: Name,
): Partial<Record<Name, boolean>> {
  const [wanted, declined] = [given[name], given[`no-${name}`]];
  if (wanted && declined)
    throw usage('publish', `--${name} and --no-${name} contradict each other`, 'use one of them');
  return wanted || declined ? ({ [name]: wanted } as Record<Name, boolean>) : {};
}

/** Files that travel with the feed, by name; undefined: as they were. @throws {ScapfeedError} USAGE, TRUST_ROOT_*,
TRUST_POLICY_INVALID */
async function trustChoice({
  trust: files,
  'no-trust': none,
}: PublishCommandOptions): Promise<Map<string, Buffer> | undefined> {
  if (!files) return none ? new Map() : undefined;
  if (none) throw usage('publish', '--trust and --no-trust contradict each other', 'give one of them');
  const { readTrustFiles } = await import('../options/trust-files.ts');
  return readTrustFiles(files);
}

/** One folder for each tag: two feeds must not share one state. */
function workFolder(given: string | undefined, to: string, env: Terminal['env']): string {
  const data = env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  return given ?? join(data, 'scapfeed', 'published', ...feedPath(to));
}

function summary(
  to: string,
  /** The publisher's own folder. */
  folder: string,
  /** The root that clients need, where the publisher keeps it. */
  root: string,
  /** Options that clients need. */
  access: readonly string[],
  date: Date,
  {
    report,
    changes,
    sizes,
    pruned,
    leftOut,
    terms,
    pushed,
    restored,
    trust,
  }: PublishResult & Partial<OciPublishOutcome>,
): string {
  const rows = changes.platforms.map(({ platform, statements, counts }) => [
    platform,
    (statements.after ?? 0).toLocaleString('en-US'),
    kilobytes(sizes[platform] ?? 0),
    platform in report.held ? 'held back' : statements.before === undefined ? 'new' : changeText(counts),
  ]);
  const shared = assessmentParts.flatMap((part) => {
    const size = sizes[part];
    if (size === undefined) return [];
    return [[part, '-', kilobytes(size), part in report.held ? 'held back' : '-']];
  });
  return [
    `published to ${to}, signed as of ${date.toISOString()}\n`,
    ...(changes.assessments?.exploited ?? []).map((change) => line(exploitedText(change))),
    '\n',
    textTable(['PLATFORM', 'STATEMENTS', 'WHOLE', 'CHANGED'], [...rows, ...shared]),
    '\n',
    gateText(report),
    trust.length > 0 ? `with ${trust.join(', ')}: clients get these by pull --trust\n` : '',
    ...terms.map((left) =>
      line(
        `not published: ${left.platforms.join(', ')}, because ${termsReason(left)}; --accept-terms ${left.source} publishes them`,
      ),
    ),
    ...leftOut.map((path) => `not published, because it belongs to no platform: ${path}\n`),
    restored ? `the publisher's folder was restored from the registry: ${folder}\n` : '',
    pushed ? pushText(pushed) : pruned > 0 ? `${plural(pruned, 'old file')} removed\n` : '',
    line(
      `next: ${['scapfeed', 'pull', '--from', to, '--trust-root', root, ...access].map(shellWord).join(' ')}`,
    ),
    line(`      give ${root} to clients by another way than the feed`),
  ].join('');
}

/** Instructions for scanners to reach the exports. */
function exportText({ exports, exportsHeldBy, trivy }: PublishResult): string {
  if (!exports) return '';
  if (exportsHeldBy)
    return line(
      `the exports for ${exports.join(', ')} are not published, because ${exportsHeldBy.join(', ')} ${exportsHeldBy.length === 1 ? 'is' : 'are'} held back: those of the last publication stay`,
    );
  return [
    line(`with exports for ${exports.join(', ')}: clients get these by pull --export TARGET --into DIR`),
    trivy ? line(`      trivy image --db-repository ${trivy.repository} IMAGE`) : '',
  ].join('');
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toLocaleString('en-US', { maximumFractionDigits: 0 })} kB`;
}

function pushText({ digest, sent, present, removed, left }: OciPublishOutcome['pushed']): string {
  const amount = ({ blobs, bytes }: BlobCount) =>
    `${plural(blobs, 'blob')}, ${bytes.toLocaleString('en-US')} bytes`;
  return [
    `pushed ${amount(sent)}; already there: ${amount(present)}\n`,
    `index ${digest}\n`,
    removed > 0 ? `${plural(removed, 'old publication')} removed from the registry\n` : '',
    left > 0
      ? `${plural(left, 'old publication')} not removed: the registry does not delete manifests\n`
      : '',
  ].join('');
}

function changeText(counts: Readonly<Record<string, number>>): string {
  const counted = Object.entries(counts).filter(([, count]) => count > 0);
  if (counted.length === 0) return 'nothing';
  return counted.map(([kind, count]) => `${count} ${kind.replaceAll('_', ' ')}`).join(', ');
}

function chosenAcceptances({ accept = [], reason }: PublishCommandOptions): GateAcceptance[] {
  return accept.map((text) => {
    if (reason === undefined) {
      throw usage(
        'publish',
        '--accept needs --reason TEXT',
        'give the reason; it is recorded in the manifest',
      );
    }
    const [name = '', platform] = text.split(':');
    const gate = oneOf(gateNames, name, { command: 'publish', flag: '--accept' }, { noun: 'gate' });
    if (!canAccept(gate))
      throw usage(
        'publish',
        `--accept ${gate} is not possible: what breaks its schema cannot be read`,
        'correct the feed; if only OVAL is invalid, --no-oval publishes the index',
      );
    return { gate, reason, ...(platform ? { platform } : {}) };
  });
}

function readSentinels(file: string | undefined): Sentinel[] {
  if (file === undefined) return [];
  let rows: unknown;
  try {
    rows = parseForeignJson(readNamed(file));
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
