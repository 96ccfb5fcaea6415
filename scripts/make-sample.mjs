// Writes feeds/sample, a small snapshot in the vendors' own layouts, from the facts in scripts/sample.
// Run it after changing a fact: node scripts/make-sample.mjs
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzip } from './gzip.mjs';
import { documentFiles } from './sample-documents.mjs';
import { osvFiles } from './sample-osv.mjs';
import { ratingFiles } from './sample-ratings.mjs';
import { redHatFiles } from './sample-redhat.mjs';

const facts = join(import.meta.dirname, 'sample');
const sample = join(import.meta.dirname, '../feeds/sample');

/** The day of the facts: a copy's file dates are lost in git, so the mirror carries its own. */
const day = 'Tue, 24 Nov 2026 00:00:00 GMT';
const releases = ['bullseye', 'bookworm', 'trixie', 'sid'];
const suites = releases.flatMap((release) =>
  release === 'sid' ? [release] : [release, `${release}-updates`, `${release}-security`],
);
const tracker = 'salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data';

makeSample();

function makeSample() {
  const packages = rows('packages.tsv');
  const files = {
    'security-tracker.debian.org/tracker/data/json': `${JSON.stringify(trackerJson(packages), null, 1)}\n`,
    [`${tracker}/DSA/list`]: readFileSync(join(facts, 'dsa.list')),
    [`${tracker}/DLA/list`]: readFileSync(join(facts, 'dla.list')),
  };
  for (const suite of suites) {
    const stanzas = packages.filter(([of]) => of === suite).map(stanza);
    files[`${archive(suite)}/dists/${suite}/main/binary-amd64/Packages.gz`] = gzip(stanzas.join('\n'));
  }
  Object.assign(files, redHatFiles(rows('redhat.tsv')));
  Object.assign(files, ratingFiles(rows('cve-records.tsv'), rows('cvss.tsv')));
  Object.assign(files, osvFiles(rows('osv.tsv')));
  Object.assign(files, documentFiles());
  const dates = Object.fromEntries(
    Object.keys(files)
      .sort()
      .map((path) => [path, day]),
  );
  files['last-modified.json'] = mergedDates(dates);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(sample, path)), { recursive: true });
    writeFileSync(join(sample, path), content);
  }
}

/** Other vendors' samples keep their dates in the same file. */
function mergedDates(dates) {
  const path = join(sample, 'last-modified.json');
  let known = {};
  try {
    known = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // The first run makes it.
  }
  const all = Object.entries({ ...known, ...dates }).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(all), null, 1)}\n`;
}

function trackerJson(packages) {
  const document = {};
  for (const [name, id, urgency, ...rest] of rows('tracker.tsv')) {
    const cells = rest.slice(0, releases.length);
    const of = {};
    for (const [at, release] of releases.entries()) {
      if (cells[at]) of[release] = row(cells[at], urgency, repositories(packages, name, release));
    }
    document[name] ??= {};
    document[name][id] = { description: rest[releases.length], releases: of };
  }
  return document;
}

function row(cell, urgency, repositories) {
  const rating = urgency || 'not yet assigned';
  const open = { status: 'open', repositories, urgency: rating };
  switch (cell) {
    case 'open':
      return open;
    case 'undetermined':
      return { ...open, status: 'undetermined' };
    case 'end-of-life':
      return { ...open, urgency: 'end-of-life' };
    case 'minor':
      return { ...open, nodsa: 'small effect', nodsa_reason: '' };
    case 'postponed':
    case 'ignored':
      return { ...open, nodsa: 'small effect', nodsa_reason: cell };
    case '0':
      return { status: 'resolved', repositories, fixed_version: '0', urgency: 'unimportant' };
    default:
      return { status: 'resolved', repositories, fixed_version: cell, urgency: rating };
  }
}

/** Source versions by repository, as the tracker's rows carry them. */
function repositories(packages, name, release) {
  const found = {};
  for (const [suite, binary, version, , source] of packages) {
    if (suite !== release && suite !== `${release}-security`) continue;
    const [, sourceName = binary, sourceVersion = version] = /^(\S+)(?: \((\S+)\))?$/.exec(source) ?? [];
    if (sourceName === name) found[suite] = sourceVersion.replace(/\+b\d+$/, '');
  }
  return found;
}

function stanza([, name, version, architecture, source]) {
  const sourceLine = source ? `Source: ${source}\n` : '';
  return `Package: ${name}\n${sourceLine}Version: ${version}\nArchitecture: ${architecture}\n`;
}

function archive(suite) {
  return suite.endsWith('-security') ? 'security.debian.org/debian-security' : 'ftp.debian.org/debian';
}

function rows(file) {
  const lines = readFileSync(join(facts, file), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('\t'));
}
