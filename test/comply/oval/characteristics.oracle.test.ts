import { describe, expect, it } from 'vitest';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { hasData } from '../../support/data.ts';
import { collectorOf, readSystemCharacteristics } from '../support/characteristics.ts';
import { conformanceCases, readConformance } from '../support/manifest.ts';

const here = hasData('openscap-tests');

describe.skipIf(!here)('OVAL evaluation on given system characteristics', () => {
  const cases = here ? conformanceCases('oval-syschar') : [];

  it.each(cases)('$id', ({ file, syschar = '', definitions = {}, tests = {} }) => {
    const document = lookupOf(readOval(readConformance(file), file));
    const engine = new OvalEngine({
      document,
      collect: collectorOf(readSystemCharacteristics(readConformance(syschar), syschar)),
    });

    const found = {
      definitions: Object.fromEntries(Object.keys(definitions).map((id) => [id, engine.definition(id)])),
      tests: Object.fromEntries(Object.keys(tests).map((id) => [id, engine.test(id).result])),
    };

    expect(found).toEqual({ definitions, tests });
  });
});
