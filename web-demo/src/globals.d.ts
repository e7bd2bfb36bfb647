/** Which build the page and the engine in it are of. */
declare const __DOWNBEAT_BUILD__: import('downbeat-server').Build;
