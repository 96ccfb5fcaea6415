/** One line of a unit file: `[Unit] Wants=a.service`. */
export interface UnitSetting {
  section: string;
  key: string;
  value: string;
}

/** Settings of a unit file in their order (systemd.syntax(7)): a backslash joins lines, comments may stand between them. */
export function parseUnit(text: string): UnitSetting[] {
  const settings: UnitSetting[] = [];
  let section = '';
  let joined = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue;
    if (line.endsWith('\\')) {
      joined += `${line.slice(0, -1)} `;
      continue;
    }
    const whole = (joined + line).trim();
    joined = '';
    const header = /^\[(.*)\]$/.exec(whole);
    const at = whole.indexOf('=');
    if (header) section = header[1] as string;
    else if (at > 0)
      settings.push({ section, key: whole.slice(0, at).trim(), value: whole.slice(at + 1).trim() });
  }
  return settings;
}

/** Words of all values of a list setting; an empty value forgets those before it where systemd resets such a list. */
export function wordsOf(settings: readonly UnitSetting[], section: string, ...keys: string[]): string[] {
  return settings
    .filter((each) => each.section === section && keys.includes(each.key))
    .flatMap(({ value }) => value.split(/\s+/).filter((word) => word !== ''));
}
