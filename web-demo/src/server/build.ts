import type { Build } from 'downbeat-server';

/** The build of this page and of the engine in it. */
export const ownBuild: Build = __DOWNBEAT_BUILD__;

export interface Comparison {
  isSame: boolean | undefined; // undefined: unknown
  words: string;
}

/** Compares the builds of the server and this page, as far as both know their commit. */
export function compareBuilds(server: Build, page: Build = ownBuild): Comparison {
  if (server.version !== page.version) {
    return {
      isSame: false,
      words: `The server is Downbeat ${server.version}, this page is ${page.version}. Reload to get the server’s page.`,
    };
  }
  if (server.commit === 'unknown' || page.commit === 'unknown') {
    return {
      isSame: undefined,
      words: `Server and page are both Downbeat ${page.version}; their commits are unknown.`,
    };
  }
  if (server.commit !== page.commit) {
    return {
      isSame: false,
      words: `The server is commit ${server.commit}, this page is ${page.commit}. Reload to get the server’s page.`,
    };
  }
  const [commit, isDirty] = page.commit.split('-');
  return {
    isSame: true,
    words: `Server and page are the same build, commit ${commit}${isDirty ? ', with uncommitted changes' : ''}.`,
  };
}
