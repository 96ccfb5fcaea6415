import { describe, expect, it } from 'vitest';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { Places } from '../../../src/distros/ubuntu/place.ts';

const places = new Places(ubuntuDefinition);

describe('the release key of a purl or of the tracker', () => {
  it.each([
    ['jammy', 'ubuntu-22.04', undefined],
    ['questing', 'ubuntu-25.10', undefined],
    ['mantic', 'ubuntu-23.10', undefined],
    ['precise', 'ubuntu-12.04', undefined],
    ['precise/esm', 'ubuntu-12.04', 'esm-infra'],
    ['esm-infra/focal', 'ubuntu-20.04', 'esm-infra'],
    ['esm-apps/bionic', 'ubuntu-18.04', 'esm-apps'],
    ['esm-infra-legacy/trusty', 'ubuntu-14.04', 'esm-infra-legacy'],
    ['trusty/esm', 'ubuntu-14.04', 'esm-infra'],
    ['fips/bionic', 'ubuntu-18.04', 'fips'],
    ['fips-updates/xenial', 'ubuntu-16.04', 'fips-updates'],
    ['fips-preview/jammy', 'ubuntu-22.04', 'fips-preview'],
    ['realtime/noble', 'ubuntu-24.04', 'realtime'],
    ['bluefield/jammy', 'ubuntu-22.04', 'bluefield'],
  ])('%s', (key, platform, channel) => {
    expect(places.of(key)).toMatchObject({ platform, ...(channel && { channel }) });
  });

  it.each([
    ['upstream', 'row_of_no_release'],
    ['devel', 'row_of_no_release'],
    ['product', 'row_of_no_release'],
    ['snap', 'row_of_no_release'],
    ['vivid/ubuntu-core', 'row_of_no_release'],
    ['vivid/stable-phone-overlay', 'row_of_no_release'],
    ['zealous', 'unknown_release'],
    ['esm-infra/zealous', 'unknown_release'],
    ['ros-esm/xenial', 'unknown_channel'],
    ['xenial/ros', 'unknown_channel'],
    ['__proto__', 'unknown_release'],
  ])('%s names no place: %s', (key, why) => {
    expect(places.of(key)).toBe(why);
  });
});

describe('an ecosystem without purl', () => {
  it.each([
    ['Ubuntu:22.04:LTS', undefined, undefined],
    ['Ubuntu:Pro:20.04:LTS', undefined, 'esm-infra'],
    ['Ubuntu:Pro:20.04:LTS', 'Available with Ubuntu Pro (Infra-only): https://ubuntu.com/pro', 'esm-infra'],
    ['Ubuntu:Pro:20.04:LTS', 'Available with Ubuntu Pro: https://ubuntu.com/pro', 'esm-apps'],
    [
      'Ubuntu:Pro:14.04:LTS',
      'Available with Ubuntu Pro with Legacy support add-on: https://ubuntu.com/pro',
      'esm-infra-legacy',
    ],
    ['Ubuntu:Pro:FIPS:18.04:LTS', undefined, 'fips'],
    ['Ubuntu:Pro:FIPS-updates:18.04:LTS', undefined, 'fips-updates'],
    ['Ubuntu:Pro:FIPS-preview:22.04:LTS', undefined, 'fips-preview'],
    ['Ubuntu:Pro:22.04:LTS:Realtime:Kernel', undefined, 'realtime'],
    ['Ubuntu:22.04:LTS:for:NVIDIA:BlueField', undefined, 'bluefield'],
  ])('%s, %s: channel %s', (ecosystem, availability, channel) => {
    const place = places.ofEcosystem(ecosystem, availability);
    expect(place).toMatchObject({ platform: expect.stringMatching(/^ubuntu-\d\d\.04$/) });
    expect((place as { channel?: string }).channel).toBe(channel);
  });

  it.each([
    ['Ubuntu:40.04:LTS', 'unknown_release'],
    ['Ubuntu', 'unknown_release'],
  ])('%s names no place: %s', (ecosystem, why) => {
    expect(places.ofEcosystem(ecosystem, undefined)).toBe(why);
  });
});
