import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { type Missing, missingFile } from './missing.ts';

/**
 * Says at the end of a run which tests passed at their second try only, and which oracles or data were absent and how to get them.
 * With CI=true a skip is a failure.
 */
export default class MissingReporter implements Reporter {
  onInit(): void {
    rmSync(missingFile, { force: true });
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const closing = `\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`;
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map((test) => `${module.relativeModuleId}: ${test.fullName}`),
    );
    const out = process.stdout;
    const flaky = tests.filter((test) => test.diagnostic()?.flaky);
    if (flaky.length > 0) out.write(`\n${flaky.length} tests passed at their second try:\n`);
    for (const test of flaky) out.write(`  ${test.module.relativeModuleId}: ${test.fullName}\n`);
    if (skipped.length === 0) {
      out.write(closing);
      return;
    }
    out.write(`\n${skipped.length} tests skipped:\n`);
    for (const name of skipped) out.write(`  ${name}\n`);
    const missing = readMissing();
    const packages = [
      ...new Set(missing.flatMap((item) => (item.kind === 'oracle' ? [item.package] : []))),
    ].sort();
    if (packages.length > 0) {
      out.write(`\nOracles absent. Bring them with \`npm run oracles\`, which runs:\n`);
      out.write(`  apt-get install -y --no-install-recommends ${packages.join(' ')}\n`);
    }
    for (const name of new Set(missing.flatMap((item) => (item.kind === 'data' ? [item.name] : [])))) {
      out.write(`\nAbsent: ${name} (SCAPFEED_TEST_DATA names the data folder)\n`);
    }
    if (process.env['CI'] === 'true') {
      out.write('\nCI=true: a skipped test is a failure.\n');
      process.exitCode = 1;
    }
    out.write(closing);
  }
}

function readMissing(): Missing[] {
  if (!existsSync(missingFile)) return [];
  return readFileSync(missingFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Missing);
}
