import { describe, expect, it } from 'vitest';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { knownLife, lifeFromCsv } from '../../../src/distros/ubuntu/life.ts';
import { lifePhaseOn } from '../../../src/model/feed/index.ts';

const csv = `version,codename,series,created,release,eol,eol-server,eol-esm,eol-legacy
18.04 LTS,Bionic Beaver,bionic,2017-10-19,2018-04-26,2023-05-31,2023-05-31,2028-04-26,2031-04-30
24.10,Oracular Oriole,oracular,2024-04-25,2024-10-10,2025-07-10
12.04 LTS,Precise Pangolin,precise,2011-10-13,2012-04-26,2017-04-28,2017-04-28,2019-04-26
20.04 LTS,Focal Fossa,focal,2019-10-17,2020-04-23,soon
`;

describe('support phases', () => {
  it.each([
    ['ubuntu-18.04', '2023-05-31', 'standard'],
    ['ubuntu-18.04', '2023-06-01', 'pro'],
    ['ubuntu-18.04', '2028-04-27', 'legacy'],
    ['ubuntu-18.04', '2030-05-01', 'end_of_life'],
    ['ubuntu-20.04', '2026-11-24', 'pro'],
    ['ubuntu-24.10', '2025-07-11', 'end_of_life'],
  ])('%s on %s: %s', (platform, day, phase) => {
    expect(lifePhaseOn({ life: knownLife(ubuntuDefinition.releases).get(platform)! }, day)).toBe(phase);
  });

  it('move with the published list, whose gaps keep our dates', () => {
    const life = lifeFromCsv(csv, ubuntuDefinition.releases);
    expect(life.get('ubuntu-18.04')?.at(-1)).toEqual({ phase: 'legacy', until: '2031-04-30' });
    expect(life.get('ubuntu-20.04')).toEqual(knownLife(ubuntuDefinition.releases).get('ubuntu-20.04'));
    expect(life.get('ubuntu-24.10')).toEqual([{ phase: 'standard', until: '2025-07-10' }]);
    expect(life.get('ubuntu-12.04')?.at(-1)).toEqual({ phase: 'pro', until: '2019-04-26' });
  });

  it.each(['', 'a,b\n1,2', '\n\n'])('stay ours when the list is none: %j', (text) => {
    expect(lifeFromCsv(text, ubuntuDefinition.releases)).toEqual(knownLife(ubuntuDefinition.releases));
  });
});
