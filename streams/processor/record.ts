/** Kafka headers; several values under one name become an array, as in kafkajs. */
export type Headers = Readonly<Record<string, Buffer | string | readonly (Buffer | string)[]>>;

export const NO_HEADERS: Headers = Object.freeze({});
