import type { Plugin } from 'vite';

/** Writes which build the page is of beside it, for whoever has only the files. */
export function buildFile(build: string): Plugin {
  return {
    name: 'downbeat-build-file',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'build.json', source: `${build}\n` });
    },
  };
}
