import type { ExportSettings } from '../../export/signer.ts';
import { exportNames } from '../../export/target-names.ts';
import { exportTargets } from '../../export/targets.ts';
import { replaceExports } from '../../export/write-exports.ts';
import { growHeapSlowly } from '../../io/memory.ts';
import { writing } from '../../io/system-reason.ts';
import { exportSummary } from '../../report/export-summary.ts';
import { exportOptions, type exportSettingOptions } from '../../tasks/export/options.ts';
import { exportSigner } from '../../tasks/export/signer.ts';
import { requireExportTerms } from '../../tasks/export/terms.ts';
import { usage } from '../../tasks/given-words.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { openChosenFeed } from '../options/feed-choice.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import { passphraseOf } from '../passphrase.ts';
import { toolVersion } from '../program.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...exportOptions, output: outputs('export') };

export const exportCommand = defineCommand({
  name: 'export',
  operands: [],
  options,
  isLong: true,
  notes: `Every target has its own folder in DIR. TARGET.inexact.json lists, by platform, what the layout cannot
express. Dates are those of the feed: the same feed gives the same bytes. docs/exports.md has the commands of each
scanner. The clair target has not been tested with Clair itself, only its structure.`,
  examples: ['scapfeed export --to trivy --out exports'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const { out, to } = given;
  if (to === undefined) throw usage('export', 'expected --to TARGET', `use one of ${exportNames.join(', ')}`);
  growHeapSlowly(60);
  const feed = openChosenFeed(given.feed, terminal.env);
  try {
    requireExportTerms(feed.manifest, given['accept-terms']);
    const targets = exportTargets.filter(({ name }) => to.some((target) => target === name));
    const settings = exportSettings(given, terminal);
    const work = replaceExports(out, { feed, targets, toolVersion, settings, progress: terminal.progress });
    const reports = await writing(work, out, 'free space, and export again; the last export is unchanged');
    await writeOutputs(terminal, given.output, {
      json: () => json({ feed: feed.origin, out, exports: reports, usage: terminal.measure() }),
      table: () => exportSummary(out, reports),
    });
    return 0;
  } finally {
    feed.close();
  }
}

function exportSettings(
  given: OptionValues<typeof exportSettingOptions>,
  terminal: Pick<Terminal, 'env'>,
): ExportSettings {
  const { 'openpgp-key': key, 'passphrase-file': passphraseFile, url, publisher } = given;
  return {
    ...(url === undefined ? {} : { url }),
    ...(publisher === undefined ? {} : { publisher }),
    ...(key === undefined
      ? {}
      : {
          signer: exportSigner(key, () => passphraseOf(key, passphraseFile, terminal)),
        }),
  };
}
