/**
 * `name:stream` of a module in any of its encodings: the rpmmod qualifier `name:stream[:version:context]`, the old module
 * product `pkg:rpmmod/redhat/NAME@STREAM:VERSION:CONTEXT`, and the prefix `name:stream/` of a component name.
 * Modules differ by name and stream only. Undefined: malformed (`rpmmod=rhel10`, CVE-2026-7323).
 */
export function moduleOf(label: string): string | undefined {
  const [name, stream] = label.split(':');
  return name && stream ? `${name}:${stream}` : undefined;
}

/** Flatpak runtimes are published as modules of the stream `flatpak`; no image holds them as packages. */
export function isFlatpak(module: string): boolean {
  return module.endsWith(':flatpak');
}

/**
 * The vex-feed has a module's `stream-version.context` in place of an rpm version (CVE-2024-6923:
 * `python39@3.9-8040020240902080505.63cd9eba`), which cannot be compared with an installed package.
 */
export function isModuleVersion(version: string): boolean {
  return /^\d+(\.\d+)*-\d{16,}\.[0-9a-f]{8}$/.test(version);
}
