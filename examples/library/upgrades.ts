// Proposes upgrades of base images, as Renovate does: for each entry of a list both images are judged by one feed, and a file is
// changed where the newer image has fewer flaws and brings none that is high or critical.
//
//   node upgrades.ts FEED updates.json       [{"file": "Dockerfile", "from": "debian:12.1", "to": "debian:12.5"}]
//
// It prints Markdown for a pull request, and ends with 0 if something was changed, 5 if not. Change: when an upgrade is worth it.
import { readFile, writeFile } from 'node:fs/promises';
import { diff, openFeed } from 'scapfeed';

interface Update {
  file: string;
  from: string;
  to: string;
}

const [directory = 'feed', list = 'updates.json'] = process.argv.slice(2);
const feed = openFeed(directory);
const updates = JSON.parse(await readFile(list, 'utf8')) as Update[];
let changed = 0;

for (const { file, from, to } of updates) {
  const { result, isWhole } = await diff(from, to, {
    feed,
    env: process.env,
    signal: AbortSignal.timeout(600_000),
  });
  const gone = result.flaws.filter(({ change }) => change === 'gone');
  const brought = result.flaws.filter(({ change }) => change === 'new');
  const severe = brought.filter(({ severity }) => severity === 'high' || severity === 'critical');
  const isWorth = isWhole && gone.length > brought.length && severe.length === 0;
  console.log(`### ${from} → ${to}\n`);
  console.log(
    `${gone.length} flaws are gone, ${brought.length} are new${isWhole ? '' : '; not all is known'}\n`,
  );
  for (const { vulnerability, source, severity } of gone)
    console.log(`- ${vulnerability} in ${source} (${severity}) is gone`);
  for (const { vulnerability, source, severity } of brought)
    console.log(`- **${vulnerability} in ${source} (${severity}) is new**`);
  if (!isWorth) continue;
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll(`FROM ${from}`, `FROM ${to}`));
  changed += 1;
}

feed.close();
process.exitCode = changed > 0 ? 0 : 5;
