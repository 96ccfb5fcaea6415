import type { OvalContent } from '../../comply/eval/content.ts';
import type { CompiledOval } from '../../comply/eval/load-compiled.ts';
import { wantedInspection, wantedPredicate } from '../../comply/files/wanted-files.ts';
import type { ExternalVariables } from '../../comply/oval/model.ts';
import { inventoryWanted } from '../../inventory/index.ts';
import { readContentPart } from '../../io/read-at-most.ts';
import { setV8Flags } from '../../io/v8-flags.ts';
import { stableImageName } from '../../report/scan/words.ts';
import { evaluationReports, type FoundEvaluation } from '../../tasks/eval/formats.ts';
import { evaluationOutcome } from '../../tasks/eval/gate.ts';
import { evalOptions } from '../../tasks/eval/options.ts';
import { evaluateOvalOn, openOval, openOvalSubject, requireDefinition } from '../../tasks/eval/run.ts';
import { imageOptions, targetOptions } from '../../tasks/image/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { flagNames } from '../../tasks/outcome.ts';
import { parametersOf } from '../../tasks/parameters.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { withoutEarlierReports } from '../earlier-reports.ts';
import { askedTargets, forTargets } from '../for-targets.ts';
import { imageChoice, imageHelp, openChosenImage } from '../options/image-choice.ts';
import { outputs } from '../outputs.ts';
import { outputDate } from '../source-date.ts';
import { concluded, type TargetResult } from '../target-run.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...evalOptions, ...imageOptions, ...targetOptions, output: outputs('eval') };

export const evaluate = defineCommand({
  name: 'eval',
  operands: ['[IMAGE...]'],
  synopsis: 'IMAGE... --content FILE [OPTIONS]',
  about: `${imageHelp}

Lists the definitions of class vulnerability and patch that are true, those of class compliance that are false, and those that
could not be evaluated; the others are only counted. The content's own platform checks decide whether it applies to the image at
all. Of an SBOM only packages are known: what depends on files or, unless it states them, on signatures is unknown.`,
  options,
  exitCodes: {
    0: 'fine',
    1: 'a definition at or above --fail-on needs an action',
    2: 'wrong use, or the image cannot be read',
    3: 'the content is missing or malformed',
    4:
      'nothing applies: the content is for another platform; the package database is damaged; or, with --fail-on, a ' +
      'definition or the platform check could not be evaluated, or the content does not rate most of what it found',
  },
  examples: [
    'scapfeed eval oci:./image --content vendor.oval.xml.bz2 --fail-on high -o table -o sarif=flaws.sarif',
    "scapfeed eval 'images/*.tar' --content vendor.oval.jsonl -o table -o html=all.html",
  ],
  run: withoutEarlierReports('eval', run),
});

async function run(
  { options: given, operands }: Arguments<typeof options, ['[IMAGE...]']>,
  terminal: Terminal,
): Promise<number> {
  const asked = askedTargets('eval', operands, given);
  const { variables, definition: definitions } = given;
  const external = variables === undefined ? undefined : await readVariables(variables);
  terminal.progress(`reading ${given.content}`);
  const content = await openOval(given.content, external, optimizing);
  for (const id of definitions ?? []) requireDefinition(content, id, '--definition');
  return forTargets({
    command: 'eval',
    asked,
    outputs: given.output,
    reports: evaluationReports,
    terminal,
    isGated: given['fail-on'] !== undefined,
    judge: (reference, to, use, name) =>
      evaluateTarget(reference, { given, content, external }, to, use, name),
  });
}

interface EvaluationSetting {
  given: OptionValues<typeof options>;
  content: OvalContent | CompiledOval;
  external: ExternalVariables | undefined;
}

/** Evaluates the content on one image; `use` has the result as long as the image is open. */
async function evaluateTarget<T>(
  reference: string,
  { given, content, external }: EvaluationSetting,
  terminal: Terminal,
  use: (result: TargetResult<FoundEvaluation>) => Promise<T>,
  name?: string,
): Promise<T> {
  const { definition: definitions, class: classes, all } = given;
  const contentWanted = wantedPredicate(content.wanted);
  const inspection = wantedInspection(content.wanted);
  const wanted = (file: string) => inventoryWanted(file) || contentWanted(file);
  const subject = await openOvalSubject(reference, () =>
    openChosenImage(reference, {
      ...imageChoice(given, wanted, terminal.env),
      ...(inspection === undefined ? {} : { inspection }),
    }),
  );
  const { image } = subject;
  try {
    const { evaluation, evaluated } = await evaluateOvalOn(content, subject, {
      definitions,
      classes,
      external,
      all,
      isReported: given.output.some(({ format }) => format !== 'table'),
      date: outputDate(terminal.env),
    });
    const gate = parametersOf(given);
    return await use({
      found: {
        name: name ?? stableImageName(image.reference),
        evaluation,
        oval: () => {
          optimizing();
          return evaluated.oval();
        },
      },
      end: (to) => concluded(evaluationOutcome(evaluation, gate, flagNames), to),
    });
  } finally {
    image.close();
  }
}

async function readVariables(path: string): Promise<ExternalVariables> {
  const { readOvalVariables } = await import('../../comply/index.ts');
  return readOvalVariables(readContentPart(path), path);
}

/** A document in XML, or results with every test and item, are more work than the start expects (cli/commands/index.ts). */
function optimizing(): void {
  setV8Flags('--opt --semi-space-growth-factor=2 --parallel-scavenge');
}
