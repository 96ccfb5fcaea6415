import { describe, expect, it } from 'vitest';
import { OvalEngine } from '../../src/comply/oval/engine.ts';
import { lookupOf } from '../../src/comply/oval/lookup.ts';
import { readOval } from '../../src/comply/oval/read-oval.ts';
import { readOvalVariables } from '../../src/comply/oval/read-variables.ts';
import { imageCollector } from '../../src/comply/probes/image-collector.ts';
import { hasData } from '../support/data.ts';
import { isRoot } from '../support/oracles.ts';
import { conformanceCases, readConformance } from './support/manifest.ts';
import { conformanceRoot, systemOf } from './support/roots.ts';

const withoutValue = ['oval:x:def:562', ...Array.from({ length: 10 }, (_, at) => `oval:x:tst:${at + 1}`)];

/** Where oscap departs from the specification, what we answer instead, and why. */
const deviations: Record<string, Record<string, string>> = {
  // The pattern meets PCRE's match limit in oscap; it is harmless here.
  'probes/test_recursion_limit.oval.xml': { 'oval:x:def:1': 'true', 'oval:x:tst:1': 'true' },
  // oscap's runlevel probe fails without a system; links of init scripts are read from the image here.
  'oval-unit/applicability_check.xml': { 'oval:gov.irs.rhel5:tst:4': 'true' },
  // Types of this platform that an image does not tell are unknown; oscap drops them as not applicable, or finds nothing.
  'mitre/linux-def_inetlisteningservers_test.xml': unknown('def:789', 'tst:349', 'tst:493', 'tst:520'),
  'mitre/linux-def_partition_test.xml': unknown('def:445', 'tst:1060', 'tst:1401', 'tst:1854'),
  'mitre/unix-def_xinetd_test.xml': unknown('def:963', 'tst:483', 'tst:492', 'tst:70'),
  // An external variable that nobody gives a value is an error; oscap makes an item without a value of it.
  'oval-unit/test_external_variable.oval.xml': Object.fromEntries(withoutValue.map((id) => [id, 'error'])),
  // An EVR without an epoch has epoch 0 (evr_string of the common schema); oscap orders it before 0.
  'vuln-feed/rpm-hand.xml': { 'oval:hand.rpminfo:def:7': 'true', 'oval:hand.rpminfo:tst:7': 'true' },
};

function unknown(...ids: string[]): Record<string, string> {
  return Object.fromEntries(ids.map((id) => [`oval:org.mitre.oval.test:${id}`, 'unknown']));
}

const here = hasData('openscap-tests') && isRoot();

describe.skipIf(!here)('OVAL definitions on root file systems', () => {
  const cases = here ? conformanceCases('oval-rootfs') : [];

  it.each(cases)('$id', ({ id, file, rootfs = '', variables, env, definitions = {}, tests = {} }) => {
    const document = lookupOf(readOval(readConformance(file), file));
    const container = env?.['OSCAP_CONTAINER_VARS']?.split('\n') ?? [];
    const engine = new OvalEngine({
      document,
      collect: imageCollector(systemOf(conformanceRoot(rootfs), container)),
      ...(variables ? { external: readOvalVariables(readConformance(variables), variables) } : {}),
    });

    const found = {
      definitions: Object.fromEntries(Object.keys(definitions).map((id) => [id, engine.definition(id)])),
      tests: Object.fromEntries(Object.keys(tests).map((id) => [id, engine.test(id).result])),
    };

    const expected = { definitions: { ...definitions }, tests: { ...tests } };
    for (const [key, result] of Object.entries(deviations[id] ?? {})) {
      if (key in definitions) expected.definitions[key] = result;
      else expected.tests[key] = result;
    }
    expect(found).toEqual(expected);
  });
});
