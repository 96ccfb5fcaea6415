import { pointerStep } from '../../io/json.ts';
import { parseDpkgVersion } from '../../packaging/index.ts';
import { malformed, optionalText, record } from '../../sources/fields.ts';
import type { BulletinEntry, BulletinReader, BulletinRecord } from './records.ts';

/** A vulnerability in a source package. */
interface EchoFlaw extends BulletinRecord {
  /** Undefined: there is no fix; `0`: it was never affected. */
  fixed: string | undefined;
}

/** The version of what was never affected. */
const never = '0';

/** `{PACKAGE: {VULNERABILITY: {fixed_version?, severity?}}}` */
export const echoReader: BulletinReader<EchoFlaw> = {
  *entries(document) {
    for (const [name, flaws] of Object.entries(record(document, ''))) yield* entriesOf(name, flaws);
  },
  outcome({ fixed }) {
    if (fixed === undefined) return { status: 'affected', fixState: 'none_yet' };
    if (fixed === never) return { status: 'not_affected', reason: 'vulnerable_code_not_present' };
    return { status: 'fixed', fixed };
  },
  evidence: () => '/{package}/{vulnerability}',
};

/** A package of another form is one entry, which cannot be read. */
function entriesOf(name: string, flaws: unknown): BulletinEntry<EchoFlaw>[] {
  const place = `/${pointerStep(name)}`;
  const isName = /^[a-z0-9][a-z0-9.+-]{0,254}$/.test(name);
  if (!isName || typeof flaws !== 'object' || flaws === null || Array.isArray(flaws))
    return [
      {
        ...{ place, packages: [name] },
        read() {
          if (!isName) throw malformed('', 'the name of a source package', name);
          throw malformed('', 'an object', flaws);
        },
      },
    ];
  return Object.entries(flaws).map(([vulnerability, content]) => {
    const pointer = `${place}/${pointerStep(vulnerability)}`;
    const read = () => ({ ...readFlaw(name, vulnerability, content), pointer, place: pointer });
    return { place: pointer, packages: [name], read };
  });
}

/** No package has a longer one. */
const maxVersionLength = 255;

const idForm = /^(?:CVE-\d{4}-\d{4,15}|TEMP-\d{7}-[0-9A-F]{6}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})$/;

function readFlaw(
  name: string,
  vulnerability: string,
  content: unknown,
): Omit<EchoFlaw, 'pointer' | 'place'> {
  if (!idForm.test(vulnerability)) throw malformed('', 'the id of a vulnerability', vulnerability);
  const raw = record(content, '');
  const fixed = optionalText(raw['fixed_version'], '/fixed_version');
  const isVersion = fixed === undefined || (fixed.length <= maxVersionLength && parseDpkgVersion(fixed));
  if (fixed !== never && !isVersion) throw malformed('/fixed_version', 'a version of a deb package', fixed);
  const severity = optionalText(raw['severity'], '/severity');
  return { packages: [name], vulnerabilities: [vulnerability], fixed, severity };
}
