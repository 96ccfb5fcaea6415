import type { Statement } from '../../model/feed/index.ts';
import { compareRpmEvr } from '../../packaging/index.ts';
import type { EvidenceDocument } from '../../sources/contract.ts';
import { severityOf } from '../../sources/errata/erratum.ts';
import { definitionText } from '../../sources/oval/definition-text.ts';
import { type OvalPatch, readPatches } from '../../sources/oval/read-patches.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import type { FlawForm, Rebuild } from '../rebuilds.ts';
import { isFlawed, namesOf, notUnderstood, subjectsOf } from './patches.ts';
import type { RebuildReading } from './reading.ts';

/** A vulnerability in a source package, by one definition. */
export interface OvalFlaw {
  /** Of the definition. */
  id: string;
  vulnerability: string;
  package: string;
  /** Undefined: there is no fix. */
  fixed: string | undefined;
  /** Only builds above this one have it. */
  above: string | undefined;
  /** The vendor's word. */
  severity: string;
}

/** Those of a definition that has one in each of its rows, and why others of its rows are none. */
function flawsOf(
  { id, rows, cves, severity, patchable }: OvalPatch,
  { notApplicable, inclusive }: FlawForm,
): { flaws: OvalFlaw[]; inapplicable: number; unexpressed: { package: string; what: string }[] } {
  if (patchable === notApplicable) return { flaws: [], inapplicable: rows.length, unexpressed: [] };
  const limited = ({ including, arch, module, release, build, named }: OvalPatch['rows'][number]) =>
    [including && inclusive === undefined, arch, module, release, build, named].some(Boolean);
  const flaws = rows
    .filter((row) => !limited(row))
    .flatMap(({ name, below, including, above }) =>
      cves.map(
        (vulnerability): OvalFlaw => ({
          ...{ id, vulnerability, package: name, above, severity },
          fixed: including ? undefined : below,
        }),
      ),
    );
  const unexpressed = rows
    .filter(limited)
    .map(({ name }) => ({ package: name, what: `${name} of some builds, modules or architectures` }));
  return { flaws, inapplicable: 0, unexpressed };
}

/** Of several definitions of a vulnerability in a package one counts: that of no fix, else that of the highest. */
class Flaws {
  readonly all = new Map<string, OvalFlaw>();

  /** Returns the one that does not count. */
  add(flaw: OvalFlaw): OvalFlaw | undefined {
    const key = keyOf(flaw);
    const known = this.all.get(key);
    const counts = known === undefined || isMore(flaw, known);
    if (counts) this.all.set(key, flaw);
    return counts ? known : flaw;
  }
}

function keyOf({ package: name, vulnerability }: OvalFlaw): string {
  return `${name}/${vulnerability}`;
}

function isMore({ fixed }: OvalFlaw, known: OvalFlaw): boolean {
  if (fixed === undefined || known.fixed === undefined) return known.fixed !== undefined;
  return compareRpmEvr(known.fixed, fixed) === -1;
}

/** Reports the flaws of a release. Each row of a definition is used or dropped; one without rows counts as one. */
export class FlawCollector {
  /** Whether any is without a fix. */
  hasUnfixed = false;
  readonly #form: FlawForm;
  readonly #flaws = new Flaws();
  readonly #reading: Pick<RebuildReading, 'out'> & { input: SourceInput; platform: string };

  constructor(
    form: FlawForm,
    reading: Pick<RebuildReading, 'out'> & { input: SourceInput; platform: string },
  ) {
    this.#form = form;
    this.#reading = reading;
  }

