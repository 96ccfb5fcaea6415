import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  compilePattern,
  DeadlineError,
  type Pattern,
  PatternError,
  withDeadline,
} from '../../../../src/comply/pcre/index.ts';

/** A pattern with the texts that it is asked about; flags are letters of `(?imsx)`. */
export interface Question {
  pattern: string;
  flags: string;
  subjects: string[];
}

/** Text of the whole match and of each group, `null` for one that has not matched, and where the whole begins, in bytes. */
interface Found {
  index: number;
  groups: (string | null)[];
}

type Judgement = { error: number } | { results: (Found | null | { error: number })[] };

/** libpcre2's answers. */
export function askLibpcre2(questions: readonly Question[]): Judgement[] {
  const { status, stdout, stderr } = spawnSync('python3', [join(import.meta.dirname, 'libpcre2.py')], {
    input: questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Judgement);
}

interface Comparison {
  /** Answers that are not libpcre2's, as text. */
  wrong: string[];
  /** Pattern and subject pairs that both answered; those of them with a match, and with a group that has matched. */
  answers: number;
  matches: number;
  groups: number;
  /** Patterns that we refuse and libpcre2 takes, and answers that we do not give. */
  refused: Question[];
  limits: number;
}

/** Compares our answers with libpcre2's: each must be the same, the whole match and every group, or an error. */
export function compareWithLibpcre2(questions: readonly Question[]): Comparison {
  const found: Comparison = { wrong: [], answers: 0, matches: 0, groups: 0, refused: [], limits: 0 };
  const judgements = askLibpcre2(questions);
  for (const [at, question] of questions.entries()) {
    const judgement = judgements[at] as Judgement;
    const ours = compiled(question);
    if (!ours) {
      if ('results' in judgement) found.refused.push(question);
      continue;
    }
    if ('error' in judgement) {
      found.wrong.push(`${JSON.stringify(question.pattern)} (${question.flags}): libpcre2 refuses it`);
      continue;
    }
    const answers = answersOf(ours, question.subjects);
    for (const [number, subject] of question.subjects.entries()) {
      const theirs = judgement.results[number] ?? null;
      const answer = answers[number];
      if (answer === undefined) found.limits += 1;
      if (answer === undefined || (theirs && 'error' in theirs)) continue;
      found.answers += 1;
      const expected = theirs && [theirs.index, ...theirs.groups.filter((group) => group !== null)];
      if (expected) found.matches += 1;
      if (expected && expected.length > 2) found.groups += 1;
      const [one, other] = [JSON.stringify(answer), JSON.stringify(expected)];
      if (one !== other)
        found.wrong.push(
          `${JSON.stringify(question.pattern)} (${question.flags}) on ${JSON.stringify(subject)}: ${one}, libpcre2 ${other}`,
        );
    }
  }
  return found;
}

function compiled({ pattern, flags }: Question): Pattern | undefined {
  try {
    return compilePattern(pattern, {
      ignoreCase: flags.includes('i'),
      multiline: flags.includes('m'),
      dotAll: flags.includes('s'),
      extended: flags.includes('x'),
    });
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

/** For each subject what matched, null for no match, undefined where a limit was reached. */
function answersOf(pattern: Pattern, subjects: readonly string[]): (unknown[] | null | undefined)[] {
  const answers: (unknown[] | null | undefined)[] = [];
  try {
    withDeadline(5_000, () => {
      answers.length = 0;
      for (const subject of subjects) answers.push(answerOf(pattern, subject));
    });
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
  }
  return answers;
}

function answerOf(pattern: Pattern, subject: string): unknown[] | null | undefined {
  try {
    const match = pattern.first(subject);
    return match ? [Buffer.byteLength(subject.slice(0, match.index)), match.text, ...match.groups] : null;
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}
