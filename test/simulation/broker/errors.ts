import { KafkaError } from '#streams/runtime/kafka/kafka';

/** An answer with an error code, under the name that the client library gives it. */
export function refusal(type: string, what = ''): KafkaError {
  return new KafkaError(type, what === '' ? type : `${type}: ${what}`);
}

export function noAnswer(what: string): KafkaError {
  return new KafkaError('NETWORK', `no answer: ${what}`);
}
