/** The module, as base64 of its gzip: packaging writes it. */
export declare const embeddedWasm: string;
