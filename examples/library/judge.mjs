// Judges an image with scapfeed/runtime, offline: prints the flaws that have a fix and what could not be judged, and ends with
// the exit codes of `scapfeed scan --fail-on any`.
//
//   scapfeed inventory IMAGE -o json=inventory.json
//   node judge.mjs FEED inventory.json [DAYS]      vendor data may be DAYS old, default 7
//
// Change: what your program does with the verdicts.
import { readFileSync } from 'node:fs';
import { judge, openFeed, ScapfeedError } from 'scapfeed/runtime';

const [directory, file, days = '7'] = process.argv.slice(2);
try {
  const feed = openFeed(directory);
  const inventory = JSON.parse(readFileSync(file, 'utf8'));
  const { verdicts, uncovered, gaps } = judge(feed, inventory, { maxAge: Number(days) * 86_400_000 });
  feed.close();

  const flaws = verdicts.filter(({ status, hidden }) => status === 'affected' && hidden === undefined);
  for (const { vulnerability, package: installed, fixState, fixedVersion } of flaws) {
    if (fixState !== 'available') continue;
    console.log(`${vulnerability} ${installed.name} ${installed.version} -> ${fixedVersion}`);
  }
  for (const { package: installed, reason, detail } of uncovered) {
    console.log(`not judged: ${installed.name} ${installed.version}: ${reason} (${detail})`);
  }
  for (const { code, detail } of gaps) console.log(`gap: ${code}: ${detail}`);

  // Without flaws, but with a gap, the image is not clean: part of it was not judged.
  if (gaps.length > 0) process.exitCode = 4;
  else if (flaws.length > 0) process.exitCode = 1;
} catch (error) {
  // Codes are stable; messages are for people.
  if (!(error instanceof ScapfeedError)) throw error;
  console.error(`${error.message} [${error.code}]`);
  process.exitCode = error.exitCode;
}
