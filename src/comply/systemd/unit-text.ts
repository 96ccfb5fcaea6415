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

/** Words of all values of list settings. In [Install] an empty value forgets those before it; dependencies only grow. */
export function wordsOf(settings: readonly UnitSetting[], section: string, ...keys: string[]): string[] {
  return keys.flatMap((wanted) => {
    const values = settings.filter((each) => each.section === section && each.key === wanted);
    const reset = section === 'Install' ? values.findLastIndex(({ value }) => value === '') : -1;
    return values.slice(reset + 1).flatMap(({ value }) => value.split(/\s+/).filter((word) => word !== ''));
  });
}
