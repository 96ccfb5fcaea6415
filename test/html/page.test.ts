import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { pageEnd, pageStart } from '../../src/html/page.ts';

const digestOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

it('a page allows its own style and script, and nothing else', () => {
  const html = pageStart({ title: 'Flaws', style: 'p{}', script: 'run()' });

  expect(/content="(default-src[^"]*)"/.exec(html)?.[1]).toBe(
    `default-src 'none'; style-src ${digestOf('p{}')}; script-src ${digestOf('run()')}; base-uri 'none'; form-action 'none'`,
  );
  expect(pageEnd({ script: 'run()' })).toContain('<script>run()</script>');
});

it('a page without a script allows none', () => {
  expect(pageStart({ title: 'Flaws', style: 'p{}' })).not.toContain('script-src');
  expect(pageEnd({})).not.toContain('<script');
});

it('a title is text', () => {
  expect(pageStart({ title: '</title><script>', style: '' })).toContain(
    '<title>&lt;/title&gt;&lt;script&gt;</title>',
  );
});
