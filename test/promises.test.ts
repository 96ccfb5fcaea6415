import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project } from './support/cli.ts';

interface Row {
  sentence: string;
  document: string;
  /** `test/path.test.ts: words of the test's name` */
  proofs: string[];
}

/** Rows of the tables of a document whose last column names tests, from a heading on. */
function rowsOf(document: string, from = ''): Row[] {
  const text = readFileSync(join(project, document), 'utf8');
  const lines = text.slice(text.indexOf(from)).split('\n');
  const cells = lines
    .filter((line) => /^\| (?!-|promise |who )/.test(line))
    .map((line) => line.slice(2, -2).split(/ +\| +/));
  return cells.map(([sentence = '', where = '', ...proofs]) => ({
    sentence,
    document: where,
    proofs: proofs.join(' ').split(/<br>/),
  }));
}

function words(text: string): string {
  return text.replace(/[`*]/g, '').replace(/\s+/g, ' ');
}

function expectProof(proof: string): void {
  const [, file = '', name = ''] = /^`([^`]+)`: (.+)$/.exec(proof.trim()) ?? [];
  expect(existsSync(join(project, file)), `${proof}: there is no such file`).toBe(true);
  expect(words(readFileSync(join(project, file), 'utf8')), `${file} has no such test`).toContain(words(name));
}

describe('docs/promises.md', () => {
  const rows = rowsOf('docs/promises.md');

  it.each(rows)('$document: $sentence', ({ sentence, document, proofs }) => {
    const text = readFileSync(join(project, document), 'utf8');
    const [, code] = /^exit code (\d)$/.exec(sentence) ?? [];
    if (code === undefined) expect(words(text)).toContain(words(sentence));
    else expect(text).toMatch(new RegExp(`^\\| ${code} +\\| `, 'm'));
    for (const proof of proofs) expectProof(proof);
  });

  it('names every row of the table of exit codes', () => {
    const codes = rows
      .filter(({ sentence }) => /^exit code \d$/.test(sentence))
      .map(({ sentence }) => sentence);
    expect(codes).toEqual([0, 1, 2, 3, 4].map((code) => `exit code ${code}`));
  });

  it('names every sentence of the documents that says always, never, any or every byte', () => {
    const told = rows.map(({ sentence }) => words(sentence));
    for (const document of [
      'README.md',
      ...readdirSync(join(project, 'docs'), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.md'))
        .map((name) => `docs/${name}`),
    ]) {
      if (document === 'docs/promises.md') continue;
      for (const promise of promisesOf(document)) {
        expect(
          told.some((sentence) => promise.includes(sentence)),
          `${document}: ${promise}`,
        ).toBe(true);
      }
    }
  });
});

/** Sentences with a word that leaves no way out. */
function promisesOf(document: string): string[] {
  const text = readFileSync(join(project, document), 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/^\|.*$/gm, '');
  const sentences = words(text).split(/(?<=[.:;]) /);
  return sentences.filter((sentence) => /\b(?:always|never|every byte|byte for byte)\b/i.test(sentence));
}

describe('SECURITY.md', () => {
  it.each(rowsOf('SECURITY.md', '## Attackers'))('$sentence: $document', ({ proofs }) => {
    for (const proof of proofs) expectProof(proof);
  });
});
