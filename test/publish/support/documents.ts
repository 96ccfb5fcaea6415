import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ovalContent, writeOval } from '../../../src/feed/oval/index.ts';
import type { ShardLine } from '../../../src/model/feed/index.ts';
import { writeDataStream } from '../../../src/xccdf/index.ts';
import { bookworm } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const name = 'package-0000';

const index = {
  platform: bookworm,
  source: 'test',
  updated: '2026-11-20T00:00:00Z',
  lines: [
    {
      package: name,
      claims: [{ ids: ['CVE-2026-1000'], status: 'fixed', fixed: '1.0-1' }],
    },
  ] satisfies ShardLine[],
  evidence: ['test-input#/{package}/{vulnerability}'],
  roster: new Map([[name, { version: '1.0-1', binaries: [{ name: name, version: '1.0-1' }] }]]),
  marks: [],
  vulnerability: () => undefined,
  advisory: () => undefined,
};

/** A document of the OVAL writer, with ` attribute="…"` put into a definition. */
export async function ovalText(attribute = ''): Promise<string> {
  const folder = temporaryFolder();
  await writeOval(index, folder, { toolVersion: '0.0.0', forms: ['oval'] });
  const text = readFileSync(join(folder, 'debian-12.oval.xml'), 'utf8');
  return text.replace('<definition ', `<definition${attribute} `);
}

/** A changed document of the data stream writer. */
export async function streamText(change: (text: string) => string): Promise<string> {
  const folder = temporaryFolder();
  const { name: file } = await writeDataStream(index, folder, {
    toolVersion: '0.0.0',
    oval: ovalContent(index),
  });
  return change(readFileSync(join(folder, file), 'utf8'));
}
