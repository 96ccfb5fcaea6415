// Bundled by oval.bench.mjs and run in a process of its own: what the writers alone cost.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ovalContent, writeOval } from '../src/feed/oval/index.ts';
import { escapeXml } from '../src/model/markup.ts';
import { validateFile } from '../src/validate/index.ts';
import { writeDataStream } from '../src/xccdf/index.ts';
import { makeIndex, writeCanonicalShape } from './oval-universe.mjs';

const [task, folder, count] = process.argv.slice(2);
// As in a build, whose folder is new: what lies there already would have to be removed first.
if (task === 'oval') rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
if (task === 'validate') {
  const { valid, problems } = await validateFile(join(folder, 'debian-12.oval.xml'));
  if (!valid) throw new Error(JSON.stringify(problems[0]));
} else {
  const index = makeIndex(Number(count));
  const start = process.hrtime.bigint();
  if (task === 'oval') await writeOval(index, folder, { toolVersion: '0.0.0', forms: ['oval'] });
  if (task === 'stream')
    await writeDataStream(index, folder, { toolVersion: '0.0.0', oval: ovalContent(index) });
  if (task === 'canonical') writeCanonicalShape(index, join(folder, 'canonical.xml'), escapeXml);
  process.stderr.write(`writing: ${Number(process.hrtime.bigint() - start) / 1e9}\n`);
}
