import { readEvidence } from '../../../fleet/evidence/read-evidence.ts';
import { meantId } from '../../../fleet/meant-id.ts';
import { currentTime } from '../../../io/clock.ts';
import { evidenceCsv } from '../../../report/fleet/evidence-csv.ts';
import { evidenceHtml } from '../../../report/fleet/evidence-html.ts';
import { evidenceTable } from '../../../report/fleet/evidence-table.ts';
import { fleetEvidenceOptions } from '../../../tasks/fleet/command-options.ts';
import { evidenceOutcome, requireId, requirePast } from '../../../tasks/fleet/evidence.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import { concluded } from '../../target-run.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetEvidenceOptions, output: outputs('fleet evidence') };

export const fleetEvidence = defineCommand({
  name: 'fleet evidence',
  operands: ['VULNERABILITY'],
  about: `Which images have or had it, since which night and by which feed, how names moved to other images, who waived it,
which images are not known, and on which days no run ended. With --as-of, nothing that came later is in it.`,
  options,
  exitCodes: {
    0: 'fine',
    2: 'wrong use, the fleet cannot be opened, or no run had ended by then',
    4: 'an image was not read or not judged and may have the vulnerability, or the fleet had none',
  },
  examples: [
    'scapfeed fleet evidence CVE-2026-20111 -o table -o html=evidence.html -o json=evidence.json',
    'scapfeed fleet evidence CVE-2026-20111 --as-of 2026-11-20',
  ],
  run,
});

async function run(
  { options: given, operands: [id] }: Arguments<typeof options, ['VULNERABILITY']>,
  terminal: Terminal,
): Promise<number> {
  const now = currentTime();
  const asOf = given['as-of'];
  const vulnerability = requireId(meantId(id));
  if (asOf) requirePast(asOf, now);
  return inFleet(given, terminal, async (database) => {
    const evidence = await readEvidence(database, vulnerability, asOf);
    await writeOutputs(terminal, given.output, {
      table: () => evidenceTable(evidence),
      json: () => json(evidence),
      csv: () => evidenceCsv(evidence),
      html: () => evidenceHtml(evidence),
    });
    return concluded(evidenceOutcome(evidence), terminal);
  });
}
