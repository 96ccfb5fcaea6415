import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openFeed } from '../../src/runtime/node.ts';
import { scapfeed } from '../support/cli.ts';
import { dataPath, unpackData } from '../support/data.ts';
import { type LabelledImage, readLabels } from './labels.ts';
import { readLanguageLabels, readRecords, scoreLanguages, type UnscoredLanguage } from './languages.ts';
import { type LanguageOutcome, type Outcome, pageWith, pageWithLanguages } from './page.ts';
import { type Scored, score } from './score.ts';
import { SourceNames } from './source-names.ts';
import { systemOf } from './systems.ts';

const page = resolve(import.meta.dirname, '../../docs/accuracy.md');

/**
 * `npm run prove:labels -- [--feed DIR]... [--languages] [--misses FILE] [--write]`: hand-made labels of findings beside our verdicts, with the
 * vendors' data of the data folder or feeds that are there already. Prints recall, precision and the cause of each difference by
 * distribution and ecosystem, and each miss to a file. `--languages` asks about packages of languages only. `--write` puts the tables into docs/accuracy.md; without it they must be there, or it
 * exits 1.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      feed: { type: 'string', multiple: true },
      languages: { type: 'boolean', default: false },
      misses: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const work = mkdtempSync(join(tmpdir(), 'scapfeed-prove-labels-'));
  try {
    const before = readFileSync(page, 'utf8');
    const languages = languagesOf(work);
    let after = pageWithLanguages(before, languages);
    let missed = missLines(languages.scored) + unscoredLines(languages.unscored);
    if (!values.languages) {
      for (const name of ['labels', 'sboms', 'package-lists']) unpackData(`real/${name}.tar.zst`, work);
      const outcome = scoreAll(readLabels(join(work, 'labels')), values.feed ?? buildFeeds(work), work);
      missed = missLines(outcome.scored) + missed;
      after = pageWith(after, outcome);
    }
    if (values.misses !== undefined) writeFileSync(values.misses, missed);
    process.stdout.write(after.slice(after.indexOf('<!-- scores -->')));
    if (values.write) writeFileSync(page, after);
    else if (after !== before) {
      process.stderr.write('docs/accuracy.md says otherwise: npm run prove:labels -- --write\n');
      process.exitCode = 1;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function languagesOf(work: string): LanguageOutcome {
  const table = readFileSync(dataPath('interchange2', 'extract', 'labels', 'ghsa-labels.tsv'), 'utf8');
  const labels = readLanguageLabels(table);
  const records = readRecords(dataPath('interchange2', 'osv'));
  return { labels: labels.length, ...scoreLanguages(labels, records, work) };
}

function scoreAll(images: readonly LabelledImage[], feeds: readonly string[], work: string): Outcome {
  const sources = new SourceNames();
  for (const name of ['sboms', 'package-lists']) sources.read(join(work, name));
  const scored: Scored[] = [];
  const without: Outcome['without'] = [];
  for (const image of images) {
    const system = systemOf(image);
    const feed = feeds.find((folder) => system && openFeed(folder).shard(system.platform) !== undefined);
    if (system && feed !== undefined) scored.push(...score(image, system, feed, sources, work));
    else without.push({ image, platform: system?.platform });
  }
  return { images, scored, without };
}

/** A feed of the vendors' real data, and one of Ubuntu's tracker as far as the folder has it. */
function buildFeeds(work: string): string[] {
  const mirror = join(work, 'mirror');
  unpackData('real/mirror-real.tar.zst', mirror);
  const ubuntu = join(work, 'ubuntu');
  const host = 'security-metadata.canonical.com';
  mkdirSync(ubuntu);
  cpSync(dataPath('mirror', host), join(ubuntu, host), { recursive: true });
  const snapshot = join(ubuntu, 'git.launchpad.net/ubuntu-cve-tracker/snapshot');
  mkdirSync(snapshot, { recursive: true });
  cpSync(
    dataPath('ubuntu/ubuntu-cve-tracker-2020-06.tar.gz'),
    join(snapshot, 'ubuntu-cve-tracker-master.tar.gz'),
  );
  return [
    built('almalinux,alpine,debian,redhat,rocky', mirror, join(work, 'feed')),
    built('ubuntu', ubuntu, join(work, 'feed-ubuntu')),
  ];
}

function built(sources: string, mirror: string, out: string): string {
  const from = ['--mirror', mirror, '--unsigned-mirror', '--snapshots', `${out}-snapshots`];
  const { code, err } = scapfeed(['build', '--source', sources, ...from, '--no-oval', '--out', out]);
  if (code !== 0) throw new Error(err);
  return out;
}

/** Labels that we say the opposite of. */
function missLines(scored: readonly Omit<Scored, 'image'>[]): string {
  return scored
    .filter(({ label, found }) => (label === 'TP') !== found && label !== '??')
    .map(({ platform, label, package: name, version, vulnerability, cause }) =>
      [platform, label, vulnerability, name, version, cause].join('\t'),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Labels that no verdict stands beside. */
function unscoredLines(unscored: readonly UnscoredLanguage[]): string {
  return unscored
    .map(
      ({ label, package: name, version, vulnerability, cause }) =>
        `${['-', label, vulnerability, name, version, `not scored: ${cause}`].join('\t')}\n`,
    )
    .join('');
}

if (process.argv[1] === import.meta.filename) await main();
