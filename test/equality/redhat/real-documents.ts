import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { majorsOf, redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import { readDocument } from '../../../src/distros/redhat/document.ts';
import type { Tree } from '../../../src/distros/redhat/record.ts';
import { Assembly } from '../../../src/distros/redhat/settle/assembly.ts';
import { Collector } from '../../../src/feed/compile/index.ts';
import { ScapfeedError } from '../../../src/model/error.ts';
import { dataPath } from '../../support/data.ts';

const folders: readonly [folder: string, tree: Tree][] = [
  ['vex', 'redhat-vex'],
  ['vex-new-feed', 'redhat-vex-feed'],
  ['csaf-advisory', 'redhat-advisories'],
];

/** Every real document of Red Hat's in the test data, read as a build reads them; what is none is left out. */
export function realDocuments(): Collector {
  const collector = new Collector('redhat');
  const assembly = new Assembly(collector, redHatDefinition);
  for (const [folder, tree] of folders) {
    const names = readdirSync(dataPath('redhat', folder), { recursive: true }).map(String).sort();
    for (const name of names.filter((each) => /\.(?:jsonl?|xz)$/.test(each))) {
      for (const bytes of documentsOf(dataPath('redhat', folder, name))) {
        try {
          assembly.add(readDocument(bytes, tree, name, majorsOf(redHatDefinition)));
        } catch (error) {
          if (!(error instanceof ScapfeedError)) throw error;
        }
      }
    }
  }
  assembly.finish();
  return collector;
}

/** JSON Lines hold several documents, one file is packed. */
function documentsOf(path: string): Buffer[] {
  const bytes = path.endsWith('.xz')
    ? execFileSync('xz', ['-dc', path], { maxBuffer: 2 ** 28 })
    : readFileSync(path);
  const lines = path.endsWith('.jsonl') ? bytes.toString().split('\n') : [];
  const separate = lines.length > 1 && lines[0]!.endsWith('}');
  return separate ? lines.filter((line) => line !== '').map((line) => Buffer.from(line)) : [bytes];
}
