import { readFileSync } from 'node:fs';
import { dataPath } from '../../../support/data.ts';
import type { Question } from './libpcre2.ts';

/** The patterns of PCRE2's own tests that have no other modifiers than i, m, s and x, with their subjects. */
export function pcre2Tests(): Question[] {
  const lines = readFileSync(dataPath('interchange2', 'pcre2', 'testinput1'), 'utf8').split('\n');
  const questions: Question[] = [];
  while (lines.length > 0) {
    let text = lines.shift() ?? '';
    if (!text.startsWith('/')) continue;
    let parts = patternForm.exec(text);
    while (!parts && lines.length > 0) {
      text += `\n${lines.shift()}`;
      parts = patternForm.exec(text);
    }
    const subjects: string[] = [];
    while (lines.length > 0 && lines[0]?.trim() !== '') {
      const line = (lines.shift() ?? '').trim();
      const subject = /^(?:\\=|#)/.test(line) ? undefined : subjectOf(line);
      if (subject !== undefined) subjects.push(subject);
    }
    const [, pattern = '', modifiers = ''] = parts ?? [];
    if (/^[imsx]*$/.test(modifiers.trim())) questions.push({ pattern, flags: modifiers.trim(), subjects });
  }
  return questions;
}

const patternForm = /^\/((?:[^\\/]|\\[\s\S])*)\/([^/]*)$/;
const controls: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  e: '\u001b',
  a: '\u0007',
  b: '\b',
  v: '\v',
};

/** Undefined: the line has an escape of pcre2test that is no character. */
function subjectOf(line: string): string | undefined {
  let known = true;
  const text = line
    .replace(/\\$/, '')
    .replace(
      /\\(?:x\{([\da-fA-F]+)\}|x([\da-fA-F]{1,2})|([0-7]{1,3})|([\s\S]))/g,
      (_, wide?: string, hex?: string, octal?: string, char = '') => {
        if (wide ?? hex) return String.fromCodePoint(Number.parseInt((wide ?? hex) as string, 16));
        if (octal) return String.fromCodePoint(Number.parseInt(octal, 8));
        if (/[\da-zA-Z=]/.test(char) && !(char in controls)) known = false;
        return controls[char] ?? char;
      },
    );
  return known ? text : undefined;
}