  /** False: nothing of the definition was understood. */
  take(patch: OvalPatch): boolean {
    const { ledger } = this.#reading.out;
    const place = this.#place(patch.id);
    if (!isFlawed(patch)) {
      ledger.drop(
        'oval_without_vulnerability',
        place,
        patch.title.slice(0, 80),
        Math.max(1, patch.rows.length),
      );
      this.#unread(patch, 'oval_without_vulnerability', namesOf(patch));
      return false;
    }
    const { rows, cves } = patch;
    if (!ledger.hasRoom(this.#reading.platform, rows.length, cves.length)) {
      ledger.drop('too_many_flaws', place, `${cves.length} flaws`, rows.length);
      this.#unread(patch, 'too_many_flaws', namesOf(patch));
      return true;
    }
    const { flaws, inapplicable, unexpressed } = flawsOf(patch, this.#form);
    ledger.drop('not_applicable', place, patch.cves.join(' '), inapplicable);
    for (const { what } of unexpressed) ledger.drop(notUnderstood, place, what);
    for (const [at, fault] of patch.faults.entries())
      if (patch.rows.length === 0 && at === 0) ledger.drop(notUnderstood, place, fault);
      else ledger.doubt(notUnderstood, place, fault);
    if (unexpressed.length + patch.faults.length > 0 && inapplicable === 0)
      this.#unread(patch, notUnderstood, [...patch.unread, ...unexpressed.map((each) => each.package)]);
    for (const flaw of flaws) {
      const other = this.#flaws.add(flaw);
      if (other) ledger.drop('several_definitions', this.#place(other.id), keyOf(other));
    }
    return patch.rows.length > 0;
  }

  /** Writes the statements, when all definitions are taken. */
  write(): void {
    const { out, input, platform } = this.#reading;
    const { ledger } = out;
    for (const flaw of this.#flaws.all.values()) {
      const { vulnerability, package: name, fixed, above } = flaw;
      const severity = severityOf(flaw.severity);
      if (severity === undefined)
        ledger.doubt('unknown_severity', this.#place(flaw.id), flaw.severity.slice(0, 80));
      if (above !== undefined) ledger.doubt('lower_bound', this.#place(flaw.id), `${name} above ${above}`);
      if (fixed === undefined) this.hasUnfixed = true;
      const outcome: Pick<Statement, 'status' | 'fixed' | 'fixState'> =
        fixed === undefined ? { status: 'affected', fixState: 'none_yet' } : { status: 'fixed', fixed };
      ledger.use(1);
      out.vulnerability({ id: vulnerability });
      out.statement({
        ...{ vulnerability, platform, package: name, ...outcome },
        severity: severity ?? 'unknown',
        ...(above === undefined ? {} : { marks: ['lower_bound'] }),
        evidence: `${input.id}#{package}/{vulnerability}`,
      });
    }
  }

  #place(definition: string): string {
    return `${this.#reading.input.id}#${definition}`;
  }

  #unread({ id, title }: OvalPatch, reason: string, names: readonly string[]): void {
    const { out, platform } = this.#reading;
    const record = { reason, where: this.#place(id), detail: title.slice(0, 80) };
    for (const about of subjectsOf([...new Set(names)]))
      out.ledger.unread({ platforms: [platform], ...about }, record);
  }
}

/** The definition that counts for `PACKAGE/VULNERABILITY`, as the vendor wrote it. */
export async function flawEvidence(
  { oval }: Pick<Rebuild, 'oval'>,
  input: SourceInput,
  pointer: string,
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const flaws = new Flaws();
  const [name, vulnerability] = pointer.split('/');
  for (const patch of await readPatches(store.open(input), store.path(input), 'vulnerability')) {
    const rows = patch.rows.filter((row) => row.name === name);
    const cves = patch.cves.filter((id) => id === vulnerability);
    for (const flaw of flawsOf({ ...patch, rows, cves }, oval!.flaws!).flaws) flaws.add(flaw);
  }
  const { id } = flaws.all.get(pointer) ?? {};
  const bytes = id && (await definitionText(store.open(input), store.path(input), 'definition', id));
  return bytes ? { place: `${input.url}#${id}`, bytes, pointer: '' } : undefined;
}
