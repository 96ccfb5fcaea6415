import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { linesBelow } from './files.ts';

/** Installs two gems, then lists the folders of specifications, and what is in them. */
const script = String.raw`
require 'rubygems/package'
require 'rubygems/installer'
[%w[made_up-1 1.2.3 ruby], %w[Made.Up 2.0.0.rc1 java]].each do |name, version, platform|
  spec = Gem::Specification.new do |s|
    s.name, s.version, s.platform, s.summary = name, version, platform, "x\n  s.name = 'b'"
    s.author, s.files = 'A', []
  end
  file = Gem::DefaultUserInteraction.use_ui(Gem::SilentUI.new) { Gem::Package.build(spec, true) }
  Gem::Installer.at(file, force: true, install_dir: Gem.dir).install
end
Gem::Specification.reset
puts Gem::Specification.dirs
Gem::Specification.each { |spec| puts "#{spec.loaded_from} #{spec.name} #{spec.version}" }
`;

describe.skipIf(!hasOracle('ruby'))('RubyGems', () => {
  it('lists the gems that it installed here, those of this machine, and those that come with Ruby', () => {
    const home = temporaryFolder();
    const env = { ...process.env, GEM_HOME: home };
    const lines = execFileSync('ruby', ['-e', script], { cwd: home, env, encoding: 'utf8' })
      .trim()
      .split('\n');
    const folders = lines.filter((line) => !line.includes(' ') && existsSync(line));
    const listed = lines.filter((line) => line.includes(' '));
    const found = folders.flatMap((folder) =>
      linesBelow(folder).map(({ path, line }) => `${folder}${path} ${line}`),
    );

    expect(found).toContain(
      `${join(home, 'specifications')}/Made.Up-2.0.0.rc1-java.gemspec Made.Up 2.0.0.rc1`,
    );
    expect(found).toContain(`${join(home, 'specifications')}/made_up-1-1.2.3.gemspec made_up-1 1.2.3`);
    expect(found.filter((line) => line.includes('/default/')).length).toBeGreaterThan(10);
    expect(found.sort()).toEqual(listed.sort());
  });
});
