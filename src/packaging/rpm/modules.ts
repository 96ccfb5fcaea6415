import { readText, unique } from '../../files/text.ts';
import type { FileView } from '../../model/inventory/index.ts';

export const modulesFolder = '/etc/dnf/modules.d';

/** `name:stream` of the modules that dnf has enabled. dnf has one ini file per module: `[nodejs]`, `stream=18`, `state=enabled`. */
export function readEnabledModules(files: FileView): string[] {
  return unique(
    files
      .list(modulesFolder)
      .filter((name) => name.endsWith('.module'))
      .flatMap((name) => enabledModulesOf(readText(files, `${modulesFolder}/${name}`) ?? '')),
  );
}

function enabledModulesOf(text: string): string[] {
  return text.split(/^\[/m).flatMap((section) => {
    const name = /^([^\]\n]+)\]/.exec(section)?.[1];
    const stream = /^stream\s*=\s*"?([^"\s]+)"?/m.exec(section)?.[1];
    const enabled = /^state\s*=\s*(enabled|installed)\s*$/m.test(section);
    return name && stream && enabled ? [`${name}:${stream}`] : [];
  });
}
