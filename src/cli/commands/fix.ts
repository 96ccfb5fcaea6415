import { readFileSync } from 'node:fs';
import { openContent, profileRules, remediate, remediationTypes } from '../../comply/index.ts';
import { type ComplianceResult, ScapfeedError } from '../../model/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { choice, type OptionValues, path, text, withDefault } from '../option.ts';
import { contentChoice, contentOptions } from '../options/content-choice.ts';
import { outputFile, writeResult } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';

const options = {
  results: path('FILE', 'the JSON that `scapfeed comply -o json` wrote: fixes of its failed rules'),
  content: path('FILE', 'without results: fixes of every rule that the profile selects'),
  profile: text('ID', 'the profile, with --content'),
  ...contentOptions,
  type: withDefault(choice(remediationTypes, '%', { metavar: 'TYPE', noun: 'type' }), 'bash'),
  output: outputFile('the script'),
};

export const fix = defineCommand({
  name: 'fix',
  operands: [],
  synopsis: '(--results FILE | --content FILE) [OPTIONS]',
  options,
  examples: [
    'scapfeed comply oci:./image --content debian12.json --profile standard -o json=result.json',
    'scapfeed fix --results result.json --type containerfile >> Containerfile',
  ],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const { type, output = '-' } = given;
  const rules = chosenRules(given);
  const { script, fixed, without } = remediate(rules, type);
  if (output === '-') terminal.document(script);
  else writeResult(output, 'script', script);
  terminal.note(`${fixed} of ${rules.length} rules have a ${type} fix`);
  for (const id of without) terminal.err(`without a fix: ${id}`);
  return 0;
}

function chosenRules(given: OptionValues<typeof options>): ReturnType<typeof profileRules> {
  const { results, content, profile } = given;
  if (results !== undefined && content === undefined) {
    return readResults(results).rules.filter(({ result }) => result === 'fail');
  }
  if (content !== undefined && results === undefined) {
    return profileRules(openContent(content, contentChoice(given)), profile);
  }
  throw usage('fix', 'expected either --results FILE or --content FILE');
}

function readResults(file: string): ComplianceResult {
  const parsed = parsedJson(file) as Partial<ComplianceResult> | null;
  if (Array.isArray(parsed?.rules) && parsed.rules.every(isRule)) return parsed as ComplianceResult;
  throw unreadable(file, 'expected the JSON of `scapfeed comply -o json`, found something else');
}

function parsedJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const isText = cause instanceof SyntaxError;
    throw unreadable(file, `the results ${isText ? 'are not JSON' : 'cannot be read'}`, cause);
  }
}

function isRule(value: unknown): boolean {
  const rule = value as Partial<ComplianceResult['rules'][number]> | null;
  return typeof rule?.id === 'string' && typeof rule.result === 'string' && Array.isArray(rule.fixes);
}

function unreadable(file: string, message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message,
    where: file,
    remedy: 'make them with `scapfeed comply … -o json=FILE`',
    cause,
  });
}
