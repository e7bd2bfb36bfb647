/** The version of the engine that is built into the page. */
declare const __DOWNBEAT_VERSION__: string;
