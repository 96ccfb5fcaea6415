import { describe, expect, it } from 'vitest';
import { readPackageFile } from '../../../src/ecosystems/installed/forms.ts';
import { linesAt } from './files.ts';

const written = `# -*- encoding: utf-8 -*-
# stub: rexml 3.2.6 ruby lib

Gem::Specification.new do |s|
  s.name = "rexml".freeze
  s.version = "3.2.6".freeze

  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.rubygems_version = "3.4.10".freeze
  s.description = "s.name = \\"other\\"\\n  s.version = \\"9\\"\\n".freeze
end
`;

describe('where gems are installed', () => {
  it.each([
    '/usr/local/bundle/specifications/rexml-3.2.6.gemspec',
    '/usr/lib/ruby/gems/3.3.0/specifications/rexml-3.2.6.gemspec',
    '/usr/local/lib/ruby/gems/3.3.0/specifications/default/rexml-3.2.6.gemspec',
    '/usr/share/rubygems-integration/all/specifications/rexml-3.2.6.gemspec',
    '/test/vendor/bundle/ruby/3.3.0/specifications/rexml-3.2.6.gemspec',
  ])('%s', (path) => {
    expect(linesAt(path, written)).toEqual(['rexml 3.2.6']);
  });

  it.each([
    ['a gem in development', '/app/rexml.gemspec'],
    ['what a gem brings', '/usr/local/bundle/gems/rexml-3.2.6/rexml.gemspec'],
    ['a gem of a git repository', '/usr/local/bundle/bundler/gems/rexml-1a2b3c/rexml.gemspec'],
    ['a test of a gem', '/usr/local/bundle/gems/a-1/test/home/specifications/rexml-3.2.6.gemspec'],
    ['an index', '/usr/local/bundle/specifications/cache/quick/rexml-3.2.6.gemspec'],
    ['an archive', '/usr/local/bundle/cache/rexml-3.2.6.gem'],
  ])('not %s', (_, path) => {
    expect(linesAt(path, written)).toBeUndefined();
  });

  it('not in lock files (trivy#756)', () => {
    expect(readPackageFile('/app/Gemfile.lock', 1)).toBeUndefined();
  });
});

describe('what a specification states', () => {
  const at = (text: string) => linesAt('/g/specifications/x.gemspec', text);
  const block = (...lines: string[]) =>
    ['Gem::Specification.new do |spec|', ...lines.map((line) => `  ${line}`), 'end', ''].join('\n');

  it.each([
    ['without .freeze', `spec.name = "a"`, `spec.version = "1.0.pre"`],
    ['in other quotes', `spec.name = 'a'`, `spec.version = %q{1.0.pre}`],
    ['as older installers write', `spec.name = %q<a>`, `spec.version=%q(1.0.pre)`],
    ['with a platform, which is no part of the version', block(), '', '# stub: a 1.0.pre java lib'],
    ['before others', 'spec.name = "a"', 'spec.version = "1.0.pre"', 'spec.name = "b"', 'spec.version = "2"'],
  ])('%s', (_, ...lines) => {
    expect(at(block(...lines).replace(/^ +# stub/m, '# stub'))).toEqual(['a 1.0.pre']);
  });

  it('is the code rather than the comment', () => {
    expect(at(`# stub: b 2 ruby lib\n${block('spec.name = "a"', 'spec.version = "1"')}`)).toEqual(['a 1']);
  });

  it('is the comment where the code cannot be read', () => {
    const text = `# -*- encoding: utf-8 -*-\n# stub: a 1.0 ruby lib\n# stub: ext/a b c/extconf.rb\n${block('spec.name =')}`;
    expect(at(text)).toEqual(['a 1.0']);
  });

  it.each([
    ['an empty file', '', 'no name and no version'],
    ['another variable', block('s.name = "a"', 's.version = "1"'), 'no name and no version'],
    ['no version', block('spec.name = "a"'), 'no version'],
    ['a version that is code', block('spec.name = "a"', 'spec.version = A::VERSION'), 'no version'],
    ['text that is made when it is loaded', block('spec.name = "a\\x41"', 'spec.version = "1"'), 'no name'],
    ['a NUL', block('spec.name = "a\0"', 'spec.version = "1"'), 'no name'],
    ['a line of 10 MB', `${' '.repeat(5 << 20)}${'s'.repeat(5 << 20)}`, 'no name and no version'],
  ])('%s is unread', (_, text, detail) => {
    expect(at(text)).toEqual([`unread: ${detail}`]);
  });
});
