import { readInventory } from '../../inventory/index.ts';
import {
  type Deviation,
  type DeviationKind,
  deviationKinds,
  didYouMean,
  type Image,
  ScapfeedError,
  type Verification,
} from '../../model/index.ts';
import { verificationJson } from '../../report/verify-json.ts';
import { verificationTable } from '../../report/verify-table.ts';
import { requireComplete, requireDatabase } from '../../runtime/index.ts';
import { pathMatcher, verifyFiles, verifyInspection, verifyWanted } from '../../verify/index.ts';
import { type Arguments, type Command, usage } from '../command.ts';
import { imageChoice, imageHelp, imageOptions, openChosenImage } from '../options/image-choice.ts';
import { outputChoices, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { toolVersion } from '../version.ts';

export const verify: Command = {
  name: 'verify',
  synopsis: 'IMAGE [OPTIONS]',
  summary: 'find executables that no package owns, and files that are not as packaged',
  help: `${imageHelp}
  --fail-on KIND     exit 1 when there is one; repeatable or with commas: ${deviationKinds.join(', ')}, any
  --allow PATTERN    leave out what is at such a path: /app/**, /usr/local/bin/*; repeatable
  --allow-uncovered  accept packages that have no list of their files
  --all              list every deviation, and the rights that packages account for
  -o FORMAT[=FILE]   table (default) or json; repeatable

  unowned         executables and libraries, by their first bytes, that no package owns
  changed         content, type or link target is not the package's; config: the same of a configuration file
  missing         installed by a package and gone
  setuid, capability, world-writable
                  rights that neither a package nor dpkg-statoverride accounts for
  attributes      another mode or owner than packaged (rpm; dpkg records none)

Exit codes: 0 fine; 1 a deviation of a kind in --fail-on; 2 the image cannot be read; 4 there is no package database, it
lists fewer packages than it declares, or a package has no list of its files.

Example:
  scapfeed verify oci:./image --allow '/app/**' --fail-on unowned,changed,setuid
`,
  options: {
    ...imageOptions,
    'fail-on': { type: 'string', multiple: true },
    allow: { type: 'string', multiple: true },
    'allow-uncovered': { type: 'boolean' },
    all: { type: 'boolean' },
    output: { type: 'string', short: 'o', multiple: true },
  },
  positionals: { min: 1, max: 1 },
  run,
};

async function run({ values, positionals }: Arguments, terminal: Terminal): Promise<number> {
  const outputs = outputChoices(verify, values['output'] as string[] | undefined, ['table', 'json']);
  const failOn = failOnKinds((values['fail-on'] as string[] | undefined) ?? []);
  const allowed = pathMatcher((values['allow'] as string[] | undefined) ?? []);
  terminal.progress(`reading ${positionals[0]}`);
  const choice = imageChoice(values, verifyWanted, terminal.env);
  const image = await openChosenImage(positionals[0]!, { ...choice, inspection: verifyInspection });
  try {
    terminal.progress(`comparing the files of ${positionals[0]}`);
    const result = verifyImage(image, allowed);
    writeOutputs(terminal, outputs, (format, toTerminal) =>
      format === 'json'
        ? verificationJson(result)
        : verificationTable(result, { color: terminal.color && toTerminal, all: values['all'] === true }),
    );
    requireComplete(result.inventory);
    requireLists(result, values['allow-uncovered'] === true);
    return result.deviations.some(({ kind }: Deviation) => failOn.has(kind)) ? 1 : 0;
  } finally {
    image.close();
  }
}

function verifyImage(image: Image, allowed: (path: string) => boolean): Verification {
  const { reference, digest, architecture, files } = image;
  const inventory = requireDatabase(readInventory(files), image.reference);
  const live = reference.startsWith('dir:');
  const { notes, ...found } = verifyFiles({ files, inventory, live }, { allowed });
  return {
    format: 'scapfeed/verification/1',
    tool: `scapfeed ${toolVersion}`,
    image: {
      reference,
      ...(digest === undefined ? {} : { digest }),
      ...(architecture === undefined ? {} : { architecture }),
      layers: live ? [] : files.layers,
    },
    inventory: {
      os: inventory.os,
      databases: inventory.databases,
      packages: inventory.packages.length,
      notes: [...image.notes, ...inventory.notes, ...notes],
    },
    ...found,
  };
}

function failOnKinds(given: readonly string[]): ReadonlySet<DeviationKind> {
  const words = given.flatMap((text) => text.split(','));
  if (words.includes('any')) return new Set(deviationKinds);
  return new Set(words.map(deviationKind));
}

function deviationKind(word: string): DeviationKind {
  const kind = deviationKinds.find((known) => known === word);
  if (kind) return kind;
  throw usage(verify, `no kind of deviation ${word}`, didYouMean(word, [...deviationKinds, 'any']));
}

/** What a package without a list owns looks unowned, and its files cannot be missing: no such result is whole. */
function requireLists({ uncovered }: Verification, accepted: boolean): void {
  if (uncovered.length === 0 || accepted) return;
  const [first] = uncovered;
  const kept =
    first?.type === 'rpm' ? 'an rpm database with the files of its packages' : '/var/lib/dpkg/info';
  throw new ScapfeedError({
    code: 'PACKAGE_DATABASE_UNREADABLE',
    message: noLists(uncovered),
    where: first?.database ?? '',
    remedy: `verify an image that keeps ${kept}, or accept it with --allow-uncovered`,
  });
}

function noLists([first, ...others]: Verification['uncovered']): string {
  if (others.length === 0) return `1 package has no list of its files: ${first?.name}`;
  return `${others.length + 1} packages have no list of their files: ${first?.name} and others`;
}
