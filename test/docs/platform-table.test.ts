import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builds } from '../../src/distros/builds.ts';
import { judges } from '../../src/distros/judges.ts';
import { compareNaturally } from '../../src/model/order.ts';
import { project } from '../support/cli.ts';

/** A name or a range of names, `debian-7` to `debian-14`, and the system that it is of. */
interface Listed {
  os: string;
  first: string;
  last: string;
}

/** `-3.23` is of the system before it; `wolfi-rolling` ends `chainguard-`, `cleanstart-` too. */
function listed(cell: string): Listed[] {
  const words = [...cell.matchAll(/(to )?`([^`]+)`/g)].map(([, to, word]) => ({ to, word: word! }));
  const found: Listed[] = [];
  for (const [at, { to, word }] of words.entries()) {
    const whole = words.slice(at).find((each) => !each.word.endsWith('-'))!.word;
    const suffix = whole.slice(whole.lastIndexOf('-') + 1);
    const name = word.startsWith('-')
      ? `${found.at(-1)!.os}${word}`
      : word.endsWith('-')
        ? `${word}${suffix}`
        : word;
    const os = judges.find(({ id }) => name.startsWith(`${id}-`))?.id ?? `no system: ${name}`;
    if (to) found.at(-1)!.last = name;
    else found.push({ os, first: name, last: name });
  }
  return found;
}

it('the table of the README has each platform that a feed can have, and no other', () => {
  const readme = readFileSync(join(project, 'README.md'), 'utf8');
  const rows = readme.split('## What is covered')[1]!.split('\n## ')[0]!.split('\n');
  const cells = rows.flatMap((row) => (row.startsWith('|') ? [row.split('|')[2]!] : [])).slice(2);
  const names = cells.flatMap(listed);
  // SUSE's other systems stand there by their last words; CleanStart has two IDs.
  const words = [...cells.join().matchAll(/\b(?:Micro|Leap|Tumbleweed)\b/g)].map(([word]) =>
    word.toLowerCase(),
  );
  const isByWord = (os: string) => os === 'clnstrt' || words.some((word) => os.endsWith(`-${word}`));
  expect(words).toHaveLength(3);

  const missing = judges.filter(({ id }) => !isByWord(id) && !names.some(({ os }) => os === id));
  expect(missing.map(({ id }) => id)).toEqual([]);

  const platforms = builds.flatMap(({ source }) => source.platforms ?? []);
  const unnamed = platforms.filter(
    ({ id, os }) =>
      !isByWord(os.id) &&
      !names.some(
        (name) =>
          name.os === os.id && compareNaturally(name.first, id) <= 0 && compareNaturally(id, name.last) <= 0,
      ),
  );
  expect(unnamed.map(({ id }) => id)).toEqual([]);

  // The platforms of Red Hat and Ubuntu are those of their documents.
  const ofDocuments = (os: string) =>
    judges.some(({ id }) => id === os) && !platforms.some((p) => p.os.id === os);
  const known = new Set(platforms.map(({ id }) => id));
  const absent = names.flatMap(({ os, first, last }) =>
    ofDocuments(os) ? [] : [first, last].filter((name) => !known.has(name)),
  );
  expect(absent).toEqual([]);
});
