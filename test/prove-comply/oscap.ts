import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childElements, childText, readXmlTree } from '../../src/comply/xml/read-xml.ts';

export interface OscapRun {
  /** Rule id to result. */
  rules: Map<string, string>;
  score: number;
}

/** `oscap xccdf eval` of one profile on a root: every rule's result, and the default score. */
export async function oscapRules(stream: string, root: string, profile: string): Promise<OscapRun> {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-oscap-'));
  const file = join(folder, 'results.xml');
  const status = await ended(
    spawn('oscap', ['xccdf', 'eval', '--profile', profile, '--results', file, stream], {
      env: { ...process.env, OSCAP_PROBE_ROOT: root },
      stdio: 'ignore',
    }),
  );
  // 2: a rule failed.
  if (status !== 0 && status !== 2) throw new Error(`oscap ended with ${status} on ${root}, ${profile}`);
  const test = childElements(readXmlTree(readFileSync(file), file), 'TestResult')[0];
  rmSync(folder, { recursive: true });
  if (!test) throw new Error('oscap wrote no TestResult');
  const rules = childElements(test, 'rule-result').map(
    (rule) => [rule.attrs['idref'] ?? '', childText(rule, 'result') ?? ''] as const,
  );
  return { rules: new Map(rules), score: Number(childText(test, 'score')) };
}

function ended(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}
