// Debian's part of the sample: facts of scripts/sample as the tracker's document, its lists of advisories and the archive's indexes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzip } from './gzip.mjs';

const facts = join(import.meta.dirname, 'sample');
const releases = ['bullseye', 'bookworm', 'trixie', 'sid'];
const suites = releases.flatMap((release) =>
  release === 'sid' ? [release] : [release, `${release}-updates`, `${release}-security`],
);
const lists = 'salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data';

/** Files of the mirror by path, from rows of packages.tsv and tracker.tsv. */
export function debianFiles(packages, tracker) {
  const files = {
    'security-tracker.debian.org/tracker/data/json': `${JSON.stringify(trackerJson(packages, tracker), null, 1)}\n`,
    [`${lists}/DSA/list`]: readFileSync(join(facts, 'dsa.list')),
    [`${lists}/DLA/list`]: readFileSync(join(facts, 'dla.list')),
  };
  for (const suite of suites) {
    const stanzas = packages.filter(([of]) => of === suite).map(stanza);
    files[`${archive(suite)}/dists/${suite}/main/binary-amd64/Packages.gz`] = gzip(stanzas.join('\n'), 9);
  }
  return files;
}

function trackerJson(packages, tracker) {
  const document = {};
  for (const [name, id, urgency, ...rest] of tracker) {
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
