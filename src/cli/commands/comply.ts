import {
  asContainer,
  type Compliance,
  comply as evaluate,
  type ImageSystem,
  openContent,
  shortId,
  wantedInspection,
  wantedPredicate,
} from '../../comply/index.ts';
import { inventoryWanted, readInventory } from '../../inventory/index.ts';
import {
  type ComplianceResult,
  type Image,
  type InstalledPackage,
  type OvalResultsData,
  ScapfeedError,
} from '../../model/index.ts';
import { arfReport } from '../../report/comply/arf.ts';
import { htmlReport } from '../../report/comply/html.ts';
import { complianceJson } from '../../report/comply/json.ts';
import { junitReport } from '../../report/comply/junit.ts';
import { ovalResults } from '../../report/comply/oval-results.ts';
import { complianceTable } from '../../report/comply/table.ts';
import { xccdfResult } from '../../report/comply/xccdf.ts';
import { noteText } from '../../report/note-text.ts';
import { plural } from '../../report/text-table.ts';
import { requireComplete } from '../../runtime/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { choice, flag, path, required, text } from '../option.ts';
import { contentChoice, contentOptions } from '../options/content-choice.ts';
import { imageChoice, imageHelp, imageOptions, openChosenImage } from '../options/image-choice.ts';
import type { FormatOf } from '../output-formats.ts';
import { outputs, type Writers, writeOutputs } from '../outputs.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';
import { toolVersion } from '../version.ts';

const severityOrder = ['any', 'info', 'low', 'medium', 'high'] as const;

type FailOn = (typeof severityOrder)[number];

const options = {
  content: required(
    path('FILE', 'a data stream, an XCCDF benchmark, or what `scapfeed compile` made of one'),
  ),
  profile: text('ID', "the profile to judge by, whole or its end (default: the benchmark's own selection)"),
  tailoring: path('FILE', "a tailoring file, whose profiles come before the content's"),
  'fail-on': choice(severityOrder, 'exit 1 when a rule of at least this severity fails: %', {
    metavar: 'S',
    noun: 'severity',
  }),
  'allow-unjudged': flag(
    'do not exit 4 because of rules at or above --fail-on that ended as error or unknown',
  ),
  all: flag('list passed rules too'),
  ...contentOptions,
  ...imageOptions,
  output: outputs('comply'),
};

export const comply = defineCommand({
  name: 'comply',
  operands: ['IMAGE'],
  about: `${imageHelp}

An image is judged as the container that is made of it; dir: and the tar of a root file system as the machine that they
are of, unless they have /run/.containerenv or /.dockerenv.`,
  options,
  exitCodes: {
    0: 'fine',
    1: 'a rule failed at or above --fail-on',
    2: 'wrong use',
    3: 'the content is missing or malformed',
    4:
      'the content is for another platform, so nothing applies, the evaluation took too long, or a rule at or above ' +
      '--fail-on could not be judged',
  },
  examples: [
    'scapfeed comply oci:./image --content debian12.json --profile standard --fail-on medium -o table -o ' +
      'html=report.html',
  ],
  run,
});

async function run(
  { options: given, operands: [reference] }: Arguments<typeof options, ['IMAGE']>,
  terminal: Terminal,
): Promise<number> {
  const { profile, tailoring, all } = given;
  if (tailoring !== undefined && profile === undefined) {
    throw usage('comply', '--tailoring needs --profile', 'name one of its profiles with --profile');
  }
  const content = openContent(given.content, contentChoice(given));
  const contentWanted = wantedPredicate(content.wanted);
  terminal.progress(`reading ${reference}`);
  const wanted = (file: string) => inventoryWanted(file) || contentWanted(file);
  const inspection = wantedInspection(content.wanted);
  const image = await openChosenImage(reference, {
    ...imageChoice(given, wanted, terminal.env),
    ...(inspection === undefined ? {} : { inspection }),
  });
  try {
    const now = Math.floor(outputDate(terminal.env).getTime() / 1000);
    const compliance = evaluate(content, systemOf(image), {
      image: { reference: image.reference, ...(image.digest === undefined ? {} : { digest: image.digest }) },
      time: new Date(now * 1000).toISOString(),
      now,
      toolVersion,
      notes: image.notes,
      ...(profile === undefined ? {} : { profile }),
      ...(tailoring === undefined ? {} : { tailoring }),
    });
    if (profile === undefined) requireRules(compliance.result, content.benchmark.profiles);
    await writeOutputs(terminal, given.output, writersOf(compliance, { color: terminal.color, all }));
    for (const note of image.notes) terminal.err(noteText(note));
    const gate = { failOn: given['fail-on'], allowUnjudged: given['allow-unjudged'] };
    return judge(compliance.result, gate, terminal);
  } finally {
    image.close();
  }
}

