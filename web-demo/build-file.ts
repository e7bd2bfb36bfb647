import type { Plugin } from 'vite';

/** Writes the build of the page into a file next to it, so that the files alone identify it. */
export function buildFile(build: string): Plugin {
  return {
    name: 'downbeat-build-file',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'build.json', source: `${build}\n` });
    },
  };
}
