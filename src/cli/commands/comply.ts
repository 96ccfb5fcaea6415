import { asContainer } from '../../comply/files/container-view.ts';
import {
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
import { type Arguments, type Command, usage } from '../command.ts';
import { imageChoice, imageHelp, imageOptions, openChosenImage } from '../options/image-choice.ts';
import { outputChoices, writeOutputs } from '../outputs.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';
import { toolVersion } from '../version.ts';
import { contentHelp, contentOptions, readOptions } from './compile.ts';

const formats = ['table', 'json', 'xccdf', 'oval', 'arf', 'junit', 'html'] as const;
const severityOrder = ['any', 'info', 'low', 'medium', 'high'];

export const comply: Command = {
  name: 'comply',
  synopsis: 'IMAGE --content FILE [OPTIONS]',
  summary: "judge an image's configuration by a SCAP profile, without running or unpacking it",
  help: `${imageHelp}
An image is judged as the container that is made of it; dir: and the tar of a root file system as the machine that they
are of, unless they have /run/.containerenv or /.dockerenv.

  --content FILE     a data stream, an XCCDF benchmark, or what \`scapfeed compile\` made of one
  --profile ID       the profile to judge by, whole or its end; default: the benchmark's own selection
  --tailoring FILE   a tailoring file, whose profiles stand in front of the content's
${contentHelp}  --fail-on S        exit 1 when a rule of at least this severity fails: any, info, low, medium, high
  --allow-unjudged   do not exit 4 because of rules at or above --fail-on that ended as error or unknown
  --all              list passed rules too
  -o FORMAT[=FILE]   ${formats.join(', ')}; repeatable (default: table)

Exit codes: 0 fine; 1 a rule failed at or above --fail-on; 2 wrong use; 3 content missing or malformed; 4 the content is
for another platform, so nothing applies, the evaluation took too long, or a rule at or above --fail-on could not be judged.

Example:
  scapfeed comply oci:./image --content debian12.json --profile standard --fail-on medium -o table -o html=report.html
`,
  options: {
    ...imageOptions,
    ...contentOptions,
    content: { type: 'string' },
    profile: { type: 'string' },
    tailoring: { type: 'string' },
    'fail-on': { type: 'string' },
    'allow-unjudged': { type: 'boolean' },
    all: { type: 'boolean' },
    output: { type: 'string', short: 'o', multiple: true },
  },
  positionals: { min: 1, max: 1 },
  run,
};

async function run({ values, positionals }: Arguments, terminal: Terminal): Promise<number> {
  const path = values['content'] as string | undefined;
  if (path === undefined) throw usage(comply, 'expected --content FILE, found none');
  if (values['tailoring'] !== undefined && values['profile'] === undefined) {
    throw usage(comply, '--tailoring has profiles, and none is chosen', 'name one with --profile');
  }
  const outputs = outputChoices(comply, values['output'] as string[] | undefined, formats);
  const failOn = failOnSeverity(values['fail-on'] as string | undefined);
  const content = openContent(path, readOptions(values));
  const contentWanted = wantedPredicate(content.wanted);
  terminal.progress(`reading ${positionals[0]}`);
  const wanted = (file: string) => inventoryWanted(file) || contentWanted(file);
  const inspection = wantedInspection(content.wanted);
  const image = await openChosenImage(positionals[0]!, {
    ...imageChoice(values, wanted, terminal.env),
    ...(inspection === undefined ? {} : { inspection }),
  });
  try {
    const now = Math.floor(outputDate(terminal.env).getTime() / 1000);
    const profile = values['profile'] as string | undefined;
    const tailoring = values['tailoring'] as string | undefined;
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
    writeOutputs(terminal, outputs, (format, toTerminal) =>
      render(format, compliance, { color: terminal.color && toTerminal, all: values['all'] === true }),
    );
    for (const note of image.notes) terminal.err(noteText(note));
    const allowUnjudged = values['allow-unjudged'] === true;
    return judge(compliance.result, { failOn, allowUnjudged }, terminal);
  } finally {
    image.close();
  }
}

function systemOf(image: Image): ImageSystem {
  let packages: readonly InstalledPackage[] | undefined;
  return {
    // A root file system is judged as it is; whatever an engine would start is a container.
    files: image.digest === undefined ? image.files : asContainer(image.files),
    env: image.env,
    ...(image.architecture === undefined ? {} : { architecture: image.architecture }),
    packages: () => {
      packages ??= completePackages(image);
      return packages;
    },
  };
}

/** A package that a damaged database does not list any more cannot be called absent. */
function completePackages(image: Image): readonly InstalledPackage[] {
  const inventory = readInventory(image.files);
  requireComplete(inventory);
  return inventory.packages;
}

function render(
  format: string,
  { result, oval }: Compliance,
  view: { color: boolean; all: boolean },
): string {
  switch (format) {
    case 'json':
      return complianceJson(result);
    case 'xccdf':
      return xccdfResult(result);
    case 'oval':
      return ovalResults(result, largest(oval()));
    case 'arf':
      return arfReport(result, oval());
    case 'junit':
      return junitReport(result);
    case 'html':
      return htmlReport(result);
    default:
      return complianceTable(result, view);
  }
}

/** An OVAL results document is of one OVAL document: that of the rules, not of the platforms. ARF has them all. */
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

function failOnSeverity(text: string | undefined): string | undefined {
  if (text === undefined || severityOrder.includes(text)) return text;
  throw usage(comply, `no severity ${text}`, `use one of ${severityOrder.join(', ')}`);
}

/** A benchmark that selects no rule by itself waits for a profile: an empty result would read as a clean one. */
function requireRules({ applicable, rules }: ComplianceResult, profiles: readonly { id: string }[]): void {
  if (!applicable || rules.some(({ result }) => result !== 'notselected')) return;
  const names = profiles.map(({ id }) => shortId(id)).join(', ');
  throw usage(
    comply,
    'no rule is selected',
    names === '' ? undefined : `name a profile with --profile: ${names}`,
  );
}

interface Gate {
  failOn: string | undefined;
  allowUnjudged: boolean;
}

/**
 * Nothing applies before a failed rule: a result about another platform says nothing. A gated rule that ended as error or
 * unknown is not one that passes, else an image could switch its gate off.
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
  const passed = unfinished === undefined ? 0 : 4;
  if (failOn === undefined) return passed;
  const least = severityOrder.indexOf(failOn);
  const gated = rules.filter(({ severity }) => failOn === 'any' || severityOrder.indexOf(severity) >= least);
  const failed = gated.filter(({ result }) => result === 'fail').length;
  const unjudged = gated.filter(({ result }) => result === 'error' || result === 'unknown').length;
  if (failed > 0) terminal.err(`policy: ${plural(failed, 'rule')} failed at or above --fail-on`);
  if (unjudged > 0) {
    const accepted = allowUnjudged ? 'accepted by --allow-unjudged' : '--allow-unjudged accepts that';
    terminal.err(
      `not judged: ${plural(unjudged, 'rule')} at or above --fail-on, error or unknown; ${accepted}`,
    );
  }
  if (failed > 0) return 1;
  return unjudged > 0 && !allowUnjudged ? 4 : passed;
}