function systemOf(image: Image): ImageSystem {
  let packages: readonly InstalledPackage[] | undefined;
  return {
    // A root file system is judged as a machine; what an engine would start is judged as a container.
    files: image.kind === 'image' ? asContainer(image.files) : image.files,
    env: image.env,
    ...(image.architecture === undefined ? {} : { architecture: image.architecture }),
    packages: () => {
      packages ??= completePackages(image);
      return packages;
    },
  };
}

/** A package that a damaged database no longer lists cannot be called absent. */
function completePackages(image: Image): readonly InstalledPackage[] {
  const inventory = readInventory(image.files);
  requireComplete(inventory);
  return inventory.packages;
}

function writersOf(
  { result, oval }: Compliance,
  { color, all }: { color: boolean; all: boolean },
): Writers<FormatOf<'comply'>> {
  return {
    table: ({ toTerminal }) => complianceTable(result, { color: color && toTerminal, all }),
    json: () => complianceJson(result),
    xccdf: () => xccdfResult(result),
    oval: () => ovalResults(result, largest(oval())),
    arf: () => arfReport(result, oval()),
    junit: () => junitReport(result),
    html: () => htmlReport(result),
  };
}

/** OVAL results cover one OVAL document: the one with the rules, not the one with the platforms. ARF has them all. */
function largest(all: readonly OvalResultsData[]): OvalResultsData {
  const [most] = [...all].sort((a, b) => b.definitions.length - a.definitions.length);
  return (
    most ?? {
      href: '',
      schemaVersion: '5.11',
      source: [],
      definitions: [],
      tests: [],
      objects: [],
      items: [],
    }
  );
}

/** A benchmark that selects no rule by itself needs a profile: an empty result would look like a clean one. */
function requireRules({ applicable, rules }: ComplianceResult, profiles: readonly { id: string }[]): void {
  if (!applicable || rules.some(({ result }) => result !== 'notselected')) return;
  const names = profiles.map(({ id }) => shortId(id)).join(', ');
  throw usage(
    'comply',
    'no rule is selected',
    names === '' ? undefined : `name a profile with --profile: ${names}`,
  );
}

interface Gate {
  failOn: FailOn | undefined;
  allowUnjudged: boolean;
}

/**
 * Whether the content applies comes before failed rules: a result about another platform means nothing. A rule at or above
 * --fail-on that ended as error or unknown does not pass, or an image could switch the gate off. As everywhere, 4 is before 1.
 */
function judge(result: ComplianceResult, { failOn, allowUnjudged }: Gate, terminal: Terminal): number {
  const { rules, applicable, unfinished } = result;
  if (!applicable) {
    throw new ScapfeedError({
      code: 'PLATFORM_NOT_COVERED',
      message: 'nothing applies: the content is for another platform than the image',
      remedy: "choose content for the image's release",
    });
  }
  if (failOn === undefined) return unfinished === undefined ? 0 : 4;
  const order: readonly string[] = severityOrder;
  const rank = (severity: string) => order.indexOf(severity);
  const gated = rules.filter(({ severity }) => failOn === 'any' || rank(severity) >= rank(failOn));
  const failed = gated.filter(({ result }) => result === 'fail').length;
  const unjudged = gated.filter(({ result }) => result === 'error' || result === 'unknown').length;
  if (failed > 0) terminal.err(`policy: ${plural(failed, 'rule')} failed at or above --fail-on`);
  if (unjudged > 0) {
    const accepted = allowUnjudged ? 'accepted by --allow-unjudged' : '--allow-unjudged accepts that';
    terminal.err(
      `not judged: ${plural(unjudged, 'rule')} at or above --fail-on, error or unknown; ${accepted}`,
    );
  }
  if (unfinished !== undefined || (unjudged > 0 && !allowUnjudged)) return 4;
  return failed > 0 ? 1 : 0;
}
