import { readFileSync } from 'node:fs';
import {
  openContent,
  profileRules,
  type RemediationType,
  remediate,
  remediationTypes,
} from '../../comply/index.ts';
import { type ComplianceResult, ScapfeedError } from '../../model/index.ts';
import { type Arguments, type Command, usage } from '../command.ts';
import { writeResult } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { contentHelp, contentOptions, readOptions } from './compile.ts';

export const fix: Command = {
  name: 'fix',
  synopsis: '(--results FILE | --content FILE) [OPTIONS]',
  summary: 'write the fixes of failed rules as a script',
  help: `  --results FILE     the JSON that \`scapfeed comply -o json\` wrote: fixes of its failed rules
  --content FILE     without results: fixes of every rule that the profile selects
  --profile ID       the profile, with --content
${contentHelp}  --type TYPE        ${remediationTypes.join(', ')} (default: bash)
  -o FILE            where the script goes (default: stdout)

Example:
  scapfeed comply oci:./image --content debian12.json --profile standard -o json=result.json
  scapfeed fix --results result.json --type containerfile >> Containerfile
`,
  options: {
    ...contentOptions,
    results: { type: 'string' },
    content: { type: 'string' },
    profile: { type: 'string' },
    type: { type: 'string' },
    output: { type: 'string', short: 'o' },
  },
  positionals: { min: 0, max: 0 },
  run,
};

async function run({ values }: Arguments, terminal: Terminal): Promise<number> {
  const text = (name: string) => values[name] as string | undefined;
  const type = (text('type') ?? 'bash') as RemediationType;
  if (!remediationTypes.includes(type))
    throw usage(fix, `no type ${type}`, `use one of ${remediationTypes.join(', ')}`);
  const [results, content] = [text('results'), text('content')];
  if ((results === undefined) === (content === undefined)) {
    throw usage(fix, 'expected either --results FILE or --content FILE');
  }
  const rules =
    results === undefined
      ? profileRules(openContent(content as string, readOptions(values)), text('profile'))
      : readResults(results).rules.filter(({ result }) => result === 'fail');
  const { script, fixed, without } = remediate(rules, type);
  const output = text('output') ?? '-';
  if (output === '-') terminal.document(script);
  else writeResult(output, 'script', script);
  terminal.err(`${fixed} of ${rules.length} rules have a ${type} fix`);
  for (const id of without) terminal.err(`without: ${id}`);
  return 0;
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
