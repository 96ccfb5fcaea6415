// Writes feeds/sample, a small snapshot in the vendors' own layouts, from the facts in scripts/sample.
// Run it after changing a fact: node scripts/make-sample.mjs
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { csafFiles } from './sample-csaf.mjs';
import { debianFiles } from './sample-debian.mjs';
import { documentFiles } from './sample-documents.mjs';
import { errataFiles } from './sample-errata.mjs';
import { osvFiles } from './sample-osv.mjs';
import { ovalFiles } from './sample-oval.mjs';
import { ratingFiles } from './sample-ratings.mjs';
import { redHatFiles } from './sample-redhat.mjs';
import { ubuntuFiles } from './sample-ubuntu.mjs';
import { updateFiles } from './sample-updates.mjs';

const facts = join(import.meta.dirname, 'sample');
const sample = join(import.meta.dirname, '../feeds/sample');

/** The day of the facts: a copy's file dates are lost in git, so the mirror carries its own. */
const day = 'Tue, 24 Nov 2026 00:00:00 GMT';

/** Recorded as they are: nothing here makes them. */
const recorded = [
  'api.github.com/repos/CVEProject/cvelistV5/releases/latest',
  'epss.empiricalsecurity.com/epss_scores-current.csv.gz',
  'www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
];

makeSample(process.argv[2] ?? sample);

function makeSample(folder) {
  const files = {
    ...debianFiles(rows('packages.tsv'), rows('tracker.tsv')),
    ...redHatFiles(rows('redhat.tsv')),
    ...ratingFiles(rows('cve-records.tsv'), rows('cvss.tsv')),
    ...osvFiles(rows('osv.tsv')),
    ...documentFiles(),
    ...ovalFiles(rows('oval.tsv')),
    ...updateFiles(rows('errata.tsv')),
    ...errataFiles(rows('errata.tsv')),
    ...csafFiles(rows('csaf.tsv')),
    ...ubuntuFiles(),
  };
  for (const path of recorded) files[path] = readFileSync(join(sample, path));
  const dates = Object.fromEntries(
    Object.keys(files)
      .sort()
      .map((path) => [path, day]),
  );
  files['last-modified.json'] = `${JSON.stringify(dates, null, 1)}\n`;
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function rows(file) {
  const lines = readFileSync(join(facts, file), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('\t'));
}
