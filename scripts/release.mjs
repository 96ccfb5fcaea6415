// Releases: `version X.Y.Z` sets the version everywhere and closes the changelog; `check vX.Y.Z` says whether a tag, the version and
// the changelog agree; `notes vX.Y.Z` prints the part of the changelog. The tag is made by a person, from a commit that passed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { changelogFaults, readChangelog } from './changelog.mjs';

const [, , action, given = ''] = process.argv;
const folder = resolve(process.env.RELEASE_FOLDER ?? join(import.meta.dirname, '..'));
const version = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(given)?.[1];
const read = (name) => readFileSync(join(folder, name), 'utf8');

/** Files that name the version of the next release for their readers, and how. */
const places = [
  ['package.json', /^( {2}"version": ")[^"]+(")/m],
  ['package-lock.json', /^( {2}"version": ")[^"]+(")/m],
  ['package-lock.json', /("packages": \{\n {4}"": \{\n {6}"name": "scapfeed",\n {6}"version": ")[^"]+(")/],
  ['action.yml', /( {2}version:\n.*\n {4}default: )\S+()/],
  ['examples/jenkins/Jenkinsfile', /(scapfeed@)\S+( pull )/],
  ['examples/jenkins/Jenkinsfile', /(scapfeed@)\S+( scan )/],
  ['examples/github-actions/base-image.yml', /(install --global scapfeed@)\S+()/],
  ['examples/gitlab-ci/scan.gitlab-ci.yml', /(install --global scapfeed@)\S+()/],
  ['templates/scapfeed.yml', /( {4}version:\n(?: {6}(?!default).*\n)* {6}default: )\S+()/],
];

if (version === undefined) fail('name a version such as v1.2.3');
else if (action === 'version') setVersion();
else if (action === 'check') check();
else if (action === 'notes')
  console.log(readChangelog(read('CHANGELOG.md')).find((each) => each.version === version)?.text);
else fail('use version, check or notes');

function setVersion() {
  const { SOURCE_DATE_EPOCH } = process.env;
  const day = new Date(SOURCE_DATE_EPOCH ? Number(SOURCE_DATE_EPOCH) * 1000 : Date.now())
    .toISOString()
    .slice(0, 10);
  for (const [name, pattern] of places) {
    const text = read(name);
    if (!pattern.test(text)) return fail(`${name} has no version where one is expected`);
    writeFileSync(join(folder, name), text.replace(pattern, `$1${version}$2`));
  }
  const changelog = read('CHANGELOG.md').replace(
    '## [Unreleased]',
    `## [Unreleased]\n\n## [${version}] - ${day}`,
  );
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
  console.log(`version ${version}; next: npm run check, commit, git tag --sign v${version}, git push --tags`);
}

function check() {
  const faults = changelogFaults(read('CHANGELOG.md'));
  for (const [name, pattern] of places) {
    const [found = '', before = '', after = ''] = pattern.exec(read(name)) ?? [];
    const own = found.slice(before.length, found.length - after.length);
    if (own !== version)
      faults.push(`${name} has the version ${own || 'of no form that is known'}, the tag is ${version}`);
  }
  const release = readChangelog(read('CHANGELOG.md')).find((each) => each.version === version);
  if (release === undefined) faults.push(`CHANGELOG.md has no part [${version}]`);
  else if (release.text.trim() === '') faults.push(`CHANGELOG.md says nothing of [${version}]`);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`${given}: the tag, the version and the changelog agree`);
}

function fail(message) {
  console.error(`release: ${message}`);
  process.exitCode = 2;
}
