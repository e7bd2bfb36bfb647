/** Which build of Downbeat this is. */
export interface Build {
  version: string;
  /**
   * The commit: twelve digits, and `-dirty` if the sources had changes that are in no commit;
   * `"unknown"` where there was no repository to ask. The native server says the same of itself.
   */
  commit: string;
}

/** @internal What the module says of itself. */
export function buildOf(module: WebAssembly.Module): Build {
  const [section] = WebAssembly.Module.customSections(module, 'downbeat.build');
  if (!section) return { version: 'unknown', commit: 'unknown' };
  return JSON.parse(new TextDecoder().decode(section)) as Build;
}
