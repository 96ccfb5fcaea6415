import { describe, expect, it } from 'vitest';
import { OvalEngine } from '../../src/comply/engine.ts';
import { imageCollector } from '../../src/comply/probes/index.ts';
import { readOval, readOvalVariables } from '../../src/scap/oval-read.ts';
import { hasData } from '../support/data.ts';
import { isRoot } from '../support/oracles.ts';
import { conformanceCases, readConformance } from './support/manifest.ts';
import { conformanceRoot, systemOf } from './support/roots.ts';

const here = hasData('openscap-tests') && isRoot();

describe.skipIf(!here)('OVAL definitions on root file systems', () => {
  const cases = here ? conformanceCases('oval-rootfs') : [];

  it.each(cases)('$id', ({ file, rootfs = '', variables, env, definitions = {}, tests = {} }) => {
    const document = readOval(readConformance(file), file);
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

    expect(found).toEqual({ definitions, tests });
  });
});
