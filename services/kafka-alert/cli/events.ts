import { fromJson, type AvroTopic } from '#schemas';

/** A record of an input topic, as a line of a replay file gives it. */
export interface InputEvent<V = unknown> {
  readonly topic: AvroTopic<V>;
  readonly value: V;
}

/**
 * Reads `{"topic": …, "key": …, "value": {…}}`.
 *
 * @param topics those that a line may name
 * @throws in words what is wrong, naming the field
 */
export function parseEvent(text: string, topics: readonly AvroTopic<unknown>[]): InputEvent {
  const json = parseJson(text);
  const name = stringField(json, 'topic');
  const topic = topics.find((each) => each.name === name);
  if (topic === undefined) {
    const known = topics.map((each) => `"${each.name}"`).join(' or ');
    throw new Error(`unknown topic ${show(name)}, expected ${known}`);
  }
  const key = stringField(json, 'key');
  if (!Object.hasOwn(json, 'value')) throw new Error('value: is missing');
  const value = valueOf(topic, json.value);
  if (key !== topic.keyOf(value)) {
    throw new Error(`key: is ${show(key)}, but the value's orderNo is ${show(topic.keyOf(value))}`);
  }
  return { topic, value };
}

function parseJson(text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Error('is no object with topic, key and value');
  }
  return json as Record<string, unknown>;
}

function stringField(json: Record<string, unknown>, name: string): string {
  const value = Object.hasOwn(json, name) ? json[name] : undefined;
  if (value === undefined || value === null) throw new Error(`${name}: is missing`);
  if (typeof value !== 'string') throw new Error(`${name}: must be a string, got ${show(value)}`);
  return value;
}

function valueOf(topic: AvroTopic<unknown>, json: unknown): unknown {
  try {
    return fromJson(topic, json);
  } catch (error) {
    throw new Error(`value.${(error as Error).message}`, { cause: error });
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
