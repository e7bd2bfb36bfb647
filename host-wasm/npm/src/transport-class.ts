/**
 * What the client's option `transports` takes. The client's own types ask for a subclass of a class
 * of its own, which this is not.
 */
export type TransportClass = new (options: any) => any;
