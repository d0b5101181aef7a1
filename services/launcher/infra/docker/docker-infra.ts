import type { Infra, InfraOptions } from '../infra-options.ts';
export function startDocker(_: Required<InfraOptions>): Promise<Infra> {
  return Promise.reject(new Error('todo'));
}
