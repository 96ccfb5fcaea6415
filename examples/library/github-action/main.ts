// The action's program: node runs it as it is. Annotations go to the log, the rest to the files that the runner names.
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FailOn,
  isScapfeedError,
  judge,
  openFeed,
  openImage,
  readInventory,
  writeReport,
} from 'scapfeed';

const { env } = process;
const required = (name: string) => {
  const value = env[name];
  if (!value) throw new Error(`the input ${name} is empty`);
  return value;
};

try {
  const feed = openFeed(required('INPUT_FEED'));
  const image = await openImage(required('INPUT_IMAGE'), { env });
  try {
    const failOn = (env['INPUT_FAIL_ON'] ?? '').split(',').filter((word) => word !== '') as FailOn[];
    const scan = await judge(readInventory(image), feed, { image, failOn });
    const sarif = join(env['RUNNER_TEMP'] ?? '.', 'scapfeed.sarif');
    const flaws = scan.result.verdicts.filter(({ status, hidden }) => status === 'affected' && !hidden);
    await writeFile(sarif, await writeReport(scan, 'sarif'));
    console.log(await writeReport(scan, 'github'));
    await append('GITHUB_STEP_SUMMARY', await writeReport(scan, 'markdown'));
    await append('GITHUB_OUTPUT', `flaws=${flaws.length}\nsarif=${sarif}\n`);
    // 1: the gate fails; 4: not everything is known, which is not clean.
    process.exitCode = scan.policy.exitCode;
  } finally {
    image.close();
    feed.close();
  }
} catch (error) {
  if (!isScapfeedError(error)) throw error;
  // A line break would begin another command of the runner.
  console.log(
    `::error title=${error.code}::${error.message.replaceAll('%', '%25').replace(/[\r\n]+/g, ' ')}`,
  );
  process.exitCode = error.exitCode;
}

async function append(name: string, text: string): Promise<void> {
  const file = env[name];
  if (file) await appendFile(file, text);
}
