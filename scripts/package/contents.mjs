// Contents of a release besides our own code: Node and the npm packages, with their licences.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The npm packages that the code needs while it runs, by the lock file: name, version, licence, digest. */
export function runtimePackages() {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const entries = Object.entries(packages)
    .filter(([path, { dev, devOptional, link, os }]) => {
      // Of an operating system are the Nodes of a workspace that is not part of the program.
      return path.startsWith('node_modules/') && !dev && !devOptional && !link && !os;
    })
    .map(([path, { version, license, integrity }]) => ({
      name: path.replace(/^.*node_modules\//, ''),
      path,
      version,
      licence: license,
      integrity,
    }));
  // npm installs one version twice where two packages need it below another one.
  return [...new Map(entries.map((entry) => [`${entry.name}@${entry.version}`, entry])).values()];
}

/** The licences of all that is in the executable, one after the other. */
export function licenceTexts(nodeLicence, nodeVersion) {
  const parts = [
    ['scapfeed', readFileSync('LICENSE', 'utf8')],
    [`Node.js ${nodeVersion}`, readFileSync(nodeLicence, 'utf8')],
    ['PostgreSQL 18 (in @electric-sql/pglite)', readFileSync('scripts/package/texts/PostgreSQL.txt', 'utf8')],
    ...runtimePackages().map((entry) => [`${entry.name} ${entry.version} (${entry.licence})`, textOf(entry)]),
  ];
  const line = '='.repeat(80);
  return parts.map(([title, text]) => `${line}\n${title}\n${line}\n\n${ascii(text.trim())}\n\n`).join('');
}

/** The package's own files; the few that have none get the text of the licence that they name, and their author. */
function textOf({ name, path, licence }) {
  const files = readdirSync(path)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort();
  if (files.length > 0) return files.map((file) => readFileSync(join(path, file), 'utf8')).join('\n\n');
  const standard = licence === 'Apache-2.0' ? 'LICENSE' : `scripts/package/texts/${licence}.txt`;
  if (!existsSync(standard)) throw new Error(`${name}: no licence file, and no text of ${licence}`);
  return `Copyright: ${authorsOf(path)}\n\n${readFileSync(standard, 'utf8')}`;
}

function authorsOf(path) {
  const { author, contributors = [] } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const names = [author, ...contributors].flatMap((one) =>
    one ? [typeof one === 'string' ? one : one.name] : [],
  );
  return names.join(', ') || `the authors of ${path.replace('node_modules/', '')}`;
}

/** Terminals and package tools of any locale show it. */
function ascii(text) {
  return text
    .normalize('NFKD')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/[\u2013\u2014]/g, '-')
    .replace(/[^\x09\x0a\x20-\x7e]/g, '');
}
