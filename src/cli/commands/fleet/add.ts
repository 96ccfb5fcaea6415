import { attachedText } from '../../../report/fleet/run-text.ts';
import { plural } from '../../../report/text-table.ts';
import { addToFleet, type FleetAddition } from '../../../tasks/fleet/add.ts';
import { fleetAddOptions } from '../../../tasks/fleet/command-options.ts';
import { lastingReference } from '../../../tasks/fleet/lasting-reference.ts';
import { recordAct } from '../../../tasks/fleet/recorded-act.ts';
import { usage } from '../../../tasks/given-words.ts';
import type { OptionValues } from '../../../tasks/option.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { readClusterImages, readImageList, registryImages } from '../../fleet-images.ts';
import { inNewFleet } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';

export const fleetAdd = defineCommand({
  name: 'fleet add',
  operands: ['[REF...]'],
  about: `REF is an image as for \`scapfeed scan\`. Nothing is read yet; \`scapfeed fleet run\` does that.`,
  options: fleetAddOptions,
  exitCodes: { 0: 'fine', 2: 'wrong use, a registry that cannot be listed, or the fleet cannot be opened' },
  examples: [
    'scapfeed fleet add registry.example/app:1 registry.example/db:2',
    "scapfeed fleet add --registry registry.example/team --tags 'v*'",
    'kubectl get pods -A -o json | scapfeed fleet add --kubernetes -',
  ],
  run,
});

async function run(
  { options: given, operands }: Arguments<typeof fleetAddOptions, ['[REF...]']>,
  terminal: Terminal,
): Promise<number> {
  const additions = await additionsOf(given, operands, terminal);
  if (additions.length === 0) throw usage('fleet add', 'expected an image to add, found none');
  return inNewFleet(given, terminal, async (database, now) => {
    const { added, known } = await addToFleet(database, additions, now);
    await recordAct(database, `fleet add ${additions.map(({ place }) => place).join(' ')}`, now);
    terminal.out(`added ${plural(added, 'image')}${known > 0 ? `, ${known} known before` : ''}\n`);
    return 0;
  });
}

async function additionsOf(
  given: OptionValues<typeof fleetAddOptions>,
  operands: readonly string[],
  terminal: Terminal,
): Promise<FleetAddition[]> {
  const { file, registry = [], tags, kubernetes } = given;
  const asked = [...operands, ...(file === undefined ? [] : readImageList(file))];
  const cluster = kubernetes === undefined ? undefined : readClusterImages(kubernetes);
  for (const left of cluster?.cut ?? []) terminal.err(`left out: ${left}`);
  const named = [...(await Promise.all(asked.map(lastingReference))), ...(cluster?.references ?? [])];
  const additions: FleetAddition[] = named.map((place) => ({
    ...{ kind: 'image', place, references: [place] },
    namespaces: cluster?.namespaces.get(place) ?? [],
  }));
  for (const place of registry) {
    terminal.progress(`listing ${place}`);
    const { references, cut, refusals, attached } = await registryImages(place, tags, given, terminal.env);
    for (const left of cut) terminal.err(`left out: ${left}; specify a longer prefix or --tags`);
    for (const refusal of refusals) terminal.err(`not listed now, each run tries again: ${refusal}`);
    if (attached > 0) terminal.err(attachedText(attached));
    if (references.length === 0) terminal.err(`${place} has no tag that matches ${tags} now`);
    additions.push({ kind: 'registry', place, tags, references });
  }
  return additions;
}
