/** Which build of Downbeat this is. */
export interface Build {
  version: string;
  /**
   * The commit: twelve digits, and `-dirty` if the sources had changes that are in no commit;
   * `"unknown"` if it was built outside a repository. The native server has it in `/healthz`.
   */
  commit: string;
}

/** @internal The build as the module reports it. */
export function buildOf(module: WebAssembly.Module): Build {
  const [section] = WebAssembly.Module.customSections(module, 'downbeat.build');
  if (!section) return { version: 'unknown', commit: 'unknown' };
  return JSON.parse(new TextDecoder().decode(section)) as Build;
}
