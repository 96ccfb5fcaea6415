import { beforeAll, describe, expect, it } from 'vitest';
import { project } from '../support/cli.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { type Machine, newMachine } from './support/machine.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };

/** Root keys on a medium that is not there most of the time, the others beside the nightly build. */
describe.skipIf(!(isRoot() && hasOracle('faketime')))('the keys of a publisher, over the years', () => {
  let publisher: Machine;
  let client: Machine;

  const publish = (at: string) =>
    publisher.does(`faketime '${at}' scapfeed publish --feed feed --keys keys --to public`, passphrase);
  const pull = (at: string) => client.run(`faketime '${at}' scapfeed pull --from ${publisher.home}/public`);

  beforeAll(() => {
    publisher = newMachine();
    client = newMachine({ user: 4711, network: false });
    publisher.does(
      `scapfeed build --source debian --no-ratings --unsigned-mirror --mirror ${project}/feeds/sample --snapshots snapshots --out feed`,
    );
    publisher.does(`faketime '2027-01-01' scapfeed keys make --keys keys --root-keys offline`, passphrase);
    publish('2027-01-01');
    publisher.does('chmod 755 .');
    publisher.does(`install -o 4711 -g 4711 public/metadata/1.root.json ${client.home}/root.json`);
    client.does(
      `faketime '2027-01-01' scapfeed pull --from ${publisher.home}/public --trust-root root.json --platform debian-12`,
    );
  });

  it('are for their owner alone', () => {
    const rights = publisher.does(
      "find keys offline -type d -printf '%m\\n' -o -name '????????????????*.json' -not -name '*root*' -printf '%m\\n'",
    );
    expect(new Set(rights.trim().split('\n'))).toEqual(new Set(['700', '600']));
  });

  it.each(['targets', 'snapshot', 'timestamp', 'root'])('a new %s key reaches clients by itself', (role) => {
    publisher.does(
      `faketime '2027-01-02' scapfeed keys rotate --role ${role} --keys keys --root-keys offline`,
      passphrase,
    );
    publish('2027-01-02');
    expect(pull('2027-01-02')).toMatchObject({ code: 0 });
  });

  it('without the offline root a rotation changes nothing, and works when it is there again', () => {
    publisher.does('mv offline away && find keys -type f | sort > before');
    const refused = publisher.run(
      'scapfeed keys rotate --role targets --keys keys --root-keys offline',
      passphrase,
    );
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('--root-keys');
    publisher.does('find keys -type f | sort | diff before - && mv away offline');
    publisher.does(
      `faketime '2027-01-03' scapfeed keys rotate --role targets --keys keys --root-keys offline`,
      passphrase,
    );
    const root = publisher.does("ls -v keys/*.root.json | tail -1 | xargs jq -c '.signed.roles.targets'");
    expect(JSON.parse(root).keyids).toHaveLength(1);
  });

  it('a publisher who stops signing is noticed, the feed at hand stays, and the next night heals it', () => {
    publish('2027-01-04');
    expect(pull('2027-01-04').code).toBe(0);
    const late = pull('2027-01-09');
    expect(late.code).toBe(3);
    expect(late.err).toContain('TRUST_EXPIRED');
    client.does('scapfeed feeds');
    publish('2027-01-09');
    expect(pull('2027-01-09').code).toBe(0);
  });

  it('a root past its end is called so, and a new one signed in time is followed', () => {
    const refused = pull('2029-01-01');
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/root/);
    publisher.does(
      `faketime '2027-12-01' scapfeed keys rotate --role root --keys keys --root-keys offline`,
      passphrase,
    );
    publish('2028-02-01');
    expect(pull('2028-02-01')).toMatchObject({ code: 0 });
  });
});
